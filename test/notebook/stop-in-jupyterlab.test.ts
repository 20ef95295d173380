// The Stop button of a real JupyterLab. Screenshots are kept in test/artefacts/stop.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { chromium } from "playwright-core";
import { browserFlags, findChromium } from "../chromium";
import { idle, openNotebook, startJupyterLab, writeNotebook } from "../jupyterlab";

const folder = path.resolve(__dirname, "..", "artefacts", "stop");
const executablePath = findChromium();
const skip = executablePath
  ? false
  : "no browser: install chromium (`sudo apt install chromium`), or name one in CHROMIUM";

const cells = [
  'for (let i = 1; ; i++) {\n  console.log("round", i);\n  await new Promise((go) => setTimeout(go, 100));\n}',
  'await null;\nconsole.log("begins");\nfor (;;);',
  'await null;\nconst until = Date.now() + 6000;\nconsole.log("begins");\n[].find.call({ length: 1e15 }, () => Date.now() > until);\nawait new Promise(() => {});',
];

test("pressed in JupyterLab, Stop ends loops with and without await, and says where it has to wait", {
  skip,
}, async () => {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  const file = path.join(folder, "stop.ipynb");
  writeNotebook(file, cells);
  const lab = await startJupyterLab();
  const browser = await chromium.launch({ executablePath, args: browserFlags });
  try {
    const page = await openNotebook(browser, lab, file);
    const outputs = page.locator(".jp-Notebook .jp-Cell .jp-Cell-outputArea");
    const stop = async (number: number, begun: string, { waits = false } = {}) => {
      const output = outputs.nth(number - 1);
      await page
        .locator(".jp-Notebook .jp-Cell .cm-content")
        .nth(number - 1)
        .click();
      await page.keyboard.press("Control+Enter");
      await output.getByText(begun).waitFor();
      await page.getByTitle(/^Interrupt the kernel/).click();
      if (waits) await output.getByText("Stop has to wait").waitFor({ timeout: 5000 });
      await output.getByText("Interrupted: Stop was pressed").waitFor();
      await idle(page);
      return output;
    };
    const rounds = await stop(1, "round 5");
    const printed = await rounds.innerText();
    await page.waitForTimeout(1000);
    assert.equal(await rounds.innerText(), printed);
    await stop(2, "begins");
    await stop(3, "begins", { waits: true });
    await page.screenshot({ path: path.join(folder, "stopped.png") });
  } finally {
    await browser.close();
    await lab.stop();
  }
});
