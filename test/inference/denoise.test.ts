// Denoising gives images of the shape that it takes, or says what does not fit.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Images } from "../../lib/data/images";
import { tf } from "../../lib/engine";
import { denoise } from "../../lib/inference/denoise";
import { denoiseAugmented, fiveShifts } from "../../lib/inference/test-time-augmentation";
import { wave } from "../golden";

type Size = [height: number | null, width: number | null, channels: number];

const images = (n: number, height: number, width: number, channels: number): Images => ({
  data: Float32Array.from(wave(n * height * width * channels, 1)),
  shape: [n, height, width, channels],
});
const convolution = (inputShape: Size, filters: number, strides = 1) =>
  tf.sequential({
    name: "sharp",
    layers: [tf.layers.conv2d({ inputShape, filters, kernelSize: 1, strides, kernelInitializer: "ones" })],
  });

test("a model of any size denoises images of any size, in batches", () => {
  const noisy = images(5, 6, 9, 2);
  const model = convolution([null, null, 2], 2);
  const denoised = denoise(model, noisy, { batchSize: 2 });
  assert.deepEqual(denoised.shape, noisy.shape);
  noisy.data.forEach((value, i) => {
    assert.ok(Math.abs(denoised.data[i] - (value + noisy.data[i + (i % 2 ? -1 : 1)])) < 1e-5);
  });
  assert.deepEqual(denoise(model, images(0, 6, 9, 2)).shape, [0, 6, 9, 2]);
});

const misfits: [string, tf.LayersModel, Images, RegExp][] = [
  ["a smaller output", convolution([8, 8, 1], 1, 2), images(3, 8, 8, 1), /sharp makes \[n, 4, 4, 1\] of \[3, 8, 8, 1\]: a denoiser .* the shape that it takes/],
  ["a smaller output of a model of any size", convolution([null, null, 1], 1, 2), images(3, 8, 8, 1), /sharp makes \[3, 4, 4, 1\] of \[3, 8, 8, 1\]/],
  ["more channels", convolution([8, 8, 1], 3), images(3, 8, 8, 1), /sharp makes \[n, 8, 8, 3\] of \[3, 8, 8, 1\]/],
  ["images of another size", convolution([8, 8, 1], 1), images(3, 9, 8, 1), /sharp takes \[n, 8, 8, 1\], and noisy is \[3, 9, 8, 1\]/],
  ["images with other channels", convolution([null, null, 1], 1), images(3, 8, 8, 3), /sharp takes \[n, any, any, 1\], and noisy is \[3, 8, 8, 3\]/],
  ["a model of vectors", tf.sequential({ name: "flat", layers: [tf.layers.dense({ inputShape: [64], units: 64 })] }), images(1, 8, 8, 1), /flat takes \[n, 64\], and noisy is \[1, 8, 8, 1\]/],
]; // biome-ignore format: one a line

for (const [name, model, noisy, message] of misfits)
  test(`${name}: refused with both shapes`, () => {
    const before = tf.memory().numTensors;
    assert.throws(() => denoise(model, noisy), message);
    assert.throws(() => denoiseAugmented(model, noisy, fiveShifts), message);
    assert.equal(tf.memory().numTensors, before);
  });

test("several inputs or outputs, and batches of no images, are refused", () => {
  const input = () => tf.input({ shape: [8, 8, 1] });
  const [a, b] = [input(), input()];
  const twice = tf.model({ inputs: a, outputs: [a, a] });
  const sum = tf.model({ inputs: [a, b], outputs: tf.layers.add().apply([a, b]) as tf.SymbolicTensor });
  assert.throws(() => denoise(twice, images(1, 8, 8, 1)), /one input and one output, not 1 and 2/);
  assert.throws(() => denoise(sum, images(1, 8, 8, 1)), /one input and one output, not 2 and 1/);
  const model = convolution([8, 8, 1], 1);
  for (const batchSize of [0, 1.5, Number.NaN])
    assert.throws(
      () => denoise(model, images(1, 8, 8, 1), { batchSize }),
      /batchSize must be a whole number of at least 1/,
    );
});
