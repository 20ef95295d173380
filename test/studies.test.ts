// Each study, tiny: few digits, one epoch, into a copy of the documents. What it finds means nothing; that it runs to its
// end and lands where readers look does.
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import * as lib from "../lib";
import { playgroundOutput } from "../lib/notebook/playground";
import { ablation } from "../studies/ablation";
import { liveDisplay } from "../studies/live-display";
import { networksStudy } from "../studies/networks";
import { noiseLevels } from "../studies/noise-levels";
import { playgroundStudy } from "../studies/playground";
import { recipeStudy } from "../studies/recipe";
import type { StudyAnswer } from "../studies/study";
import { supervisionStudy } from "../studies/supervision";
import { copyOfDocuments } from "./commands/documents";
import { runCells } from "./notebook/run-cells";
import { browsers } from "./report/browsers";

process.env.IMAGE_DENOISER_OUTPUT = fs.mkdtempSync(path.join(os.tmpdir(), "studies "));
const tiny = { digits: 64, epochs: 1 };

/** What is read here of the files in docs/results; each study has some of it. */
interface Kept {
  readonly command: string;
  readonly machine: string;
  readonly rows: object[];
  readonly methods: object[];
  readonly trained: { supervision: string; scores: object[]; history: object[] }[];
  readonly browsers: { answered: number; difference: number }[];
  readonly rounds: { silent: number; live: number; spent: number }[];
}

/** Publishes an answer and checks that its files, and nothing else, have changed as they should. */
async function published(
  name: string,
  answer: StudyAnswer,
  document: string,
): Promise<{ result: Kept; table: string[] }> {
  const { publishStudy } = await import("../commands/support/publish.mjs");
  const { folder, read, contents } = copyOfDocuments();
  const before = contents();
  publishStudy(name, answer, folder);
  const after = contents();
  const changed = Object.keys(after).filter((file) => after[file] !== before[file]);
  const images = Object.keys(answer.images ?? {}).map((image) => `docs/images/${image}.svg`);
  assert.deepEqual(changed.sort(), [document, `docs/results/${name}.json`, ...images].sort());
  const begin = `<!-- results: npm run study -- ${name} --keep -->\n\n`;
  const text = read(document);
  const table = text.slice(text.indexOf(begin) + begin.length, text.indexOf("<!-- end of", text.indexOf(begin)));
  const result = JSON.parse(read(`docs/results/${name}.json`));
  assert.equal(result.command, `npm run study -- ${name} --keep`);
  assert.match(result.machine, /^\d+ cores, /);
  return { result, table: table.trim().split("\n") };
}

test("ablation: one line for each change, with its gain", async () => {
  const { result, table } = await published("ablation", await ablation(tiny), "docs/results.md");
  assert.equal(result.rows.length, 11);
  assert.equal(table.length, 2 + 11);
  assert.match(table[0], /^\| 1 epoch, 64 validation digits \| PSNR, dB \|/);
  assert.match(table[4], /^\| \+ a learning rate that rises and falls \| \d+\.\d\d \| [+−]?\d/);
});

