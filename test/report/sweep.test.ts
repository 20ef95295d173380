// The order of a sweep's runs, what is said of them, and the page, opened in a browser without a network.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { chromium } from "playwright-core";
import type { Results } from "../../lib/evaluation/results";
import { advice, rankRuns, type Sweep, type SweepRun } from "../../lib/evaluation/sweep";
import { sweepRecord, sweepText } from "../../lib/evaluation/sweep-table";
import { sweepCurves, trainingStyle } from "../../lib/figures/sweep-curves";
import { sweepPage } from "../../lib/report/sweep-page";
import { browserFlags, findChromium } from "../chromium";

const root = path.resolve(__dirname, "../..");

function run(sigma: number, learningRate: number, outcome: number[] | string | undefined): SweepRun {
  const parameters = { dataset: "quick", sigma, learningRate };
  const name = `dataset=quick,sigma=${sigma},learningRate=${learningRate}`;
  if (!Array.isArray(outcome)) return { name, parameters, error: outcome };
  const psnr = 20 + 1000 * learningRate;
  const interval = (mean: number) => ({ mean, low: mean - 0.1, high: mean + 0.1 });
  const scores = { psnr: interval(psnr), ssim: interval(0.8), imageSsim: interval(0.8) };
  const results: Results = {
    schema: 1,
    notebook: "unet",
    parameters: { ...parameters, seed: 42 },
    seed: 42,
    modelParameters: 1,
    versions: {},
    data: { train: 9000, validation: 1000, test: 10_000, digests: {} },
    history: outcome.map((valLoss, i) => ({ epoch: i + 1, loss: 0.9 * valLoss, valLoss, learningRate, seconds: 1 })),
    test: { noisy: scores, denoised: scores, perDigit: [] },
    seconds: { training: 90, evaluation: 1, total: 91 },
  };
  return { name, parameters, results, report: `${name}/reports/unet.html` };
}
const sweep: Sweep = {
  notebook: "unet",
  runs: [
    run(0.5, 0.001, [0.3, 0.21]),
    run(0.5, 0.002, "In [4]: <bad>"),
    run(0.5, 0.01, [0.29, 0.2]),
    run(0.3, 0.001, [0.19, 0.11]),
    run(0.3, 0.002, undefined),
    run(0.3, 0.01, [0.1, 0.15]),
  ],
};

test("comparable runs stand together, the lowest validation loss first; runs without results come last", () => {
  assert.deepEqual(
    rankRuns(sweep).map(({ title, status, best }) => [title, status, best]),
    [
      ["sigma 0.5, learningRate 0.01", "finished", true],
      ["sigma 0.5, learningRate 0.001", "finished", false],
      ["sigma 0.3, learningRate 0.01", "finished", true],
      ["sigma 0.3, learningRate 0.001", "finished", false],
      ["sigma 0.5, learningRate 0.002", "failed", false],
      ["sigma 0.3, learningRate 0.002", "not run yet", false],
    ],
  );
});

test("the advice says what may be compared, and that test scores are not for choosing", () => {
  assert.match(advice(sweep), /only between runs with the same sigma\..*not for choosing.*last epoch/);
  const same = { ...sweep, runs: [sweep.runs[0], sweep.runs[2]] };
  assert.ok(!/only between|last epoch/.test(advice(same)));
  assert.match(
    sweepText(same),
    /learningRate +lowest.*\n.*\n0\.01 +★ 0\.20000 +2 of 2 +30\.00 \(29\.90 to 30\.10\).*1\.5/,
  );
});

test("the record for programs is in the table's order", () => {
  const { runs } = sweepRecord(sweep) as { runs: Record<string, unknown>[] };
  assert.deepEqual([runs[0].validationLoss, runs[0].epoch, runs[0].lowestOfComparable], [0.2, 2, true]);
  assert.deepEqual([runs[4].status, runs[4].error, "test" in runs[4]], ["failed", "In [4]: <bad>", false]);
});

test("one curve a training, in a style of its own for eighteen of them; words say where it was lowest", () => {
  const trainings = sweep.runs.flatMap(({ name, results }) => (results ? [{ name, epochs: results.history }] : []));
  const { data, alt } = sweepCurves(trainings, "Losses");
  assert.equal(data.length, 2 * 4);
  assert.match(alt, /sigma=0\.3,learningRate=0\.01: 0\.100 in epoch 1 of 2/);
  const styles = Array.from({ length: 18 }, (_, i) => JSON.stringify(trainingStyle(i)));
  assert.equal(new Set(styles).size, styles.length);
  assert.match(sweepCurves([], "Losses").alt, /no training has ended yet/);
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
    await page.locator("#curves .main-svg").first().waitFor();
    assert.equal(await page.locator("#curves .scatterlayer .trace").count(), 4);

    const column = (place: number) => page.locator(`tbody tr > :nth-child(${place})`).allTextContents();
    assert.deepEqual(await column(3), ["0.01", "0.001", "0.01", "0.001", "0.002", "0.002"]);
    await page.getByText("lowest validation loss", { exact: true }).click();
    await page.waitForFunction('document.querySelector("tbody td:nth-child(4)").textContent === "★ 0.10000"');
    assert.deepEqual((await column(4)).slice(1), ["0.11000", "★ 0.20000", "0.21000", "", ""]);
    await page.getByText("lowest validation loss", { exact: true }).click();
    await page.waitForFunction('document.querySelector("tbody td:nth-child(4)").textContent === "0.21000"');

    await page.locator('tr[data-curve="2"]').hover();
    const opacities = await page
      .locator("#curves .scatterlayer .trace")
      .evaluateAll((traces) => traces.map((trace) => trace.getAttribute("style")?.match(/opacity: ([\d.]+)/)?.[1]));
    assert.deepEqual(opacities, ["0.15", "0.15", "1", "0.15"]);
    assert.equal(await page.locator("pre").textContent(), "In [4]: <bad>");
    const link = await page.locator('tr[data-curve="0"] a').getAttribute("href");
    assert.equal(decodeURIComponent(link ?? ""), "dataset=quick,sigma=0.5,learningRate=0.01/reports/unet.html");
    assert.deepEqual(troubles, []);
  } finally {
    await browser.close();
  }
});
