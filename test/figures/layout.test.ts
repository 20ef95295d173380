// Figures, picture grids and tables as a reader sees them: in JupyterLab and in a report, in windows of several widths, in
// light and dark. Screenshots are kept in test/artefacts/layout.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { type Browser, chromium, type Page } from "playwright-core";
import { PNG } from "pngjs";
import { browserFlags, findChromium } from "../chromium";
import { choose, type JupyterLab, openNotebook, startJupyterLab } from "../jupyterlab";
import { type Measured, measure, names, notebook } from "./look";

const root = path.resolve(__dirname, "../..");
const folder = path.join(root, "test", "artefacts", "layout");
const file = path.join(folder, "figures.ipynb");
const executablePath = findChromium();
const withBrowser = {
  skip: executablePath ? false : "no browser: install chromium (`sudo apt install chromium`), or name one in CHROMIUM",
};
const pictures = ["grid", "groups"];
const tables = ["differences", "model"];

let browser: Browser;
before(async () => {
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(file, JSON.stringify(notebook));
  if (executablePath) browser = await chromium.launch({ executablePath, args: browserFlags });
});
after(() => browser?.close());

/** What is wrong with an output, in words. */
function troubles(name: string, measured: Measured, width: number): string[] {
  const { blank, aspects, overlaps, cut, smallest, contrast, scrolls } = measured;
  const isPicture = pictures.includes(name);
  const found = {
    [`blank to the left: ${blank.left}`]: !tables.includes(name) && name !== "live" && blank.left > 24,
    [`blank to the right: ${blank.right}`]: !tables.includes(name) && name !== "live" && !scrolls && blank.right > 24,
    [`blank below: ${blank.below}`]: name !== "live" && blank.below > 30,
    [`not square: ${aspects}`]: isPicture && (aspects.length === 0 || aspects.some((aspect) => Math.abs(aspect - 1) > 0.08)), // biome-ignore format: short
    [`texts upon each other: ${overlaps}`]: overlaps.length > 0,
    [`cut off: ${cut}`]: cut.length > 0,
    [`text of ${smallest} pixels`]: smallest < 9.75, // of some digits on a logarithmic axis
    [`contrast ${contrast}`]: contrast < 4.5,
    "scrolls although there is space": scrolls && width >= 1280,
  };
  return Object.entries(found).flatMap(([trouble, holds]) => (holds ? [`${name} at ${width}: ${trouble}`] : []));
}

/** The troubles of all outputs, once the page has had time to draw them at this width. */
async function look(page: Page, width: number, output: (name: string) => string, picture: string): Promise<string[]> {
  await page.setViewportSize({ width, height: 5000 });
  let found: string[] = [];
  for (let tries = 0; tries < 8; tries++) {
    await page.waitForTimeout(250);
    const each = await Promise.all(
      names.map(async (name) => troubles(name, await measure(page.locator(output(name))), width)),
    );
    found = each.flat();
    if (found.length === 0) break;
  }
  await page.screenshot({ path: path.join(folder, `${picture}.png`) });
  return found;
}

/** Wide, narrow, and wide again: figures must also grow. */
const allWidths = [1600, 1280, 900, 400, 1600];

test(
  "in a report, grids fill the width and labels are legible from 400 to 1600 pixels; print fits on A4",
  withBrowser,
  async () => {
    const python = path.join(root, ".setup", "python", "bin", "python");
    const { status, stderr } = spawnSync(python, ["-m", "nbconvert", "--to", "html", file], { encoding: "utf8" });
    assert.equal(status, 0, stderr);
    const page = await (await browser.newContext({ offline: true })).newPage();
    await page.goto(`file://${encodeURI(file.replace(/ipynb$/, "html"))}`);
    const output = (name: string) => `#cell-id\\=${name} .jp-OutputArea-output`;
    const found: string[] = [];
    for (const [i, width] of allWidths.entries()) {
      found.push(...(await look(page, width, output, `report-${i}-${width}`)));
      const wide = await page.evaluate("document.documentElement.scrollWidth");
      if (Number(wide) > width) found.push(`the page scrolls sideways at ${width}: ${wide}`);
    }
    assert.deepEqual(found, []);
    const widthsOfPlots = '[...document.querySelectorAll(".figure .main-svg")].map((svg) => Number(svg.getAttribute("width")))'; // biome-ignore format: short
    await page.evaluate(`addEventListener("beforeprint", () => { globalThis.printed = ${widthsOfPlots}; })`);
    await page.pdf({ path: path.join(folder, "report.pdf"), format: "A4" });
    const printed = (await page.evaluate("printed")) as number[];
    assert.ok(printed.length > 0 && printed.every((width) => width <= 700), `wider than A4: ${printed}`);
    await page.close();
  },
);

test(
  "in JupyterLab they do so too, saved at another width and in both themes, without white",
  withBrowser,
  async () => {
    const lab: JupyterLab = await startJupyterLab();
    try {
      let page = await openNotebook(browser, lab, file);
      await page.keyboard.press("Control+b"); // without the side bar
      const output = (name: string) => `.jp-Notebook .jp-Cell >> nth=${names.indexOf(name as never)} >> .jp-OutputArea-output`; // biome-ignore format: short
      const found: string[] = [];
      for (const [theme, widths] of Object.entries({ Light: [1280], Dark: allWidths })) {
        await choose(page, "Settings", "Theme", `JupyterLab ${theme}`);
        await page.locator(`body[data-jp-theme-name="JupyterLab ${theme}"]`).waitFor({ state: "attached" });
        for (const [i, width] of widths.entries())
          found.push(...(await look(page, width, output, `lab-${theme}-${i}-${width}`)));
      }
      const picture = PNG.sync.read(await page.locator(`${output("live")} img`).screenshot());
      assert.deepEqual([...picture.data.subarray(0, 3)], [17, 17, 17], "a static SVG follows the theme");
      await page.setViewportSize({ width: 400, height: 5000 });
      await page.keyboard.press("Control+s");
      await page.close();
      page = await openNotebook(browser, lab, file);
      found.push(...(await look(page, 1600, output, "lab-reopened-1600")));
      await page.close();
      assert.deepEqual(found, []);
      assert.ok(!fs.readFileSync(file, "utf8").includes('"image/png"'), "no picture of a figure is saved");
    } finally {
      await lab.stop();
    }
  },
);
