// The estimate is scikit-image's, and is what theory says.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Images } from "../../lib/data/images";
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
