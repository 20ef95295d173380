// Notebooks in a real JupyterLab and a headless browser. Screenshots are kept in test/artefacts/jupyterlab.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { type Browser, chromium, type Page } from "playwright-core";
import { staticImage } from "../../lib/figures/static-svg";
import { trainingCurves } from "../../lib/figures/training-curves";
import { browserFlags, findChromium } from "../chromium";
import { choose, idle, type JupyterLab, openNotebook, startJupyterLab, writeNotebook } from "../jupyterlab";

const root = path.resolve(__dirname, "../..");
const folder = path.join(root, "test", "artefacts", "jupyterlab");
const executablePath = findChromium();
const withBrowser = {
  skip: executablePath ? false : "no browser: install chromium (`sudo apt install chromium`), or name one in CHROMIUM",
};

let lab: JupyterLab;
let browser: Browser;
before(async () => {
  if (!executablePath) return;
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  lab = await startJupyterLab();
  browser = await chromium.launch({ executablePath, args: browserFlags });
});
after(async () => {
  await browser?.close();
  await lab?.stop();
});

/** Writes a notebook whose cells hold these sources. */
function notebookOf(name: string, ...sources: string[]): string {
  const file = path.join(folder, name);
  writeNotebook(file, sources);
  return file;
}

/** Opens a notebook in a page of its own, and waits for its kernel. */
async function open(file: string, { theme }: { theme: "Light" | "Dark" } = { theme: "Light" }): Promise<Page> {
  const page = await openNotebook(browser, lab, file);
  await choose(page, "Settings", "Theme", `JupyterLab ${theme}`);
  await page.locator(`body[data-jp-theme-name="JupyterLab ${theme}"]`).waitFor({ state: "attached" });
  await idle(page);
  return page;
}

const cell = (page: Page, number: number) => page.locator(".jp-Notebook .jp-Cell").nth(number - 1);
const output = (page: Page, number: number) => cell(page, number).locator(".jp-Cell-outputArea");
const picture = (page: Page, name: string) => page.screenshot({ path: path.join(folder, `${name}.png`) });

const training = [
  `import { fit, gaussian, loadMnist, sliceImages, tf, unet } from "../../../lib";
import { liveTraining } from "../../../lib/notebook";
const mnist = loadMnist({ dataset: "quick" });
const pairs = (images: typeof mnist.train, n: number) => {
  const clean = sliceImages(images, 0, n);
  return { clean, noisy: gaussian(clean, { sigma: 0.5, seed: 1 }) };
};
const model = unet({ filters: 4 });
model.compile({ optimizer: tf.train.adam(0.003), loss: "meanSquaredError" });`,
  `const history = await fit(model, pairs(mnist.train, 1600), {
  epochs: 60,
  batchSize: 32,
  validation: pairs(mnist.validation, 100),
  callbacks: [liveTraining("Loss of a small U-Net")],
});`,
  'console.log("went on with", history.epochs.length, "epochs:", history.stopped);',
];

for (const theme of ["Light", "Dark"] as const)
  test(`training is shown in place, and stopped; later cells run (${theme})`, withBrowser, async () => {
    const file = notebookOf(`live-${theme}.ipynb`, ...training);
    const page = await open(file, { theme });
    await choose(page, "Run", "Run All Cells");
    const live = output(page, 2);
    await live.locator("img").waitFor();
    await picture(page, `live-${theme}-1-begins`);
    // Looks at the output in every frame that the browser draws.
    await live.evaluate((area) => {
      const seen = { heights: [] as number[], outputs: new Set<number>(), values: new Set<number>() };
      const { requestAnimationFrame } = globalThis as unknown as { requestAnimationFrame(look: () => void): void };
      Object.assign(globalThis, { seen });
      const look = () => {
        seen.heights.push(area.getBoundingClientRect().height);
        seen.outputs.add(area.querySelectorAll(".jp-OutputArea-child").length);
        seen.values.add(area.querySelector("progress")?.value ?? -1);
        if (area.querySelector("progress")) requestAnimationFrame(look);
      };
      look();
    });
    await live.getByText(/validation loss/).waitFor();
    await live.getByText(/epoch (1[2-9]|2\d) of 60/).waitFor();
    await picture(page, `live-${theme}-2-trains`);
    await page.getByTitle(/^Interrupt the kernel/).click();
    await live.getByText(/Stopped: the Stop button was pressed\. The model has the weights of that epoch\./).waitFor();
    await output(page, 3)
      .getByText(/went on with \d+ epochs: the Stop button was pressed/)
      .waitFor();
    await live.locator(".js-plotly-plot .main-svg").first().waitFor();
    await picture(page, `live-${theme}-3-ends`);
    const seen = await page.evaluate(() => {
      const { heights, outputs, values } = (
        globalThis as unknown as { seen: { heights: number[]; outputs: Set<number>; values: Set<number> } }
      ).seen;
      return { heights: heights.slice(0, -2), outputs: [...outputs], values: [...values].filter((value) => value > 0) };
    });
    assert.deepEqual(seen.outputs, [2], "a bar and a curve, redrawn in place");
    assert.ok(Math.max(...seen.heights) - Math.min(...seen.heights) <= 2, `it jumps: ${[...new Set(seen.heights)]}`);
    assert.ok(seen.values.length >= 8, `the bar moves: ${seen.values}`);
    assert.deepEqual(
      seen.values,
      [...seen.values].sort((a, b) => a - b),
    );

    await page.keyboard.press("Control+s");
    await page.locator(".jp-NotebookPanel .jp-mod-dirty, .lm-TabBar-tab.jp-mod-dirty").waitFor({ state: "detached" });
    const [bar, curve] = await savedOutputs(file, 2);
    assert.deepEqual(Object.keys(bar.data).sort(), ["text/html", "text/plain"]);
    assert.deepEqual(Object.keys(curve.data).sort(), ["application/vnd.plotly.v1+json", "text/html", "text/plain"]);
    assert.ok(fs.statSync(file).size < 100_000, `${fs.statSync(file).size} bytes`);
    await page.close();
  });

