import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { tf } from "../../lib/engine";
import { compare, type ScoredMethod, trainingTable } from "../../lib/evaluation/comparison";
import { evaluate, scoreRow } from "../../lib/evaluation/evaluate";
import { loadResults, type Results, saveResults } from "../../lib/evaluation/results";
import { type ImageScores, summarize } from "../../lib/metrics/scores";
import { Random } from "../../lib/random";

/** Scores of 200 images around a mean, the same images' troubles for each method, and a few of the method's own. */
function scoresAround(psnr: number, ssim: number, own: number): ImageScores {
  const random = new Random(1);
  const ofMethod = new Random(Math.round(1000 * psnr));
  const values = (mean: number, spread: number) =>
    Float64Array.from({ length: 200 }, () => mean + spread * (random.normal() + own * ofMethod.normal()));
  return { psnr: values(psnr, 2), ssim: values(ssim, 0.02), imageSsim: values(ssim, 0.02) };
}
function scored(
  name: string,
  [psnr, ssim]: [number, number],
  parameters: Results["parameters"] = { dataset: "full", sigma: 0.5, seed: 42 },
  own = 0.1,
): ScoredMethod & { results: Results } {
  const scores = scoresAround(psnr, ssim, own);
  const results: Results = {
    schema: 1,
    notebook: "test",
    parameters,
    seed: 42,
    modelParameters: 28353,
    versions: {},
    data: { train: 55_000, validation: 5_000, test: 10_000, digests: {} },
    history: [{ epoch: 1, loss: 0.1, valLoss: 0.09, learningRate: 0.001, seconds: 60 }],
    test: { noisy: summarize(scores), denoised: summarize(scores), perDigit: [] },
    seconds: { training: 60, evaluation: 1, total: 70 },
  };
  return { name, scores, results, training: parameters };
}
const baseline = scored("simple autoencoder", [19.75, 0.86]);
const text = (advanced: ScoredMethod, other: ScoredMethod = baseline) => compare(advanced, [other]).text;

test("the comparison's words follow the numbers", () => {
  const mixed = text(scored("U-Net", [20.96, 0.83]));
  assert.match(
    mixed,
    /The PSNR of the U-Net is \*\*1\.2\d dB higher\*\* than that of the simple autoencoder \(95 % interval of the difference: 1\.\d\d to 1\.\d\d\)/,
  );
  assert.match(mixed, /SSIM of the U-Net is \*\*0\.03\d\d lower\*\*.*−0\.03\d\d to −0\.0\d\d\d/);
  assert.match(mixed, /the higher PSNR on (9\d|100)\.\d % of the images; its squared error is 0\.7\d times/);
  assert.match(mixed, /metrics disagree.*haze/s);
  assert.match(text(scored("U-Net", [21.3, 0.9])), /Both metrics agree/);
  assert.match(text(scored("U-Net", [19, 0.8])), /Both metrics favour the simple autoencoder/);
  assert.match(text(scored("U-Net", [19, 0.9])), /the brightness is not/);
});

test("a difference smaller than its interval is not called one; paired images tell more than two intervals", () => {
  const unsure = text(scored("U-Net", [19.76, 0.8601], undefined, 3));
  assert.match(
    unsure,
    /\*\*no clear difference in PSNR\*\* between the U-Net and the simple autoencoder \(95 % interval of the difference: −0\.\d\d to [01]\.\d\d\)/,
  );
  assert.match(unsure, /one of the two metrics shows no clear difference/);
  const close = scored("U-Net", [20.0, 0.87]);
  const [a, b] = [summarize(close.scores).psnr, summarize(baseline.scores).psnr];
  assert.ok(a.low < b.high, "the two intervals overlap");
  assert.match(text(close), /dB higher/);
});

test("of methods without a training the nearest one is named, and each has its row", () => {
  const untrained = (name: string, psnr: number) => ({ name, scores: scoresAround(psnr, 0.5, 0.1) });
  const { differences, text: words } = compare(scored("U-Net", [21, 0.9]), [
    untrained("noisy", 9.4),
    untrained("total variation", 16.2),
    untrained("mean 3x3", 15.4),
    baseline,
  ]);
  assert.match(
    words,
    /best of the methods without training is total variation\. The PSNR of the U-Net is \*\*4\.\d\d dB higher/,
  );
  assert.deepEqual(
    differences.rows.map(([name]) => name),
    ["noisy", "total variation", "mean 3x3", "simple autoencoder"].map((name) => `U-Net − ${name}`),
  );
  assert.throws(
    () => compare(baseline, [{ name: "short", scores: { ...baseline.scores, psnr: new Float64Array(3) } }]),
    /200 with 3/,
  );
});

test("runs under different conditions are not compared without a warning", () => {
  const other = scored("U-Net", [21, 0.9], { dataset: "full", sigma: 0.3, seed: 42 });
  assert.match(text(other), /Different training settings:.*sigma 0\.5 and 0\.3/);
  assert.doesNotMatch(text(scored("U-Net", [21, 0.9])), /Different training settings/);
});

test("what trainings took stands side by side", () => {
  const table = trainingTable([baseline, scored("U-Net", [21, 0.9])]);
  assert.deepEqual(table.columns, ["model", "simple autoencoder", "U-Net"]);
  assert.deepEqual(table.rows.at(-1), ["training, minutes", "1.0", "1.0"]);
  assert.match(table.rows[0][2], /^2\d\.\d\d \(/);
});

test("all methods are scored on the same images, and read by the same classifier", () => {
  const labels = Uint8Array.from([3, 3, 5]);
  const clean = {
    data: Float32Array.from({ length: 3 * 784 }, (_, i) => (i % 5) / 5),
    shape: [3, 28, 28, 1],
    labels,
  } as const;
  const half = { data: clean.data.map((value) => value / 2), shape: clean.shape };
  const input = tf.input({ shape: [28, 28, 1] });
  const output = tf.layers
    .dense({ units: 10, kernelInitializer: "zeros", biasInitializer: tf.initializers.zeros() })
    .apply(tf.layers.flatten().apply(input)) as tf.SymbolicTensor;
  const alwaysThree = tf.model({ inputs: input, outputs: output });
  alwaysThree.setWeights([tf.zeros([784, 10]), tf.tensor1d([0, 0, 0, 1, 0, 0, 0, 0, 0, 0])]);
  const [original, darker] = evaluate(
    clean,
    [
      { name: "original", images: clean },
      { name: "darker", images: half },
    ],
    alwaysThree,
  );
  assert.deepEqual([...original.accuracy], [1, 1, 0]);
  assert.deepEqual([...darker.accuracy], [1, 1, 0]);
  assert.ok(original.scores.ssim.every((value) => value === 1) && darker.scores.ssim.every((value) => value < 1));
  const row = scoreRow(darker);
  assert.ok(Math.abs((row.accuracy?.mean ?? 0) - 2 / 3) < 1e-12 && row.scores.psnr.low <= row.scores.psnr.mean);
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
