import assert from "node:assert/strict";
import { test } from "node:test";
import { bootstrapMean } from "../../lib/metrics/bootstrap";
import { scoreImages, summarizeByDigit } from "../../lib/metrics/scores";
import { Random } from "../../lib/random";

test("95 % bootstrap intervals hold the true mean about 95 times in 100", () => {
  const random = new Random(7);
  let held = 0;
  for (let trial = 0; trial < 400; trial++) {
    const sample = Float64Array.from({ length: 100 }, () => 3 + 2 * random.normal());
    const { low, high } = bootstrapMean(sample, trial);
    if (low <= 3 && 3 <= high) held++;
  }
  assert.ok(held >= 0.91 * 400 && held <= 0.98 * 400, `${held} of 400`);
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
  const stack = (spread: number) => ({
    data: Float32Array.from({ length: 6 * 100 }, () => 0.5 + spread * (random.uniform() - 0.5)),
    shape: [6, 10, 10, 1] as const,
  });
  const scores = scoreImages(stack(0.9), stack(0.1));
  const byDigit = summarizeByDigit(scores, Uint8Array.from([3, 3, 9, 3, 9, 0]));
  assert.deepEqual(
    byDigit.map((found) => found !== undefined),
    [true, false, false, true, false, false, false, false, false, true],
  );
  const mean = (...at: number[]) => at.reduce((sum, i) => sum + scores.psnr[i], 0) / at.length;
  assert.ok(Math.abs((byDigit[3]?.psnr.mean ?? 0) - mean(0, 1, 3)) < 1e-12);
  assert.equal(byDigit[0]?.ssim.mean, scores.ssim[5]);
});