test(
  "after the page was reloaded, showTraining() shows the training as it goes on, and as it ends",
  withBrowser,
  async () => {
    const page = await open(notebookOf("reload.ipynb", ...training, ""));
    await choose(page, "Run", "Run All Cells");
    await output(page, 2)
      .getByText(/epoch 1 of 60/)
      .waitFor();
    await page.keyboard.press("Control+s");
    await page.locator(".jp-NotebookPanel .jp-mod-dirty, .lm-TabBar-tab.jp-mod-dirty").waitFor({ state: "detached" });
    await page.reload();
    await cell(page, 4).locator(".cm-content").click();
    await page.keyboard.type("showTraining()");
    await page.keyboard.press("Control+Enter");
    const live = output(page, 4);
    await live.locator("progress").waitFor();
    await live.locator("img").waitFor();
    const progress = () => live.locator("progress").evaluate((bar) => (bar as unknown as { value: number }).value);
    const first = await progress();
    while ((await progress()) === first) await page.waitForTimeout(200);
    await picture(page, "reload-1-trains");
    await page.getByTitle(/^Interrupt the kernel/).click();
    await live.getByText(/Stopped: the Stop button was pressed\./).waitFor();
    await picture(page, "reload-2-ends");
    await page.close();
  },
);

test("Run All jumps to the last cell, and a link to a heading leads back", withBrowser, async () => {
  const file = notebookOf("jump.ipynb", ...Array.from({ length: 20 }, (_, i) => `${i};\n${"\n".repeat(9)}1;`));
  const notebook = JSON.parse(fs.readFileSync(file, "utf8"));
  const markdown = (id: string, source: string) => ({ cell_type: "markdown", id, metadata: {}, source });
  notebook.cells.splice(3, 0, markdown("heading", "## Training"));
  notebook.cells.splice(-1, 0, markdown("link", "watch the [training](#Training)"));
  fs.writeFileSync(file, JSON.stringify(notebook));
  const page = await open(file);
  await choose(page, "Run", "Run All Cells");
  const inView = (text: string) => page.locator(".jp-RenderedMarkdown", { hasText: text }).first();
  const link = inView("watch the").locator("a", { hasText: "training" });
  const onScreen = (element: typeof link) =>
    element.evaluate((node) => {
      const { top, bottom } = node.getBoundingClientRect();
      return bottom > 0 && top < (globalThis as unknown as { innerHeight: number }).innerHeight;
    });
  const until = async (element: typeof link) => {
    while (!(await onScreen(element))) await page.waitForTimeout(200);
  };
  await until(link);
  assert.equal(await onScreen(inView("Training¶")), false);
  await link.click();
  await until(inView("Training¶"));
  await page.close();
});

