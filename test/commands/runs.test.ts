// `npm run runs` lists, compares, copies and deletes runs. These were made up, not trained.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { createRun, writeImageScores } from "../../lib/evaluation/runs";
import { Random } from "../../lib/random";
import { type Made, resultsOf, row } from "./results-of";

const root = path.resolve(__dirname, "../..");
const output = fs.mkdtempSync(path.join(os.tmpdir(), "runs "));
const runs = (...args: string[]) => {
  const env = { ...process.env, IMAGE_DENOISER_OUTPUT: output };
  const command = path.join(root, "commands", "runs.mjs");
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], { env, encoding: "utf8" });
  return { status, stdout, stderr };
};

/** Makes a finished run whose images have a PSNR around a mean; what makes an image hard is the same for all runs. */
function finished(minute: number, psnr: number, made: Made & { notebook?: string } = {}) {
  const { notebook = "unet", ...more } = made;
  const results = resultsOf(notebook, psnr, more);
  const run = createRun(output, notebook, results.parameters, new Date(2026, 10, 27, 22, minute, 5));
  const random = new Random(1);
  const each = Float64Array.from({ length: 200 }, (_, i) => psnr + random.normal() + 0.01 * (i % 7));
  writeImageScores(run.folder, notebook, { psnr: each, ssim: each, imageSsim: each });
  fs.writeFileSync(path.join(run.folder, "results", `${notebook}.json`), JSON.stringify({ ...results, run: run.name }));
  return run.name;
}
/** What the notebook of a run by `npm start` leaves, and its report. */
const executed = (name: string, ...types: string[]) => {
  const reports = path.join(output, "runs", name, "reports");
  fs.mkdirSync(reports);
  for (const type of types) fs.writeFileSync(path.join(reports, `unet.${type}`), "");
};
let [autoencoder, unet, quick, otherNoise, unfinished]: string[] = [];

test("without runs it says how to make one", () => {
  assert.deepEqual(runs(), {
    status: 0,
    stdout: "There are no runs yet: `npm start` runs the notebooks.\n",
    stderr: "",
  });
});

test("with the notebook's own parameters, a run's name tells no differences", async () => {
  const { valuesOf } = await import("../../commands/support/parameters.mjs");
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "named "));
  const name = async (notebook: string, ...given: [string, number][]) => {
    const values = await valuesOf(notebook, given);
    return createRun(folder, notebook, values).name.slice("2026-11-27T22-40-05 ".length);
  };
  assert.equal(await name("simple-autoencoder"), "simple-autoencoder");
  assert.equal(await name("unet", ["sigma", 0.3]), "unet sigma=0.3");
});

test("the list has the newest first, with scores, minutes, size and state", () => {
  autoencoder = finished(1, 19, { notebook: "simple-autoencoder" });
  const baseline = { ...row("simple autoencoder", 19), run: autoencoder };
  unet = finished(2, 21, { methods: [baseline], cores: 2 });
  quick = finished(3, 20, { dataset: "quick" });
  otherNoise = finished(4, 24, { sigma: 0.3 });
  executed(quick, "ipynb", "html");
  executed(otherNoise, "ipynb");
  unfinished = createRun(output, "unet", { epochs: 3 }, new Date(2026, 10, 27, 22, 50)).name;
  assert.equal(runs("use", "22-02").stdout, `reports/, models/ and results/ hold a copy of "${unet}".\n`);
  const { stdout } = runs();
  const lines = stdout.split("\n");
  assert.match(lines[0], /^run +PSNR, dB +SSIM +minutes +size +state$/);
  assert.deepEqual(
    lines.slice(2, 7).map((line) => line.split(/ {3,}/)),
    [
      [unfinished, "0.0 MB", "unfinished"],
      [otherNoise, "24.00", "0.8000", "1.5", "0.0 MB", "no report"],
      [quick, "20.00", "0.8000", "1.5", "0.0 MB"],
      [unet, "21.00", "0.8000", "1.5", "0.0 MB", "in results/"],
      [autoencoder, "19.00", "0.8000", "1.5", "0.0 MB"],
    ],
  );
  assert.match(stdout, /\n5 runs, 0\.\d MB\. /);
});

