import assert from "node:assert/strict";
import { test } from "node:test";
import { bootstrapMean, type Interval, pairedDifference } from "../../lib/metrics/bootstrap";
import { pairedDifferences, scoreImages, summarizeByDigit } from "../../lib/metrics/scores";
import { worstMedianBest } from "../../lib/metrics/worst-median-best";
import { Random } from "../../lib/random";
import { golden } from "../golden";

/** Six random images around a middle grey. */
const stackOf = (random: Random, spread: number) => ({
  data: Float32Array.from({ length: 6 * 100 }, () => 0.5 + spread * (random.uniform() - 0.5)),
  shape: [6, 10, 10, 1] as const,
});

for (const { name, values, low, high } of golden<{ name: string; values: number[]; low: number; high: number }>(
  "intervals.json",
))
  test(`intervals are those of 400,000 resamples: ${name}`, () => {
    const seeds = Array.from({ length: 50 }, (_, seed) => bootstrapMean(values, seed));
    const mean = (bound: "low" | "high") => seeds.reduce((sum, interval) => sum + interval[bound], 0) / seeds.length;
    // 1,000 resamples of each seed: their bounds differ by some percent of the interval, their mean by a seventh of that
    for (const [actual, expected] of [
      [mean("low"), low],
      [mean("high"), high],
    ])
      assert.ok(Math.abs(actual - expected) < 0.02 * (high - low), `${actual} instead of ${expected}`);
  });

for (const [distribution, n, trueMean, draw] of [
  ["normal", 20, 1, (random: Random) => 1 + random.normal()],
  ["exponential", 20, 1, (random: Random) => -Math.log(random.uniform())],
  ["lognormal", 50, Math.exp(0.5), (random: Random) => Math.exp(random.normal())],
  ["exponential", 200, 1, (random: Random) => -Math.log(random.uniform())],
] as const)
  test(`95 % intervals hold the true mean about 95 times in 100: ${n} ${distribution} scores`, () => {
    const random = new Random(7);
    const trials = 1000;
    let held = 0;
    for (let trial = 0; trial < trials; trial++) {
      const scores = Float64Array.from({ length: n }, () => draw(random));
      const { low, high } = bootstrapMean(scores, trial);
      if (low <= trueMean && trueMean <= high) held++;
    }
    assert.ok(held >= 0.92 * trials && held <= 0.97 * trials, `${held} of ${trials}`);
  });

test("where few scores differ, bounds stay finite and within the scores", () => {
  for (const different of [1, 2, 3, 5]) {
    const right = Float64Array.from({ length: 1000 }, (_, i) => (i < different ? 0 : 1));
    const { mean, low, high } = bootstrapMean(right);
    assert.ok(low < mean && low > 0.97 && high >= mean && high <= 1, `${low} to ${high}`);
  }
  assert.deepEqual(bootstrapMean([0.1, 0.1, 0.1]).low, bootstrapMean([0.1, 0.1, 0.1]).mean);
  assert.deepEqual(bootstrapMean([7]), { mean: 7, low: 7, high: 7 });
});

test("an infinite score makes the mean infinite, and a bound where more than 2.5 % of the drawn means are", () => {
  const scores = Float64Array.from({ length: 400 }, (_, i) => (i === 0 ? Number.POSITIVE_INFINITY : 20 + (i % 3)));
  const { mean, low, high } = bootstrapMean(scores);
  assert.deepEqual([mean, high], [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
  assert.ok(low > 20.8 && low < 21.1, `${low}`); // a third of the samples do not hold the infinite one
});

test("differences on the same images are surer than those of two means, and hold the true one", () => {
  const random = new Random(11);
  let held = 0;
  for (let trial = 0; trial < 200; trial++) {
    const hardness = Array.from({ length: 200 }, () => 3 * random.normal());
    const [a, b] = [1, 0.5].map((gain) => Float64Array.from(hardness, (hard) => gain - hard + 0.5 * random.normal()));
    const { mean, low, high } = pairedDifference(a, b, trial);
    assert.ok(Math.abs(mean - (bootstrapMean(a).mean - bootstrapMean(b).mean)) < 1e-12);
    const width = (interval: Interval) => interval.high - interval.low;
    assert.ok(high - low < 0.3 * Math.hypot(width(bootstrapMean(a, trial)), width(bootstrapMean(b, trial + 1))));
    if (low <= 0.5 && 0.5 <= high) held++;
  }
  assert.ok(held >= 0.91 * 200 && held <= 0.98 * 200, `${held} of 200`);
  const scores = scoreImages(stackOf(random, 0.9), stackOf(random, 0.1));
  assert.deepEqual(pairedDifferences(scores, scores).ssim, { mean: 0, low: 0, high: 0 });
});

test("differences of infinite scores: none between two perfect pictures, infinite to one, an error both ways", () => {
  const [finite, infinite] = [20, Number.POSITIVE_INFINITY];
  const difference = (a: number[], b: number[]) => pairedDifference(Float64Array.from(a), Float64Array.from(b));
  assert.deepEqual(difference([infinite, 21], [infinite, 21]), { mean: 0, low: 0, high: 0 });
  assert.equal(difference([infinite, finite], [finite, finite]).mean, infinite);
  assert.equal(difference([finite, finite], [finite, infinite]).mean, -infinite);
  assert.throws(() => difference([infinite, finite], [finite, infinite]), /no mean/);
  assert.throws(() => difference([Number.NaN, finite], [finite, finite]), /no mean/);
  assert.throws(() => difference([finite], [finite, finite]), /not 1 with 2/);
});

test("worst, median and best are the images with the lowest, middle and highest scores, in rising order", () => {
  const infinite = Number.POSITIVE_INFINITY;
  const scores = Float64Array.from([5, infinite, 3, 1, 4, infinite, 2]);
  assert.deepEqual(worstMedianBest(scores, 2), { worst: [3, 6], median: [2, 4], best: [1, 5] });
  assert.deepEqual(worstMedianBest(scores, 1), { worst: [3], median: [4], best: [5] });
  for (const count of [0, 3, 1.5])
    assert.throws(() => worstMedianBest(scores, count), /from 1 to a third of the 7 images/);
});

test("a bootstrap interval is as wide as the theory of the mean says, and reproducible", () => {
  const random = new Random(8);
  const sample = Float64Array.from({ length: 2000 }, () => random.normal());
  const { mean, low, high } = bootstrapMean(sample, 1);
  assert.ok(low < mean && mean < high);
  assert.ok(Math.abs((high - low) / (2 * 1.96 * (1 / Math.sqrt(2000))) - 1) < 0.1);
  assert.deepEqual(bootstrapMean(sample, 1), { mean, low, high });
  assert.throws(() => bootstrapMean([]), /no values/);
});

test("scores per digit are the scores of that digit's images", () => {
  const random = new Random(9);
  const scores = scoreImages(stackOf(random, 0.9), stackOf(random, 0.1));
  const byDigit = summarizeByDigit(scores, Uint8Array.from([3, 3, 9, 3, 9, 0]));
  assert.deepEqual(
    byDigit.map((found) => found !== undefined),
    [true, false, false, true, false, false, false, false, false, true],
  );
  const mean = (...at: number[]) => at.reduce((sum, i) => sum + scores.psnr[i], 0) / at.length;
  assert.ok(Math.abs((byDigit[3]?.psnr.mean ?? 0) - mean(0, 1, 3)) < 1e-12);
  assert.equal(byDigit[0]?.ssim.mean, scores.ssim[5]);
});