test("networks: each with every seed", async () => {
  const { result, table } = await published(
    "networks",
    await networksStudy({ ...tiny, seeds: [1, 2] }),
    "docs/results.md",
  );
  assert.deepEqual(
    result.trained.map(({ scores }) => scores.length),
    [2, 2, 2],
  );
  assert.match(table[2], /^\| the original's network \| \d+\.\d\d \(\d+\.\d\d to \d+\.\d\d\) \| .* \| 118,033 \|$/);
});

test("default: the recipe with several seeds, and with the original's network", async () => {
  const { result, table } = await published("default", await recipeStudy("default", tiny), "docs/results.md");
  assert.equal(result.trained.length, 4);
  assert.match(table[3], /^\| U-Net, recipe "default", seed 43 \| \d+\.\d\d \(.* \| 137,809 \|/);
  assert.match(table[5], /^\| the original's network by this recipe, seed 42 \| .* \| 118,033 \|/);
});

for (const name of ["original", "best"] as const)
  test(`${name}: the recipe's scores, model and no checkpoint left`, async () => {
    const { result, table } = await published(name, await recipeStudy(name, tiny), "docs/results.md");
    assert.equal(result.trained[0].history.length, 1);
    assert.match(table[2], new RegExp(`^\\| U-Net, recipe "${name}" \\| \\d+\\.\\d\\d \\(`));
    assert.match(table[3], name === "best" ? /five shifts/ : /the original's README \| 20\.96 \| 0\.8371/);
    const models = path.join(lib.outputFolder(), "models");
    assert.ok(fs.existsSync(path.join(models, `unet-${name}`, "model.json")));
    assert.ok(!fs.existsSync(path.join(models, `unet-${name}.checkpoint`)));
  });

test("noise levels: every method at every level", async () => {
  const answer = await noiseLevels({ digits: 16, epochs: 1, sigmas: [0.3, 0.5] });
  const { result, table } = await published("noise-levels", answer, "docs/results.md");
  assert.equal(result.methods.length, 9);
  assert.equal(table.length, 2 + 9);
  assert.equal(table[0], "| PSNR in dB, 1 epoch, at sigma | 0.3 | 0.5 |");
  assert.match(table[5], /^\| one U-Net for 0\.3 to 0\.5 \| \d+\.\d\d \| \d+\.\d\d \|$/);
});

test("supervision: every way to train with every seed, beside each classical filter", async () => {
  const answer = await supervisionStudy({ digits: 16, epochs: 1, seeds: [1, 2] });
  const { result, table } = await published("supervision", answer, "docs/results.md");
  assert.deepEqual(result.trained.map(({ supervision, scores }) => [supervision, scores.length]), [
    ["clean", 2], ["noise2noise", 2], ["sure", 2], ["noise2self", 2], ["noise2void", 2],
  ]); // biome-ignore format: short
  assert.equal(table.length, 2 + 1 + 5 + 5 + 2);
  assert.match(table[8], /^\| U-Net, clean images \| \d+\.\d\d \| \d+\.\d\d to \d+\.\d\d \| {2}\| [+−]?\d/);
  assert.match(table[14], /^\| the same, with each pixel's own value \| \d+\.\d\d \| \d/);
  assert.match(table[9], /^\| U-Net, Noise2Noise: .* to \d+\.\d\d \| [+−]?\d+\.\d\d \| [+−]?\d/);
});

test("live display: its cell runs in the kernel and reports each round", async () => {
  const runCell = async (cell: string, folder: string) => {
    const [{ error }] = runCells([cell], folder);
    assert.equal(error, undefined);
  };
  const answer = await liveDisplay({ rounds: 2, batches: 2, runCell });
  const { result, table } = await published("live-display", answer, "docs/results.md");
  assert.equal(result.rounds.length, 2);
  assert.ok(result.rounds[0].live > 0 && result.rounds[0].silent > 0 && result.rounds[0].spent > 0);
  assert.equal(table.length, 4);
});

test("playground: measured in each browser that is there", {
  skip: Object.values(browsers).some(({ executable }) => executable) ? false : "there is no browser on this machine",
}, async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "playground-study-"));
  const images = lib.sliceImages(lib.loadMnist({ dataset: "quick" }).test, 0, 2);
  const models = [{ name: "any", model: lib.simpleAutoencoder() }];
  const data = await playgroundOutput({ models, images, sigma: 0.5, seed: 42 });
  const outputs = [{ output_type: "display_data", metadata: {}, data }];
  const cell = { cell_type: "code", id: "try", metadata: {}, execution_count: 1, source: "", outputs };
  const notebook = path.join(folder, "try.ipynb");
  fs.writeFileSync(notebook, JSON.stringify({ cells: [cell], metadata: {}, nbformat: 4, nbformat_minor: 5 }));
  const { exportReport } = await import("../commands/support/export-report.mjs");
  const report = await exportReport(notebook, "try", folder);
  const { result, table } = await published(
    "playground",
    await playgroundStudy({ report, rounds: 1, digits: 2 }),
    "docs/playground.md",
  );
  for (const { answered, difference } of result.browsers) assert.ok(answered > 0 && difference < 1e-4);
  assert.equal(table.length, 10);
});
