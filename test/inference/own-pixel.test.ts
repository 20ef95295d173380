import assert from "node:assert/strict";
import { test } from "node:test";
import type { Images } from "../../lib/data/images";
import { withOwnPixels } from "../../lib/inference/own-pixel";
import { mse } from "../../lib/metrics/errors";
import { gaussian } from "../../lib/noise/gaussian";

const shape = [200, 16, 16, 1] as const;
const flat = (value: (at: number) => number): Images => ({ data: Float32Array.from({ length: 200 * 256 }, (_, at) => value(at)), shape }); // biome-ignore format: short
const error = (clean: Images, images: Images) => mse(clean, images).reduce((sum, value) => sum + value / 200, 0);
const sigma = 0.5;

test("Gaussian pixels around known means: the error is that of the posterior mean, a b / (a + b)", () => {
  // half of the pixels are around 0 with deviation 0.1, half around 1 with deviation 1
  const known = flat((at) => at % 2);
  const spread = gaussian(flat(() => 0), { sigma: 1, seed: 1, clip: false }); // biome-ignore format: short
  const clean = flat((at) => (at % 2) + (at % 2 ? 1 : 0.1) * spread.data[at]);
  const noisy = gaussian(clean, { sigma, seed: 2, clip: false });
  const found = error(clean, withOwnPixels(noisy, known, sigma));
  const expected = (0.25 / 1.25 + (0.01 * 0.25) / 0.26) / 2;
  assert.ok(Math.abs(found - expected) < 0.03 * expected, `${found}, not ${expected}`);
});

test("a prediction without errors stays nearly as it is; noisy images are not changed", () => {
  const clean = flat((at) => (at % 7) / 7);
  const noisy = gaussian(clean, { sigma, seed: 3, clip: false });
  const before = noisy.data.slice();
  const found = error(clean, withOwnPixels(noisy, clean, sigma));
  assert.ok(found < 5e-4, `${found}`); // the noise is 0.25
  assert.deepEqual(noisy.data, before);
});

test("no images, other shapes, values that are not numbers and a sigma of 0 are handled", () => {
  const none: Images = { data: new Float32Array(0), shape: [0, 16, 16, 1] };
  assert.equal(withOwnPixels(none, none, sigma).data.length, 0);
  const one: Images = { data: new Float32Array(4), shape: [1, 2, 2, 1] };
  assert.throws(() => withOwnPixels(one, none, sigma), /same shape/);
  assert.throws(() => withOwnPixels(one, one, 0), /sigma must be a positive/);
  const bad: Images = { data: new Float32Array(4).fill(Number.NaN), shape: [1, 2, 2, 1] };
  assert.throws(() => withOwnPixels(one, bad, sigma), /predicted/);
});
