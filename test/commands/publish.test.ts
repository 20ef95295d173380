// What --keep does, into a copy of the documents: everything is replaced together, or nothing is.
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import type { Figure } from "../../lib/figures/figure";
import { staticSvg } from "../../lib/figures/static-svg";
import { copyOfDocuments } from "./documents";
import { resultsOf, row } from "./results-of";

const figureOf = (id: string): Figure => ({
  data: [{ type: "scatter", x: [1, 2], y: [3, 4], name: id }],
  layout: { height: 300, xaxis: { title: { text: "epoch" } }, yaxis: { title: { text: "loss" } } },
  alt: id,
});

const methods = [row("noisy", 9), row("mean 3x3", 15), row("U-Net", 21)];

/** What a run of both notebooks leaves. */
function finishedRun(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "run "));
  for (const part of ["results", "reports"]) fs.mkdirSync(path.join(folder, part));
  for (const [notebook, results] of [
    ["simple-autoencoder", resultsOf("simple-autoencoder", 19, { cores: 3 })],
    ["unet", resultsOf("unet", 21, { cores: 3, methods })],
  ] as const) {
    fs.writeFileSync(path.join(folder, "results", `${notebook}.json`), JSON.stringify(results));
    const plot = { "application/vnd.plotly.v1+json": figureOf("training"), "text/plain": ["training"] };
    const cells = ["training", "pictures"].map((id) => ({
      id,
      cell_type: "code",
      metadata: { papermill: { duration: 1 }, execution: {}, tags: [] },
      outputs: [
        { output_type: "display_data", data: { "text/plain": "words" } },
        { output_type: "display_data", data: id === "training" ? plot : { "image/svg+xml": ["<svg>\n", "</svg>"] } },
      ],
    }));
    const notebookFile = path.join(folder, "reports", `${notebook}.ipynb`);
    fs.writeFileSync(notebookFile, JSON.stringify({ metadata: { papermill: {} }, cells }));
  }
  return folder;
}

test("start --keep: notebooks, figures, results and the README's table come from the run", async () => {
  const { publishNotebooks } = await import("../../commands/support/publish.mjs");
  const { folder: project, read } = copyOfDocuments();
  const readme = read("README.md");
  const output = finishedRun();
  publishNotebooks(["simple-autoencoder", "unet"], { output, project });
  assert.equal(read("docs/images/unet-pictures.svg"), "<svg>\n</svg>");
  assert.equal(read("docs/images/simple-autoencoder-training.svg"), staticSvg(figureOf("training")));
  assert.equal(read("docs/results/unet.json"), fs.readFileSync(path.join(output, "results", "unet.json"), "utf8"));
  assert.deepEqual(JSON.parse(read("notebooks/unet.ipynb")).cells[0].metadata, {});
  const [before, table, after] = read("README.md").split(
    /(?<=<!-- results: npm start -- --keep -->\n)|(?=<!-- end of results.*?<!-- results: npm start -- --notebook)/s,
  );
  assert.ok(readme.startsWith(before) && readme.endsWith(after), "the rest is untouched");
  assert.equal(
    table,
    `
| 10,000 test digits | PSNR, dB (95 % interval) | SSIM (95 % interval) | classifier accuracy, % | training, 3 cores | the Keras original |
| --- | --: | --: | --: | --: | --: |
| noisy | 9.00 (8.90 to 9.10) | 0.8000 (0.7000 to 0.9000) | 90.0 |  |  |
| mean 3x3 | 15.00 (14.90 to 15.10) | 0.8000 (0.7000 to 0.9000) | 90.0 |  |  |
| simple autoencoder | 19.00 (18.90 to 19.10) | 0.8000 (0.7000 to 0.9000) |  | 1.5 min | 19.75 / 0.8637 |
| U-Net | 21.00 (20.90 to 21.10) | 0.8000 (0.7000 to 0.9000) | 90.0 | 1.5 min | 20.96 / 0.8371 |

`,
  );
});

test("nothing is kept when the table, a figure, its place or the disk is missing", async () => {
  const { publishNotebooks } = await import("../../commands/support/publish.mjs");
  const attempt = (message: RegExp, spoil: (output: string, project: string) => void) => {
    const { folder: project, contents } = copyOfDocuments();
    const output = finishedRun();
    spoil(output, project);
    const before = contents();
    assert.throws(() => publishNotebooks(["simple-autoencoder", "unet"], { output, project }), message);
    assert.deepEqual(contents(), before);
  };
  attempt(/unet\.json holds no results that can be read/, (output) =>
    fs.writeFileSync(path.join(output, "results", "unet.json"), '{ "schema": 1, "note'),
  );
  attempt(/no figure below its cell "training"/, (output) =>
    fs.writeFileSync(path.join(output, "reports", "unet.ipynb"), '{ "metadata": {}, "cells": [] }'),
  );
  attempt(/No document has a place for the table: "<!-- results: npm start -- --keep -->"/, (_, project) =>
    fs.writeFileSync(path.join(project, "README.md"), "# Another\n"),
  );
  attempt(/EISDIR/, (_, project) => fs.mkdirSync(path.join(project, "README.md.part")));
});

