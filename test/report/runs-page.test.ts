// The page of all runs, as text and in a browser without a network.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { runsPage } from "../../lib/report/runs-page";
import { browserFlags, findChromium } from "../chromium";
import { madeUpRuns } from "./made-up-runs";

const root = path.resolve(__dirname, "../..");
const runs = madeUpRuns();
const html = runsPage(runs, { plotly: "", sortable: "" });
const tables = html.match(/<table.*?<\/table>/gs) ?? [];
const headings = (table: string) => Array.from(table.matchAll(/<th scope="col"[^>]*>(.*?)<\/th>/g), ([, name]) => name);
const names = (table: string) => Array.from(table.matchAll(/<th scope="row"[^>]*>(.*?)<\/th>/g), ([, name]) => name);

test("runs on different noisy images have tables of their own, with the best first", () => {
  assert.deepEqual(
    Array.from(html.matchAll(/<h2>(.*?)<\/h2>/g), ([, text]) => text),
    ["10,000 test digits, sigma 0.3, seed 42", "10,000 test digits, sigma 0.5, seed 42", "Unfinished runs"],
  );
  assert.deepEqual(tables.map(names), [
    ["2026-11-27T22-04-05 unet sigma=0.3"],
    ["2026-11-27T22-03-05 unet filters=32", "2026-11-27T22-02-05 unet", "2026-11-27T22-01-05 simple-autoencoder"],
  ]);
});

test("a table tells the parameters in which runs of a notebook differ, and links to the reports", () => {
  assert.deepEqual(
    tables.map((table) => headings(table).slice(0, 3)),
    [
      ["curve", "run", "lowest validation loss"],
      ["curve", "run", "filters"],
    ],
  );
  const link = '<a href="../runs/2026-11-27T22-03-05%20unet%20filters%3D32/reports/unet.html">report</a>';
  assert.ok(tables[1].includes(link));
  assert.match(tables[1], /filters=32<\/th><td>32<\/td><td data-sort="1\.45\d*">1\.45455<\/td>/);
  assert.match(tables[1], /simple-autoencoder<\/th><td><\/td>/, "it has no filters");
});

test("losses are in one figure where they are comparable", () => {
  const titles = Array.from(html.matchAll(/"title":\{"text":"(Losses[^"]*)"/g), ([, text]) => text);
  assert.deepEqual(titles, [
    "Losses of unet (dataset full)",
    "Losses of unet (dataset full)",
    "Losses of simple-autoencoder (dataset full)",
  ]);
});

test("the same digits by each run that has kept them; the others are named", () => {
  const captions = Array.from(html.matchAll(/<figcaption><b>(.*?)<\/b>/g), ([, text]) => text);
  assert.deepEqual(captions.slice(3), [
    "original",
    "noisy",
    "2026-11-27T22-03-05 unet filters=32",
    "2026-11-27T22-01-05 simple-autoencoder",
  ]);
  assert.match(html, /Not kept by .*: 2026-11-27T22-02-05 unet\.</);
  assert.match(html, /alt="10 images: noisy"/);
});

test("a run that was stopped in its first epoch has no curve; without runs the page says how to make one", () => {
  const [run] = runs.filter(({ results }) => results);
  const stopped = { ...run, report: undefined, results: run.results && { ...run.results, history: [] } };
  const page = runsPage([stopped], { plotly: "", sortable: "" });
  assert.doesNotMatch(page, /class="curves"/);
  assert.match(page, /<td>none<\/td>/);
  assert.match(runsPage([], { plotly: "", sortable: "" }), /There are no runs yet/);
});

const withBrowser = { skip: findChromium() ? false : "no browser: install chromium, or name one in CHROMIUM" };

async function opened(options: BrowserContextOptions, look: (page: Page) => Promise<void>) {
  const script = (file: string) => fs.readFileSync(path.join(root, file), "utf8");
  const plotly = script(".setup/python/share/jupyter/nbconvert/templates/image-denoiser/plotly.min.js");
  const sortable = ["auto", "a11y"].map((name) => script(`node_modules/sortable-tablesort/dist/sortable.${name}.min.js`)); // biome-ignore format: short
  const file = path.join(root, "test", "artefacts", "all-runs.html");
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, runsPage(runs, { plotly, sortable: sortable.join("\n") }));
  const browser = await chromium.launch({ executablePath: findChromium(), args: browserFlags });
  try {
    const page = await (await browser.newContext({ offline: true, ...options })).newPage();
    const troubles: string[] = [];
    page.on("pageerror", (error) => troubles.push(String(error)));
    page.on("request", (request) => /^(file|data):/.test(request.url()) || troubles.push(request.url()));
    await page.goto(`file://${encodeURI(file)}`);
    await look(page);
    assert.deepEqual(troubles, []);
  } finally {
    await browser.close();
  }
}

test("a box hides a run's curve and its digits; a heading sorts by the keyboard", withBrowser, () =>
  opened({}, async (page) => {
    const curves = page.locator(".figure").nth(1);
    await curves.locator(".main-svg").first().waitFor();
    const drawn = () => curves.locator(".scatterlayer .trace").count();
    const digits = page.locator("figure[data-run='1']");
    await page.waitForFunction('document.querySelectorAll(".figure")[1].querySelectorAll(".trace").length === 2');
    assert.ok(await digits.isVisible());
    await page.getByLabel("Show 2026-11-27T22-03-05 unet filters=32 in the figures").uncheck();
    await page.waitForFunction('document.querySelectorAll(".figure")[1].querySelectorAll(".trace").length === 1');
    assert.ok(await digits.isHidden());
    await curves.getByText("training loss").click();
    await page.waitForTimeout(200);
    assert.equal(await drawn(), 1, "a hidden run stays hidden when the figure shows the other losses");

    const heading = page.locator("table").nth(1).getByText("filters", { exact: true });
    await heading.focus();
    await heading.press("Enter");
    await page.waitForFunction('document.querySelectorAll("table")[1].querySelector("tbody td:nth-child(3)").textContent === "16"'); // biome-ignore format: short
  }),
);

for (const colorScheme of ["light", "dark"] as const)
  test(`axe-core finds nothing, and a phone's page does not scroll sideways: ${colorScheme}`, withBrowser, () =>
    opened({ colorScheme, viewport: { width: 390, height: 800 } }, async (page) => {
      await page.locator(".figure .main-svg").first().waitFor();
      await page.addScriptTag({ path: path.join(root, "node_modules", "axe-core", "axe.min.js") });
      const found = await page.evaluate("axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html]))"); // biome-ignore format: short
      assert.deepEqual(found, []);
      assert.equal(await page.evaluate("document.documentElement.scrollWidth"), 390);
    }),
  );

test("without scripts there are tables, curves and digits, and no boxes that do nothing", withBrowser, () =>
  opened({ javaScriptEnabled: false }, async (page) => {
    assert.deepEqual([await page.locator("table").count(), await page.locator("input").count()], [2, 0]);
    assert.equal(await page.locator('.figure img[alt^="Losses of unet"]').first().isVisible(), true);
    assert.equal(await page.locator("figure").last().isVisible(), true);
  }),
);
