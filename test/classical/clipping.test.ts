import assert from "node:assert/strict";
import { test } from "node:test";
import { correctClipping, meanOfClipped } from "../../lib/classical/clipping";
import type { Images } from "../../lib/data/images";
import { gaussian } from "../../lib/noise/gaussian";

/** The mean by Simpson's rule over the noise, in the pieces between the kinks of clip. */
function integratedMean(value: number, sigma: number): number {
  const density = (z: number) => Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
  const noisy = (z: number) => Math.min(Math.max(value + sigma * z, 0), 1) * density(z);
  const kinks = [-value / sigma, (1 - value) / sigma].map((z) => Math.min(Math.max(z, -12), 12));
  const edges = [-12, ...kinks, 12];
  let total = 0;
  for (let piece = 0; piece < 3; piece++) {
    const steps = 2000;
    const width = (edges[piece + 1] - edges[piece]) / steps;
    for (let i = 0; i <= steps; i++)
      total += ((i === 0 || i === steps ? 1 : 2 + 2 * (i % 2)) * noisy(edges[piece] + i * width) * width) / 3;
  }
  return total;
}

test("the mean of clipped noise is what integration gives", () => {
  for (const sigma of [0.05, 0.11, 0.2, 0.5, 0.8, 1, 3])
    for (const value of [0, 0.1, 0.5, 0.7, 1]) {
      const difference = Math.abs(meanOfClipped(value, sigma) - integratedMean(value, sigma));
      assert.ok(difference < 1e-10, `value ${value}, sigma ${sigma}: differs by ${difference}`);
    }
  assert.ok(Math.abs(meanOfClipped(0, 0.5) - 0.195) < 5e-4);
  assert.ok(Math.abs(meanOfClipped(1, 0.5) - 0.805) < 5e-4);
});

test("the mean of clipped noise at the limits: no noise, and nothing but noise", () => {
  for (const value of [0, 0.3, 1]) {
    assert.ok(Math.abs(meanOfClipped(value, 1e-9) - value) < 1e-8);
    assert.ok(Math.abs(meanOfClipped(value, 1e6) - 0.5) < 1e-6);
  }
});

test("after correction, noisy black is black on average and noisy white is white", () => {
  for (const value of [0, 0.5, 1]) {
    const clean: Images = { data: new Float32Array(200_000).fill(value), shape: [200_000, 1, 1, 1] };
    const noisy = gaussian(clean, { sigma: 0.5, seed: 3 });
    const corrected = correctClipping(noisy, 0.5);
    assert.deepEqual(corrected.shape, clean.shape);
    const mean = corrected.data.reduce((sum, pixel) => sum + pixel, 0) / corrected.data.length;
    assert.ok(Math.abs(mean - value) < 0.005, `${mean} instead of ${value}`);
  }
});

test("wrong input is an error that says what is wrong", () => {
  const noisy: Images = { data: new Float32Array(4), shape: [1, 2, 2, 1] };
  for (const sigma of [0, -0.5, Number.NaN, Number.POSITIVE_INFINITY])
    assert.throws(
      () => correctClipping(noisy, sigma),
      new RangeError(`sigma must be a number from 1e-9 to 1000000, not ${sigma}`),
    );
  assert.throws(() => correctClipping({ ...noisy, shape: [1, 2, 3, 1] }, 0.5), /needs 6 values, but data holds 4/);
});

test("the correction of clipping has no sigma that gives NaN", () => {
  const noisy: Images = { data: Float32Array.of(0, 0.5, 1), shape: [1, 1, 3, 1] };
  for (const sigma of [1e-9, 1e-4, 1, 1000])
    assert.ok(Math.abs(correctClipping(noisy, sigma).data[1] - 0.5) < 1e-6, `sigma ${sigma}`);
  for (const sigma of [1e-320, 1e16, 1e300]) assert.throws(() => correctClipping(noisy, sigma), /from 1e-9 to 1000000/);
  const broken: Images = { ...noisy, data: Float32Array.of(0, Number.NaN, 1) };
  assert.throws(() => correctClipping(broken, 0.5), /noisy holds NaN \(image 0\)/);
});
