import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { tf } from "../../lib/engine";
import { loadResults, saveResults } from "../../lib/evaluation/results";

test("results are written in the agreed form, without leftovers, and read back", () => {
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