const page = path.join(output, "reports", "index.html");
test("with the list it writes a page with all runs side by side, and says where it is", () => {
  assert.match(runs().stdout, new RegExp(`\n.*side, with curves and digits: ${page}\n$`, "i"));
  const html = fs.readFileSync(page, "utf8");
  assert.ok(html.includes(`href="../runs/${encodeURIComponent(quick)}/reports/unet.html"`));
  for (const name of [autoencoder, unet, quick, otherNoise, unfinished]) assert.ok(html.includes(name), name);
});

test("two runs side by side: what differs, and differences image by image on the same noisy images", () => {
  const { status, stdout } = runs("compare", "22-02", "dataset=quick");
  assert.equal(status, 0);
  assert.ok(stdout.startsWith(`A: ${unet}\nB: ${quick}\n`));
  assert.match(stdout, /\ndataset +full +quick\n/);
  assert.doesNotMatch(stdout, /\nsigma/);
  assert.match(stdout, /\nPSNR, dB \(95 % interval\) +21\.00 \(20\.90 to 21\.10\) +20\.00 \(/);
  assert.match(stdout, /\nmachine +2 cores, a processor\n/);
  assert.match(stdout, /\nB − A +−1\.00 \(−1\.00 to −1\.00\)/);
});

test("runs on different noisy images have no differences, which is said", () => {
  const { stdout } = runs("compare", unet, otherNoise);
  assert.match(stdout, /\nsigma +0\.5 +0\.3\n/);
  assert.match(stdout, /different noisy images: their scores are not comparable/);
  assert.doesNotMatch(stdout, /B − A/);
});

test("mistakes are answered with a sentence", () => {
  const message = (...args: string[]) => {
    const { status, stderr } = runs(...args);
    assert.equal(status, 1);
    return stderr;
  };
  assert.match(message("remove"), /there is no action "remove"; there are list, compare, use and delete/);
  assert.match(message("compare", "22-02"), /name two runs after "compare"\.\nUsage: npm run runs/);
  assert.match(message("delete"), /name the runs after "delete"/);
  assert.match(message("use", "23-59"), /There is no run "23-59"/);
  assert.match(message("use", "unet"), /"unet" is part of several runs' names:\n {2}2026/);
  assert.match(message("use", unfinished), /unfinished: it has no results/);
  assert.match(message("compare", unet, unfinished), /unfinished: it has no results/);
});

test("deleting asks first, and says what else holds or used the run", () => {
  const asked = runs("delete", "22-02", "22-01", "22-50");
  assert.equal(asked.status, 1);
  assert.match(asked.stderr, /Nothing was deleted: add --yes/);
  const inUse = runs("delete", "22-01");
  assert.match(inUse.stdout, new RegExp(`"${unet}" compared its model with this one's, and keeps the scores\\.`));
  const { status, stdout } = runs("delete", "22-02", "22-01", "22-50", "--yes");
  assert.equal(status, 0);
  assert.match(stdout, /22-02-05 unet \(0\.0 MB\)\n {2}reports\/, models\/ and results\/ hold a copy, which stays\./);
  assert.match(stdout, /22-50-00 unet epochs=3 \(0\.0 MB, unfinished: it may still be running\)/);
  assert.doesNotMatch(stdout, /compared/, "both go");
  assert.match(stdout, /\nDeleted 3 runs\.\n$/);
  assert.deepEqual(fs.readdirSync(path.join(output, "runs")).sort(), [quick, otherNoise].sort());
  assert.ok(fs.existsSync(path.join(output, "results", "unet.json")));
  const html = fs.readFileSync(page, "utf8");
  assert.deepEqual([html.includes(unet), html.includes(quick)], [false, true], "the page lists those that are left");
});
