// Folders of runs: their names, which are finished, which a notebook compares with, and what is copied to results/.
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import type { Parameters } from "../../lib/evaluation/results";
import {
  commandOf,
  createRun,
  findTrained,
  fullRunKept,
  listRuns,
  publishRun,
  type Run,
} from "../../lib/evaluation/runs";
import { type Made, resultsOf } from "../commands/results-of";

const newFolder = () => fs.mkdtempSync(path.join(os.tmpdir(), "läufe "));
const write = (folder: string, name: string, content: string) => {
  fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  fs.writeFileSync(path.join(folder, name), content);
};
/** A run with a model and results, begun at a minute of an hour. */
function finished(output: string, notebook: string, minute: number, made: Made & { seed?: number } = {}): Run {
  const results = resultsOf(notebook, 20, made);
  const parameters = { ...results.parameters, ...(made.seed && { seed: made.seed }) };
  const run = createRun(output, notebook, parameters, new Date(2026, 10, 27, 22, minute, 5));
  write(run.folder, `models/${notebook}/model.json`, run.name);
  write(run.folder, `models/${notebook}/weights-${minute}.bin`, run.name);
  write(run.folder, `reports/${notebook}.html`, run.name);
  write(run.folder, `results/${notebook}.json`, JSON.stringify({ ...results, parameters, run: run.name }));
  return listRuns(output).find(({ name }) => name === run.name)!;
}

test("the command of a run has its parameters as people write them, and exactly", () => {
  const command = (parameters: Parameters) => commandOf("mine", { sigma: 25 / 255, seed: 42, ...parameters });
  assert.match(command({}), / -p sigma 25\/255/);
  assert.match(
    command({ learningRate: 1 / 60, folder: "my photos" }),
    /-p learningRate 0\.016666666666666666 -p folder "my photos"/,
  );
});

test("a run is named by its time and by what differs from the notebook's defaults, in letters that every file system takes", () => {
  const output = newFolder();
  const began = new Date(2026, 10, 27, 22, 40, 5);
  const name = (parameters: Parameters) => createRun(output, "unet", parameters, began).name;
  assert.equal(name({ sigma: 0.5, seed: 42, dataset: "full" }), "2026-11-27T22-40-05 unet");
  assert.equal(name({ sigma: 0.3, resume: true }), "2026-11-27T22-40-05 unet sigma=0.3");
  assert.equal(name({ sigma: 0.3 }), "2026-11-27T22-40-05 unet sigma=0.3 2", "of the same second");
  assert.equal(name({ own: 'a/b\\c: "*<ü>|?." ' }), "2026-11-27T22-40-05 unet own=a-b-c- -.-");
  assert.equal(name({ learningRate: 1 / 60 }), "2026-11-27T22-40-05 unet learningRate=0.01667");
  assert.ok(name({ own: "long ".repeat(100) }).length <= 120);
  assert.ok(
    listRuns(output).every(({ results }) => results === undefined),
    "all are unfinished",
  );
  write(output, "runs/notes.txt", "no run");
  write(output, "runs/2026 half/results/unet.json", "{}");
  assert.equal(listRuns(output).length, 6);
});

test("a notebook is compared with the newest run of the same kind, or else with what is in models/", () => {
  const output = newFolder();
  const found = (dataset: string, sigma: number, seed = 42) => {
    const trained = findTrained(output, "simple-autoencoder", { dataset, sigma, seed });
    return trained && path.basename(trained.folder);
  };
  assert.equal(found("full", 0.5), undefined);
  const quick = finished(output, "simple-autoencoder", 1, { dataset: "quick" });
  assert.equal(found("full", 0.5), quick.name, "better than none");
  const full = finished(output, "simple-autoencoder", 2);
  publishRun(output, full);
  const newer = finished(output, "simple-autoencoder", 3, { dataset: "quick" });
  finished(output, "simple-autoencoder", 4, { dataset: "quick", seed: 7 });
  finished(output, "unet", 5, { dataset: "quick" });
  createRun(output, "simple-autoencoder", {});
  assert.equal(found("quick", 0.5), newer.name);
  assert.equal(found("full", 0.5, 8), full.name);
  assert.equal(found("full", 0.3), path.basename(output), "the one in models/");
});

test("a quick run does not replace a full one; a full one replaces any, whole", () => {
  const output = newFolder();
  const copied = () => fs.readFileSync(path.join(output, "reports", "unet.html"), "utf8");
  const [quick, full, other] = [
    finished(output, "unet", 1, { dataset: "quick" }),
    finished(output, "unet", 2),
    finished(output, "unet", 3, { sigma: 0.3 }),
  ];
  assert.equal(fullRunKept(output, quick), undefined, "there is none yet");
  publishRun(output, quick);
  assert.equal(fullRunKept(output, full), undefined);
  publishRun(output, full);
  assert.equal(copied(), full.name);
  assert.deepEqual(fullRunKept(output, quick), full.results);
  assert.equal(fullRunKept(output, other), undefined);
  const files = fs.readdirSync(output, { recursive: true }) as string[];
  assert.deepEqual(files.filter((name) => name.includes("unet") && !name.startsWith("runs")).sort(), [
    "models/unet",
    "models/unet/model.json",
    "models/unet/weights-2.bin",
    "reports/unet.html",
    "results/unet.json",
  ]);
  fs.appendFileSync(path.join(output, "reports", "unet.html"), "edited");
  assert.equal(fs.readFileSync(path.join(full.folder, "reports", "unet.html"), "utf8"), full.name, "it is a copy");
});
