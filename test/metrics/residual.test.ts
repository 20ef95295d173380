import assert from "node:assert/strict";
import { test } from "node:test";
import type { Images } from "../../lib/data/images";
import { residualStatistics } from "../../lib/metrics/residual";
import { correlatedGaussian } from "../../lib/noise/correlated";
import { gaussian } from "../../lib/noise/gaussian";

const clean: Images = { data: new Float32Array(20 * 1024).fill(0.5), shape: [20, 32, 32, 1] };

test("white noise taken away whole: mean 0, deviation sigma, about 5 % of the correlations out of their bounds", () => {
  const noisy = gaussian(clean, { sigma: 0.1, seed: 1, clip: false });
  const { mean, deviation, autocorrelation, bound } = residualStatistics(noisy, clean);
  assert.ok(Math.abs(mean) < 0.003 && Math.abs(deviation - 0.1) < 0.002, `${mean}, ${deviation}`);
  assert.equal(autocorrelation[3][3], 1);
  const outside = autocorrelation.flatMap((row, y) => [...row].filter((value, x) => Math.abs(value) > bound[y][x]));
  assert.ok(outside.length <= 1 + 8, `${outside}`);
});

test("correlated noise: the autocorrelation is that of the noise, the same in opposite directions", () => {
  const noisy = correlatedGaussian(clean, { sigma: 0.1, blur: 1, seed: 2, clip: false });
  const { autocorrelation } = residualStatistics(noisy, clean, 1);
  assert.ok(Math.abs(autocorrelation[1][2] - Math.exp(-0.25)) < 0.03, `${autocorrelation[1][2]}`);
  assert.ok(Math.abs(autocorrelation[0][0] - Math.exp(-0.5)) < 0.04, `${autocorrelation[0][0]}`);
  assert.ok(Math.abs(autocorrelation[0][2] - autocorrelation[2][0]) < 1e-12);
});

test("what makes no sense is refused", () => {
  assert.throws(() => residualStatistics(clean, clean, 32), /maxLag must be a whole number from 0 to 31, not 32/);
  assert.throws(() => residualStatistics(clean, { data: new Float32Array(1), shape: [1, 1, 1, 1] }), /same shape/);
});
