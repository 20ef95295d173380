// The exported report: its parts, and what a reader finds in a browser, with scripts and without, light and dark.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { tableHtml, tableText } from "../../lib/evaluation/table";
import { trainingCurves } from "../../lib/figures/training-curves";
import { figureOutput } from "../../lib/notebook/display";
import { browserFlags, findChromium } from "../chromium";

const root = path.resolve(__dirname, "../..");
const executablePath = findChromium();
const withBrowser = { skip: executablePath ? false : "no browser: install chromium, or name one in CHROMIUM" };

const prose = `# Removing *noise*

One sentence says what was done.

More follows.

## The loss

Of the noise $\\sigma^2$ in [the U-Net](unet.ipynb#Training), [below](#Results), in [*all* results](../docs/results.md#recipes),
[docs/a b.md](../docs/a%20b.md) and [a paper](https://arxiv.org/abs/1505.04597):

$$\\ln\\left(\\frac{1}{N} \\sum_{i=1}^{N} (x_i - y_i)^2\\right) + 1 - \\mathrm{SSIM}$$

| noise | PSNR |
| :--- | ---: |
| 0.5 | 9.3 |`;

const columns = ["method", ...Array.from({ length: 5 }, (_, i) => `PSNR ${i}, dB`)];
const table = { columns, rows: [["mean 3x3", ...columns.slice(1).map(() => "15.39 (15.3 to 15.5)")]] };
const epoch = { epoch: 1, loss: 0.02, valLoss: 0.03, learningRate: 0.001, seconds: 6 };
const figure = figureOutput(trainingCurves([epoch, { ...epoch, epoch: 2 }], "Loss of the U-Net"));
const code = (id: string, source: string, tags: string[], ...outputs: object[]) => ({
  cell_type: "code",
  id,
  metadata: { tags },
  execution_count: 1,
  source,
  outputs: outputs.map((data) => ({ output_type: "display_data", metadata: {}, data })),
});
const notebook = {
  metadata: {
    kernelspec: { name: "image-denoiser", language: "typescript", display_name: "TypeScript" },
    language_info: { name: "typescript" },
  },
  nbformat: 4,
  nbformat_minor: 5,
  cells: [
    { cell_type: "markdown", id: "prose", metadata: {}, source: prose },
    code("sigma", 'let sigma = 0.5; // of the noise\nconst name = "U-Net";\nclass A { f(): number { return 1; } }', ["parameters"]), // biome-ignore format: short
    { cell_type: "markdown", id: "results", metadata: {}, source: "## Results\n\nThe scores and the training." },
    code("table", "showTable(table);", ["summary-table"], { "text/html": tableHtml(table), "text/plain": tableText(table) }), // biome-ignore format: short
    code("figure", "showFigure(figure);", ["summary-picture"], figure),
  ],
};

let folder: string;
let report: string;
let html: string;
let browser: Browser;

before(async () => {
  fs.mkdirSync(path.join(root, "test", "artefacts"), { recursive: true });
  folder = fs.mkdtempSync(path.join(root, "test", "artefacts", "report-"));
  const file = path.join(folder, "report.ipynb");
  fs.writeFileSync(file, JSON.stringify(notebook));
  const python = path.join(root, ".setup", "python", "bin", "python");
  const { status, stderr } = spawnSync(python, ["-m", "nbconvert", "--to", "html", file], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  report = file.replace(/ipynb$/, "html");
  html = fs.readFileSync(report, "utf8");
  if (executablePath) browser = await chromium.launch({ executablePath, args: browserFlags });
});
after(async () => {
  await browser?.close();
  fs.rmSync(folder, { recursive: true });
});

async function withPage(options: BrowserContextOptions, use: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ offline: true, ...options });
  try {
    const page = await context.newPage();
    await page.goto(`file://${encodeURI(report)}`);
    if (options.javaScriptEnabled !== false) await page.locator("figure.drawn .main-svg").first().waitFor();
    await use(page);
  } finally {
    await context.close();
  }
}

test("the report begins with title, sentence, result table and picture; then comes the article", () => {
  assert.match(html, /<title>Removing noise<\/title>/);
  const parts = ['<h1 id="Removing-noise"', "One sentence says", "mean 3x3", "<img alt=", "</header>", "More follows."];
  const places = parts.map((part) => html.indexOf(part));
  assert.ok(!places.includes(-1), `${places}`);
  assert.deepEqual(
    places,
    [...places].sort((a, b) => a - b),
  );
  assert.ok(html.length < 6e6, "Plotly is 5 MB, and there once");
});

