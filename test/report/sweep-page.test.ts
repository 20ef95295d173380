// A sweep's page, opened in a browser without a network.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { chromium } from "playwright-core";
import { sweepPage } from "../../lib/report/sweep-page";
import { browserFlags, findChromium } from "../chromium";
import { sweep } from "../evaluation/sweep-runs";

const root = path.resolve(__dirname, "../..");

test("the page names columns and rows for screen readers, and what failed", () => {
  const html = sweepPage(sweep, { plotly: "", sortable: "" });
  const table = html.slice(html.indexOf("<table"), html.indexOf("</table>"));
  assert.equal(table.match(/<th(?! scope=|ead)/g), null);
  assert.doesNotMatch(table, /<th[^>]*><\/th>/);
  assert.match(table, /<th scope="col" class="no-sort">curve<\/th><th scope="col">sigma<\/th>/);
  assert.match(table, /<th scope="row">0\.5<\/th><th scope="row">0\.01<\/th><td data-sort="0\.2">★ 0\.20000<\/td>/);
  assert.match(
    html,
    /<h2>Failed runs<\/h2><h3>sigma 0\.5, learningRate 0\.002<\/h3><pre tabindex="0">In \[4\]: &#60;bad&#62;<\/pre>/,
  );
});

test("the page works offline: the table is sorted by a click, a row shows its curve", {
  skip: findChromium() ? false : "no browser: install chromium, or name one in CHROMIUM",
}, async () => {
  const script = (file: string) => fs.readFileSync(path.join(root, file), "utf8");
  const plotly = ".setup/python/share/jupyter/nbconvert/templates/image-denoiser/plotly.min.js";
  const sortable = "node_modules/sortable-tablesort/dist/sortable.auto.min.js";
  const file = path.join(root, "test", "artefacts", "sweep.html");
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, sweepPage(sweep, { plotly: script(plotly), sortable: script(sortable) }));
  const browser = await chromium.launch({ executablePath: findChromium(), args: browserFlags });
  try {
    const page = await (await browser.newContext({ offline: true })).newPage();
    const troubles: string[] = [];
    page.on("pageerror", (error) => troubles.push(String(error)));
    page.on("requestfailed", (request) => troubles.push(request.url()));
    await page.goto(`file://${encodeURI(file)}`);
    await page.locator(".figure .main-svg").first().waitFor();
    assert.equal(await page.locator(".figure .scatterlayer .trace").count(), 4);

    const column = (place: number) => page.locator(`tbody tr > :nth-child(${place})`).allTextContents();
    assert.deepEqual(await column(3), ["0.01", "0.001", "0.01", "0.001", "0.002", "0.002"]);
    await page.getByText("lowest validation loss", { exact: true }).click();
    await page.waitForFunction('document.querySelector("tbody td:nth-child(4)").textContent === "★ 0.10000"');
    assert.deepEqual((await column(4)).slice(1), ["0.11000", "★ 0.20000", "0.21000", "", ""]);
    await page.getByText("lowest validation loss", { exact: true }).click();
    await page.waitForFunction('document.querySelector("tbody td:nth-child(4)").textContent === "0.21000"');

    await page.locator('tr[data-run="2"]').hover();
    const opacities = await page
      .locator(".figure .scatterlayer .trace")
      .evaluateAll((traces) => traces.map((trace) => trace.getAttribute("style")?.match(/opacity: ([\d.]+)/)?.[1]));
    assert.deepEqual(opacities, ["0.15", "0.15", "1", "0.15"]);
    assert.equal(await page.locator("pre").textContent(), "In [4]: <bad>");
    const link = await page.locator('tr[data-run="0"] a').getAttribute("href");
    assert.equal(decodeURIComponent(link ?? ""), "dataset=quick,sigma=0.5,learningRate=0.01/reports/unet.html");
    assert.deepEqual(troubles, []);
  } finally {
    await browser.close();
  }
});