test("start --keep with one notebook: the table's other row is of the results kept before, on the same noisy images", async () => {
  const { publishNotebooks } = await import("../../commands/support/publish.mjs");
  const { folder: project, read, contents } = copyOfDocuments();
  const output = finishedRun();
  const keptBefore = (sigma: number) =>
    fs.writeFileSync(
      path.join(project, "docs", "results", "simple-autoencoder.json"),
      JSON.stringify(resultsOf("simple-autoencoder", 18, { sigma })),
    );
  keptBefore(0.5);
  publishNotebooks(["unet"], { output, project });
  assert.match(read("README.md"), /\| simple autoencoder \| 18\.00 .*\n\| U-Net \| 21\.00 /);
  keptBefore(0.3);
  const before = contents();
  assert.throws(() => publishNotebooks(["unet"], { output, project }), /measured on other noisy images/);
  assert.deepEqual(contents(), before);
});

test("bench --keep: records with what they hold for, and the table from the short and the long benchmarks", async () => {
  const { publishBench } = await import("../../commands/support/publish.mjs");
  const { folder: project, read } = copyOfDocuments();
  const range: [number, number] = [1, 2];
  const comparison = (ours: number, instructions: string) => ({
    ...{ name: "unet-train-step", peer: "keras", ours, theirs: 300, unit: "ms", ratio: ours / 300, rounds: 5 },
    ...{ instructions, oursRange: range, theirsRange: range },
  });
  const versions = { node: "20.1.0", keras: "3.0.0" };
  const publish = (ours: number, instructions: string, restricted: boolean) =>
    publishBench(
      "bench",
      "npm run bench -- --keep",
      [comparison(ours, instructions)],
      { versions, restricted },
      project,
    );
  const before = fs.readdirSync(path.join(project, "docs", "results", "bench"));
  publish(150, "AVX-512", false);
  const [record, ...others] = JSON.parse(read("docs/results/bench.json"));
  assert.deepEqual([others.length, record.ratio, record.versions], [0, 0.5, versions]);
  const kept = read("docs/results/bench.json");
  publish(240, "AVX2", true);
  assert.equal(
    read("docs/results/bench.json"),
    kept,
    "fewer instructions than there are: not the newest of the project",
  );
  const files = fs.readdirSync(path.join(project, "docs", "results", "bench"));
  assert.ok(before.every((file) => files.includes(file)));
  const [own] = files.filter((file) => file.endsWith("-avx2.json"));
  assert.equal(JSON.parse(read(`docs/results/bench/${own}`))[0].ours, 240);
  const text = read("docs/speed.md");
  assert.match(text, /: AVX-512\n\n.*\| \*\*150 ms\*\* \| 300 ms \(0\.50\) \|.*: AVX2\n\n.*\*\*240 ms\*\*/s);
  assert.match(text, /Start-up to all test digits denoised/, "the long benchmark is still there");
  assert.match(text, /Node 20\.1\.0, .*Keras 3\.0\.0.* All modes: \[(\S+-avx2\.json)\]\(results\/bench\/\1\)/);
  publish(160, "AVX-512", false);
  assert.match(
    read("docs/speed.md"),
    /\*\*160 ms\*\*.*\*\*240 ms\*\*/s,
    "one processor's results replace its own only",
  );
  assert.doesNotMatch(read("docs/speed.md"), /150 ms/);
});

test("every table that a command makes has one place in the documents", async () => {
  const { documentWith } = await import("../../commands/support/documents.mjs");
  const { studies } = await import("../../commands/support/library.mjs");
  const { folder } = copyOfDocuments();
  const commands = Object.keys(studies).map((name) => `npm run study -- ${name} --keep`);
  for (const command of ["npm start -- --keep", "npm run bench -- --keep", ...commands]) {
    const [file, text] = documentWith(folder, command, (link) => link("docs/results/bench.json"));
    const address = /<!-- results: .* -->\n\n(\S+)\n\n<!-- end of/.exec(text)?.[1];
    assert.ok(fs.existsSync(path.join(folder, path.dirname(file), address ?? "")), `${command}: ${address}`);
  }
});
