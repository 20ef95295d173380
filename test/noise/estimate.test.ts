// The estimate is scikit-image's, and is what theory says.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Images, sliceImages } from "../../lib/data/images";
import { loadMnist } from "../../lib/data/mnist";
import { estimateSigma } from "../../lib/noise/estimate";
import { gaussian } from "../../lib/noise/gaussian";
import { floats, golden } from "../golden";

interface Case {
  name: string;
  shape: Images["shape"];
  image: string;
  /** null where scikit-image finds no coefficient other than zero. */
  sigma: number | null;
}

for (const { name, shape, image, sigma } of golden<Case>("noise.json"))
  test(`${name}: the estimate is scikit-image's`, () => {
    const [estimate] = estimateSigma({ data: floats(image), shape });
    assert.ok(Math.abs(estimate - (sigma ?? 0)) <= 1e-6 * Math.max(sigma ?? 0, 1e-3), `${estimate}, not ${sigma}`);
  });

test("each image of a stack has its own estimate, whatever the others are", () => {
  const grey: Images = { data: new Float32Array(2 * 64 * 64).fill(0.5), shape: [2, 64, 64, 1] };
  const [weak, strong] = [0.01, 0.1].map((sigma) => gaussian(grey, { sigma, seed: 1 }).data.subarray(64 * 64));
  const stack: Images = { data: Float32Array.from([...weak, ...strong]), shape: grey.shape };
  const estimates = estimateSigma(stack);
  assert.ok(Math.abs(estimates[0] - 0.01) < 1e-3 && Math.abs(estimates[1] - 0.1) < 1e-2, `${estimates}`);
  const alone = [weak, strong].map((data) => estimateSigma({ data, shape: [1, 64, 64, 1] })[0]);
  assert.deepEqual([...estimates], alone);
});

test("no images, images without pixels, and values that are not finite", () => {
  assert.deepEqual(estimateSigma({ data: new Float32Array(0), shape: [0, 8, 8, 1] }), new Float64Array(0));
  assert.deepEqual([...estimateSigma({ data: new Float32Array(0), shape: [2, 0, 8, 1] })], [0, 0]);
  const broken = { data: Float32Array.of(1, Number.NaN), shape: [1, 1, 2, 1] as const };
  assert.throws(() => estimateSigma(broken), /images holds NaN \(image 0\)/);
});

test("clipped noise: corrected by the share of values at 0 and 1; noise that is not clipped stays as it is", () => {
  const flat = (value: number): Images => ({ data: new Float32Array(65536).fill(value), shape: [1, 256, 256, 1] });
  for (const sigma of [0.1, 0.5])
    for (const value of [0, 0.5 * sigma, 1 - sigma, 1]) {
      const noisy = gaussian(flat(value), { sigma, seed: 3 });
      const [found] = estimateSigma(noisy, { clipped: true });
      if (sigma === 0.1) assert.ok(Math.abs(found - sigma) < 0.05 * sigma, `${found} at ${value}`);
      else assert.ok(Math.abs(found - sigma) < 0.2 * sigma, `${found} at ${value}`); // clipped at both ends
      assert.ok(estimateSigma(noisy)[0] < 0.92 * sigma);
    }
  const whole = gaussian(flat(0), { sigma: 0.1, seed: 3, clip: false });
  assert.deepEqual(estimateSigma(whole, { clipped: true }), estimateSigma(whole));
});

test("clipped noise on digits: within 20 % for nine in ten, on average within 5 %", () => {
  const digits = sliceImages(loadMnist({ dataset: "quick" }).train, 0, 300);
  for (const sigma of [0.2, 0.4, 0.6, 0.8]) {
    const found = estimateSigma(gaussian(digits, { sigma, seed: 3 }), { clipped: true });
    const errors = Array.from(found, (value) => value / sigma - 1);
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    assert.ok(Math.abs(mean) < 0.05, `sigma ${sigma}: mean error ${mean}`);
    const within = errors.filter((error) => Math.abs(error) < 0.2).length;
    assert.ok(within > 0.9 * errors.length, `sigma ${sigma}: ${within} of ${errors.length}`);
  }
});