test("formulas are MathML; a link to a notebook leads to its report", () => {
  assert.match(html, /<math [^>]*display="inline"[^>]*><mrow><msup><mi>σ<\/mi><mn>2<\/mn><\/msup>/);
  assert.match(html, /<math [^>]*display="block"[^>]*>.*<mfrac>/);
  assert.match(html, /<a href="unet.html#Training">the U-Net<\/a>/);
  assert.doesNotMatch(html.slice(html.indexOf("<main"), html.indexOf("</main>")), /\$/);
});

test("a link to a file of the project is text that names the file: the report may be anywhere", () => {
  assert.ok(html.includes("in <em>all</em> results (<code>docs/results.md</code>),\n<code>docs/a b.md</code> and"));
  for (const link of ['<a href="#Results">below</a>', '<a href="https://arxiv.org/abs/1505.04597">a paper</a>'])
    assert.ok(html.includes(link), link);
  assert.doesNotMatch(html, /href="\.\./);
});

test("axe finds nothing to object to, light and dark, with code shown, wide and narrow", withBrowser, async () => {
  const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
  for (const [colorScheme, width] of [["light", 1440], ["dark", 390]] as const) // biome-ignore format: short
    await withPage({ colorScheme, viewport: { width, height: 900 } }, async (page) => {
      await page.getByRole("button", { name: "Show all code" }).press("Enter");
      await page.evaluate(axe);
      const { violations } = (await page.evaluate("axe.run()")) as { violations: { id: string; nodes: object[] }[] };
      assert.deepEqual(
        violations.map(({ id, nodes }) => `${colorScheme}: ${id} ${JSON.stringify(nodes[0]).slice(0, 400)}`),
        [],
      );
    });
});

test("the page never scrolls sideways; wide tables do so within themselves, with the keyboard too", withBrowser, () =>
  withPage({ viewport: { width: 390, height: 844 } }, async (page) => {
    assert.equal(await page.evaluate("document.documentElement.scrollWidth"), 390);
    const box = page.locator("main [tabindex='0']", { has: page.locator("table") }).first();
    assert.ok(await box.evaluate((element) => element.scrollWidth > element.clientWidth));
  }),
);

test(
  "on a phone, the table, without intervals, and the beginning of the picture are on the first screen",
  withBrowser,
  () =>
    withPage({ viewport: { width: 390, height: 844 } }, async (page) => {
      const summary = page.locator("header .summary");
      const box = await summary.last().boundingBox();
      assert.ok(box && box.y < 700, `the picture begins at ${box?.y}`);
      const shown = (text: string) => summary.first().getByText(text).first().isVisible();
      assert.deepEqual([await shown("15.39"), await shown("(15.3 to 15.5)")], [true, false]);
    }),
);

test("one button opens all code; the contents follow the reading; the page turns dark and stays so", withBrowser, () =>
  withPage({ colorScheme: "light", viewport: { width: 1440, height: 500 } }, async (page) => {
    await page.getByRole("button", { name: "Show all code" }).click();
    assert.equal(await page.locator("details.code[open]").count(), 3);
    await page.getByRole("link", { name: "Results", exact: true }).click();
    await page.locator("nav a[aria-current]", { hasText: "Results" }).waitFor();
    const background = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
    const light = await background();
    await page.getByRole("button", { name: "Dark page" }).click();
    assert.notEqual(await background(), light);
    await page.reload();
    assert.notEqual(await background(), light);
  }),
);

test("without scripts figures are pictures, code opens cell by cell, and there is no button", withBrowser, () =>
  withPage({ javaScriptEnabled: false }, async (page) => {
    assert.ok(await page.locator("figure .still img").isVisible());
    assert.equal(await page.locator("figure .plot").isVisible(), false);
    assert.equal(await page.getByRole("button").filter({ visible: true }).count(), 0);
    await page.locator("details.code summary").first().click();
    assert.ok(await page.locator(".highlight").first().isVisible());
  }),
);

test("on paper, figures are the static ones on white, and nothing is wider than the page", withBrowser, () =>
  withPage({ colorScheme: "dark", viewport: { width: 680, height: 900 } }, async (page) => {
    await page.emulateMedia({ media: "print" });
    assert.ok(await page.locator("figure .still img").isVisible());
    assert.equal(await page.locator("figure .plot").isVisible(), false);
    assert.equal(await page.evaluate("getComputedStyle(document.body).backgroundColor"), "rgb(255, 255, 255)");
    const right = "Math.max(...[...document.querySelectorAll('main *')].map((e) => e.getBoundingClientRect().right))";
    assert.ok(Number(await page.evaluate(right)) <= 681);
  }),
);
