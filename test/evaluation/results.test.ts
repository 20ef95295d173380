import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { tf } from "../../lib/engine";
import { loadResults, type NotebookRun, saveResults } from "../../lib/evaluation/results";
import { sameTestImages } from "../../lib/evaluation/test-images";

test("results are written in the agreed form, without leftovers, and read back", () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "résultats "));
  process.env.IMAGE_DENOISER_OUTPUT = folder;
  assert.equal(loadResults("unet"), undefined);
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] });
  const images = { data: new Float32Array(784), shape: [1, 28, 28, 1] as const, labels: Uint8Array.from([7]) };
  const other = { data: new Float32Array(784).fill(0.1), shape: images.shape };
  const scores = { psnr: Float64Array.from([20]), ssim: Float64Array.from([0.9]), imageSsim: Float64Array.from([0.8]) };
  const run: NotebookRun = {
    notebook: "unet",
    parameters: { sigma: 0.5, seed: 42 },
    model,
    data: { train: images, validation: images, test: images, digests: { file: "abc" } },
    test: { clean: images, noisy: images },
    history: { epochs: [{ epoch: 1, loss: 0.1, valLoss: 0.2, learningRate: 0.001, seconds: 3 }], seconds: 3 },
    noisy: scores,
    denoised: scores,
    seconds: { evaluation: 1, total: 5 },
  };
  const withOtherNoise = saveResults({ ...run, test: { clean: images, noisy: other } });
  const saved = saveResults(run);
  assert.deepEqual(loadResults("unet"), JSON.parse(JSON.stringify(saved)));
  assert.deepEqual(fs.readdirSync(path.join(folder, "results")), ["unet.json"]);
  assert.deepEqual(
    [saved.modelParameters, saved.seed, saved.test.denoised.psnr, saved.test.perDigit?.[7]?.ssim.mean],
    [8, 42, { mean: 20, low: 20, high: 20 }, 0.9],
  );
  assert.ok(sameTestImages(saved, saved) && !sameTestImages(saved, withOtherNoise), "scores are equal, images are not");
  const { digest, ...older } = saved.test;
  assert.match(digest ?? "", /^[0-9a-f]{64}$/);
  const ofOlderFile = (psnr: number) => ({
    ...older,
    noisy: { ...older.noisy, psnr: { mean: psnr, low: 1, high: 2 } },
  });
  assert.ok(sameTestImages(saved, { ...saved, test: ofOlderFile(20) }));
  assert.ok(!sameTestImages(saved, { ...saved, test: ofOlderFile(20.0001) }));
  assert.ok(saved.versions.tensorflow.startsWith("2."));
  delete process.env.IMAGE_DENOISER_OUTPUT;
});