for (const theme of ["Light", "Dark"] as const)
  test(`values of last expressions are shown as pictures, tables and text (${theme})`, withBrowser, async () => {
    const file = notebookOf(
      `values-${theme}.ipynb`,
      `import { dataTable, loadMnist, simpleAutoencoder, tf, trainingCurves } from "../../../lib";
const mnist = loadMnist({ dataset: "quick" });
"<b>text</b>"`,
      "tf.range(0, 1000).reshape([20, 50])",
      "mnist.test",
      `const epoch = { epoch: 1, loss: 0.1, valLoss: 0.2, learningRate: 0.001, seconds: 1 };
trainingCurves([epoch, { ...epoch, epoch: 2, loss: 0.05, valLoss: 0.08 }], "Loss")`,
      "dataTable(mnist)",
      "simpleAutoencoder()",
    );
    const page = await open(file, { theme });
    await page.setViewportSize({ width: 1280, height: 2000 });
    await choose(page, "Run", "Run All Cells");
    await output(page, 6).locator("th", { hasText: "total" }).waitFor();
    await output(page, 4).locator(".js-plotly-plot .main-svg").first().waitFor();
    await idle(page);
    assert.match(await output(page, 1).innerText(), /^\[1\]:\s+'<b>text<\/b>'$/);
    assert.match(await output(page, 2).innerText(), /^\[2\]:\s+Tensor float32 \[20, 50\]\n\[\[ {2}0, /);
    const tops = await output(page, 3)
      .locator("img")
      .evaluateAll((images) => images.map((image) => Math.round(image.getBoundingClientRect().top)));
    assert.deepEqual([tops.length, new Set(tops).size], [10, 1], "ten digits in one line");
    assert.match(await output(page, 3).innerText(), /10,000 images of 28 x 28 pixels.*\n\s*7\s+2\s+1\s+0\s+4/);
    await picture(page, `values-${theme}`);
    await page.close();
  });

/** Waits until the notebook file has outputs in that cell. */
async function savedOutputs(file: string, number: number): Promise<{ data: Record<string, unknown> }[]> {
  for (let tries = 0; tries < 50; tries++) {
    const { outputs } = JSON.parse(fs.readFileSync(file, "utf8")).cells[number - 1];
    if (outputs.length > 0) return outputs;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${file} was not saved`);
}

test("where neither scripts nor Plotly run, a static SVG with an alternative text is shown", withBrowser, async () => {
  const epoch = { epoch: 1, loss: 0.02, valLoss: 0.03, learningRate: 0.001, seconds: 1 };
  const figure = trainingCurves([epoch, { ...epoch, epoch: 2, loss: 0.01 }], "Loss of a model");
  const file = notebookOf("untrusted.ipynb", "// made elsewhere, so not trusted");
  const notebook = JSON.parse(fs.readFileSync(file, "utf8"));
  const data = { "text/html": staticImage(figure), "text/plain": figure.alt };
  notebook.cells[0].outputs = [{ output_type: "display_data", data, metadata: {} }];
  fs.writeFileSync(file, JSON.stringify(notebook));
  for (const theme of ["Light", "Dark"] as const) {
    const page = await open(file, { theme });
    const image = output(page, 1).locator("img");
    await image.waitFor();
    assert.equal(await image.getAttribute("alt"), figure.alt);
    assert.match(figure.alt, /training loss from 0\.02\d* to 0\.01\d* .* in 2 epochs/);
    assert.ok(await image.evaluate((element) => (element as unknown as { naturalWidth: number }).naturalWidth > 0));
    await picture(page, `untrusted-${theme}`);
    await page.close();
  }
});

test(
  "an error shows its message and its line, Run All stops there, and nbconvert ends non-zero",
  withBrowser,
  async () => {
    const file = notebookOf(
      "errors.ipynb",
      'import { gaussian } from "../../../lib";\nconst images = { data: new Float32Array(784), shape: [1, 28, 28, 1] as const };',
      "// more noise than nothing\ngaussian(images, { sigma: -1, seed: 1 });",
      'console.log("never");',
    );
    const page = await open(file);
    await choose(page, "Run", "Run All Cells");
    const shown = output(page, 2);
    await shown.getByText("RangeError: sigma must be a number of at least 0, not -1").waitFor();
    const text = await shown.innerText();
    assert.match(text, /at gaussian \(lib\/noise\/gaussian\.ts:\d+:\d+\)/);
    assert.match(text, /at cell \[2\], line 2: gaussian\(images, \{ sigma: -1, seed: 1 \}\);/);
    assert.equal(text.trim().split("\n").length, 4, text);
    await idle(page);
    assert.equal(await output(page, 3).innerText(), "");
    await picture(page, "error");
    await page.close();

    const python = path.join(root, ".setup", "python", "bin", "python");
    const args = ["-m", "nbconvert", "--execute", "--to", "notebook", "--output", "executed.ipynb", file];
    const { status, stderr } = spawnSync(python, args, { encoding: "utf8" });
    assert.equal(status, 1);
    assert.match(
      stderr,
      /gaussian\(images, \{ sigma: -1, seed: 1 \}\);\n-+\n[\s\S]*sigma must be a number of at least 0, not -1/,
    );
  },
);

test("Tab completes names of lib/, Shift+Tab shows types and documentation", withBrowser, async () => {
  const file = notebookOf("completion.ipynb", 'import * as denoiser from "../../../lib";', "");
  const page = await open(file);
  await choose(page, "Run", "Run All Cells");
  await cell(page, 1).locator(".jp-InputPrompt", { hasText: "[1]" }).waitFor();
  await cell(page, 2).locator(".cm-content").click();
  await page.keyboard.type("denoiser.gau");
  const completer = page.locator(".jp-Completer", { hasText: "gaussianFilter" });
  // JupyterLab waits a second for names, and this folder's compiler may still read types: then one presses Tab again
  for (let pressed = 0; pressed < 20 && !(await completer.isVisible()); pressed++) {
    await page.keyboard.press("Tab");
    await completer.waitFor({ timeout: 6000 }).catch(() => {});
  }
  await completer.waitFor();
  await picture(page, "completion");
  await page.keyboard.press("Escape");
  await page.keyboard.type("ssian");
  await page.keyboard.press("Shift+Tab");
  const help = page.locator(".jp-Tooltip");
  await help.waitFor();
  await picture(page, "hover");
  const text = await help.innerText();
  assert.match(text, /gaussian\(clean: .*Images, .*GaussianOptions\)/);
  assert.match(text, /Adds white Gaussian noise and clips/);
  await page.close();
});
