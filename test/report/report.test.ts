import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { tf } from "../../lib/engine";
import type { Scores } from "../../lib/metrics/scores";
import { compare } from "../../lib/report/comparison";
import { loadResults, type Results, saveResults } from "../../lib/report/results";

const around = (mean: number, half: number) => ({ mean, low: mean - half, high: mean + half });
function results(
  psnr: number,
  ssim: number,
  half = 0.001,
  parameters: Results["parameters"] = { dataset: "full", sigma: 0.5, seed: 42 },
): Results {
  const scores: Scores = { psnr: around(psnr, half), ssim: around(ssim, half), imageSsim: around(ssim, half) };
  return {
    schema: 1,
    notebook: "test",
    parameters,
    seed: 42,
    modelParameters: 28353,
    versions: {},
    data: { train: 55_000, validation: 5_000, test: 10_000, digests: {} },
    history: [{ epoch: 1, loss: 0.1, valLoss: 0.09, learningRate: 0.001, seconds: 60 }],
    test: { noisy: scores, denoised: scores, perDigit: [] },
    seconds: { training: 60, evaluation: 1, total: 70 },
  };
}
const text = (a: Results, b: Results) => compare({ name: "baseline", results: a }, { name: "U-Net", results: b }).text;

test("the comparison's words follow the numbers", () => {
  const mixed = text(results(19.75, 0.86), results(20.96, 0.83));
  assert.match(
    mixed,
    /The U-Net is \*\*1\.21 dB in PSNR better\*\* than the baseline; the 95 % intervals do not overlap/,
  );
  assert.match(mixed, /\*\*0\.0300 in SSIM worse\*\*/);
  assert.match(mixed, /0\.76 times the baseline's/);
  assert.match(mixed, /metrics disagree.*haze/s);
  assert.match(text(results(19.75, 0.86), results(21.3, 0.9)), /Both metrics agree/);
  assert.match(text(results(19.75, 0.86), results(19, 0.8)), /Both metrics prefer the baseline/);
  assert.match(text(results(19.75, 0.86, 2), results(20, 0.87, 2)), /overlap, so this may be chance/);
});

test("runs under different conditions are not compared without a warning", () => {
  const other = results(21, 0.9, 0.001, { dataset: "full", sigma: 0.3, seed: 42 });
  assert.match(text(results(20, 0.9), other), /Not the same test:.*sigma 0\.5 and 0\.3/);
  assert.doesNotMatch(text(results(20, 0.9), results(21, 0.9)), /Not the same test/);
});

test("results are written as agreed, and read back", () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "résultats "));
  process.env.IMAGE_DENOISER_OUTPUT = folder;
  assert.equal(loadResults("unet"), undefined);
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] });
  const images = { data: new Float32Array(784), shape: [1, 28, 28, 1] as const, labels: Uint8Array.from([7]) };
  const scores = { psnr: Float64Array.from([20]), ssim: Float64Array.from([0.9]), imageSsim: Float64Array.from([0.8]) };
  const saved = saveResults({
    notebook: "unet",
    parameters: { sigma: 0.5, seed: 42 },
    model,
    mnist: { train: images, validation: images, test: images, digests: { file: "abc" } },
    history: { epochs: [{ epoch: 1, loss: 0.1, valLoss: 0.2, learningRate: 0.001, seconds: 3 }], seconds: 3 },
    noisy: scores,
    denoised: scores,
    seconds: { evaluation: 1, total: 5 },
  });
  assert.deepEqual(loadResults("unet"), JSON.parse(JSON.stringify(saved)));
  assert.deepEqual(fs.readdirSync(path.join(folder, "results")), ["unet.json"]);
  assert.deepEqual(
    [saved.modelParameters, saved.seed, saved.test.denoised.psnr, saved.test.perDigit[7]?.ssim.mean],
    [8, 42, { mean: 20, low: 20, high: 20 }, 0.9],
  );
  assert.ok(saved.versions.tensorflow.startsWith("2."));
  delete process.env.IMAGE_DENOISER_OUTPUT;
});
