import assert from "node:assert/strict";
import { test } from "node:test";
import type { Images } from "../../lib/data/images";
import { gaussian } from "../../lib/noise/gaussian";

const grey = (n: number, value: number): Images => ({
  data: new Float32Array(n * 784).fill(value),
  shape: [n, 28, 28, 1],
});
const moments = (values: Float32Array) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, deviation: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) };
};

test("noise has the asked-for deviation where nothing is clipped", () => {
  const { mean, deviation } = moments(gaussian(grey(200, 0.5), { sigma: 0.1, seed: 3 }).data);
  assert.ok(Math.abs(mean - 0.5) < 0.001 && Math.abs(deviation - 0.1) < 0.001);
});

test("clipped noise has the mean that theory gives for black and white pixels", () => {
  // E[max(0, N(0, 0.5)) clipped at 1] = 0.195 for black, 0.805 for white
  for (const [value, expected] of [
    [0, 0.195],
    [1, 0.805],
  ]) {
    const { data } = gaussian(grey(200, value), { sigma: 0.5, seed: 4 });
    assert.ok(Math.abs(moments(data).mean - expected) < 0.002);
    assert.ok(data.every((pixel) => pixel >= 0 && pixel <= 1));
  }
});

test("noise that is not clipped has no bias at black and white, and is otherwise the same", () => {
  for (const value of [0, 1]) {
    const options = { sigma: 0.5, seed: 4 };
    const { data } = gaussian(grey(200, value), { ...options, clip: false });
    assert.ok(Math.abs(moments(data).mean - value) < 0.004 && Math.abs(moments(data).deviation - 0.5) < 0.004);
    const clipped = gaussian(grey(200, value), options).data;
    assert.ok(clipped.every((pixel, i) => pixel === Math.min(1, Math.max(0, data[i]))));
  }
});

test("equal seeds give equal noise, other seeds other noise; the clean images stay as they were", () => {
  const clean = grey(3, 0.5);
  const noisy = gaussian(clean, { sigma: 0.5, seed: 42 });
  assert.deepEqual(gaussian(clean, { sigma: 0.5, seed: 42 }), noisy);
  assert.notDeepEqual(gaussian(clean, { sigma: 0.5, seed: 43 }).data, noisy.data);
  assert.deepEqual(noisy.shape, clean.shape);
  assert.ok(clean.data.every((value) => value === 0.5));
  assert.deepEqual(gaussian(clean, { sigma: 0, seed: 1 }).data, clean.data);
});

test("noise out of range is refused with the value and the rule", () => {
  assert.throws(() => gaussian(grey(1, 0), { sigma: -0.1, seed: 1 }), /sigma must be a number of at least 0, not -0.1/);
  assert.throws(() => gaussian(grey(1, 0), { sigma: Number.NaN, seed: 1 }), /sigma .* not NaN/);
  assert.throws(() => gaussian(grey(1, 0), { sigma: 0.5, seed: 1.5 }), /seed must be a whole number, not 1.5/);
});

test("a range of sigmas: each image has its own, spread over the range, and equal seeds give equal noise", () => {
  const n = 200;
  const grey = { data: new Float32Array(n * 784).fill(0.5), shape: [n, 28, 28, 1] as const };
  const noisy = gaussian(grey, { sigma: [0.05, 0.15], seed: 3 });
  const deviations = Array.from({ length: n }, (_, i) => {
    const values = noisy.data.subarray(i * 784, (i + 1) * 784);
    return Math.sqrt(values.reduce((sum, value) => sum + (value - 0.5) ** 2, 0) / 784);
  });
  assert.ok(Math.min(...deviations) > 0.045 && Math.min(...deviations) < 0.06, `${Math.min(...deviations)}`);
  assert.ok(Math.max(...deviations) < 0.16 && Math.max(...deviations) > 0.14, `${Math.max(...deviations)}`);
  const mean = deviations.reduce((sum, value) => sum + value, 0) / n;
  assert.ok(Math.abs(mean - 0.1) < 0.01, `${mean}`);
  assert.deepEqual(gaussian(grey, { sigma: [0.05, 0.15], seed: 3 }), noisy);
  assert.deepEqual(gaussian(grey, { sigma: [0.1, 0.1], seed: 3 }), gaussian(grey, { sigma: 0.1, seed: 3 }));
  for (const sigma of [
    [0.2, 0.1],
    [-0.1, 0.1],
    [0, Number.NaN],
  ] as [number, number][])
    assert.throws(() => gaussian(grey, { sigma, seed: 3 }), /sigma must be a range of numbers of at least 0/);
});

test("clean images with a value that is not finite are refused, and so is a data range out of single precision", () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    const clean = grey(2, 0.5);
    clean.data[1000] = value;
    assert.throws(() => gaussian(clean, { sigma: 0.1, seed: 1 }), new RegExp(`clean holds ${value} \\(image 1\\)`));
  }
  for (const dataRange of [0, 1e-200, 1e200])
    assert.throws(
      () => gaussian(grey(1, 0), { sigma: 1, seed: 1, dataRange }),
      /dataRange must be a number from 1e-38/,
    );
});

test("without clipping: the same numbers, also outside of the range", () => {
  const [clipped, whole] = [true, false].map((clip) => gaussian(grey(20, 0.9), { sigma: 0.2, seed: 5, clip }).data);
  assert.ok(whole.some((pixel) => pixel > 1.2));
  assert.ok(Math.abs(moments(whole).mean - 0.9) < 0.01);
  assert.deepEqual(
    whole.map((pixel) => Math.min(Math.max(pixel, 0), 1)),
    clipped,
  );
});
