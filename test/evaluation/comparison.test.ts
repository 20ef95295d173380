import assert from "node:assert/strict";
import { test } from "node:test";
import { compare, type ScoredMethod, trainingTable } from "../../lib/evaluation/comparison";
import type { Results } from "../../lib/evaluation/results";
import type { ScoreRow } from "../../lib/evaluation/score-tables";
import { type ImageScores, summarize } from "../../lib/metrics/scores";
import { Random } from "../../lib/random";

/** Scores of 200 images around a mean: what makes an image hard is the same for all methods, plus `own` of the method. */
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
    test: { digest: "of sigma 0.5", noisy: summarize(scores), denoised: summarize(scores), perDigit: [] },
    seconds: { training: 60, evaluation: 1, total: 70 },
  };
  return { name, scores, results, training: parameters };
}
const baseline = scored("simple autoencoder", [19.75, 0.86]);
const text = (advanced: ScoredMethod, other: ScoredMethod = baseline) => compare(advanced, [other]).text;

test("the sentences of a comparison follow the numbers", () => {
  const mixed = text(scored("U-Net", [20.96, 0.83]));
  assert.match(
    mixed,
    /The PSNR of the U-Net is \*\*1\.2\d dB higher\*\* than that of the simple autoencoder \(95 % interval of the difference: 1\.\d\d to 1\.\d\d\)/,
  );
  assert.match(mixed, /SSIM of the U-Net is \*\*0\.03\d\d lower\*\*.*−0\.03\d\d to −0\.0\d\d\d/);
  assert.match(
    mixed,
    /The U-Net has the higher PSNR on (9\d|100)\.\d % of the images; its squared error is 0\.7\d times/,
  );
  assert.match(mixed, /metrics disagree.*haze/s);
  assert.match(text(scored("U-Net", [21.3, 0.9])), /Both metrics agree/);
  assert.match(text(scored("U-Net", [19, 0.8])), /Both metrics favour the simple autoencoder/);
  assert.match(text(scored("U-Net", [19, 0.9])), /the brightness is not/);
});

test("no difference is claimed when its interval includes 0; paired differences tell more than two intervals", () => {
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

test("the best of the methods without training is named, and each has its row", () => {
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

test("a comparison of trainings with different settings has a warning", () => {
  const other = scored("U-Net", [21, 0.9], { dataset: "full", sigma: 0.3, seed: 42 });
  assert.match(text(other), /Different training settings:.*sigma 0\.5 and 0\.3/);
  assert.doesNotMatch(text(scored("U-Net", [21, 0.9])), /Different training settings/);
});

test("results and costs of trainings stand side by side", () => {
  const table = trainingTable([baseline, scored("U-Net", [21, 0.9])]);
  assert.deepEqual(table.columns, ["model", "simple autoencoder", "U-Net"]);
  assert.deepEqual(table.rows.at(-1), ["training, minutes", "1.0", "1.0"]);
  assert.match(table.rows[0][1], /^19\.\d\d \(/);
  assert.match(table.rows[0][2], /^2\d\.\d\d \(/);
});

test("a training's scores on other noisy images do not stand beside those of the last model", () => {
  const sigma = { dataset: "full", sigma: 0.3, seed: 42 };
  const advanced = scored("U-Net", [24, 0.9], sigma);
  const name = "simple autoencoder, trained with sigma 0.5";
  const measuredThere = { name, scores: summarize(scoresAround(21.5, 0.88, 0.1)) };
  const table = (methods: ScoreRow[]) => {
    const results = { ...advanced.results, test: { ...advanced.results.test, digest: "of sigma 0.3", methods } };
    const machine = { cpu: "a processor", os: "Linux" };
    return trainingTable([
      { name, results: { ...baseline.results, machine: { ...machine, cores: 2 } } },
      { name: "U-Net", results: { ...results, machine: { ...machine, cores: 8 } } },
    ]).rows;
  };
  const rows = table([measuredThere]);
  assert.match(rows[0][1], /^21\.\d\d \(/, "what the last run measured of it");
  assert.deepEqual(
    rows.filter(([heading]) => ["sigma", "training, minutes"].includes(heading)),
    [
      ["sigma", "0.5", "0.3"],
      ["training, minutes", "1.0 on 2 cores", "1.0 on 8 cores"],
    ],
  );
  assert.equal(table([])[0][1], "other noisy images");
});
