// Native ops called directly: extreme shapes, values that are not finite, and inputs that do not fit.
import assert from "node:assert/strict";
import { test } from "node:test";
import { tf } from "../../lib/engine";
import * as kernels from "../../lib/engine/kernels";
import { largest, tensor } from "./support";

const plain = (...inputs: tf.Tensor[]): kernels.ConvolutionInput => ({ inputs, factors: [1, 1] });

function assertClose(actual: tf.Tensor, expected: tf.Tensor, name: string) {
  assert.deepEqual(actual.shape, expected.shape, name);
  const scale = expected.size === 0 ? 1 : Math.max(1, expected.abs().max().dataSync()[0]);
  assert.ok(largest(actual, expected) < 2e-5 * scale, `${name}: off by ${largest(actual, expected)}`);
}

test("transposed convolution with few channels: output and gradients", () => {
  for (const [inChannels, filters, side] of [
    [1, 1, 1],
    [4, 1, 2],
    [3, 4, 1],
    [2, 2, 2],
    [5, 1, 2],
    [4, 3, 3],
  ]) {
    const name = `${inChannels} to ${filters}, ${side}x${side}`;
    const x = tensor([3, 5, 4, inChannels], 1) as tf.Tensor4D;
    const kernel = tensor([side, side, filters, inChannels], 2) as tf.Tensor4D;
    const bias = tensor([filters], 3);
    const shape: [number, number, number, number] = [3, 5 * side, 4 * side, filters];
    const stock = (input: tf.Tensor, weights: tf.Tensor, offset: tf.Tensor) =>
      tf.conv2dTranspose(input as tf.Tensor4D, weights as tf.Tensor4D, shape, side, "valid").add(offset);
    const dy = tensor(shape, 4);
    assertClose(kernels.convTranspose(plain(x), kernel, bias), stock(x, kernel, bias), name);
    const [dx, dkernel, dbias] = tf.grads(stock)([x, kernel, bias], dy);
    const gradients = kernels.convTransposeGradient(dy, plain(x), kernel, { ofInput: true });
    assertClose(gradients.dinputs[0], dx, `${name}, dx`);
    assertClose(gradients.dkernel, dkernel, `${name}, dkernel`);
    assertClose(gradients.dbias, dbias, `${name}, dbias`);
  }
});

test("convolution from few channels to few: output and gradients", () => {
  for (const [inChannels, filters, side] of [
    [1, 1, 1],
    [4, 4, 3],
    [3, 2, 5],
  ]) {
    const name = `${inChannels} to ${filters}, ${side}x${side}`;
    const x = tensor([3, 6, 7, inChannels], 1) as tf.Tensor4D;
    const kernel = tensor([side, side, inChannels, filters], 2) as tf.Tensor4D;
    const bias = tensor([filters], 3);
    const stock = (input: tf.Tensor, weights: tf.Tensor, offset: tf.Tensor) =>
      tf
        .conv2d(input as tf.Tensor4D, weights as tf.Tensor4D, 1, "same")
        .add(offset)
        .relu();
    const { y } = kernels.conv(plain(x), kernel, bias, { relu: true, moments: false });
    assertClose(y, stock(x, kernel, bias), name);
    const dy = tensor(y.shape, 4);
    const [dx, dkernel, dbias] = tf.grads(stock)([x, kernel, bias], dy);
    const gradients = kernels.convGradient({ dy, y }, plain(x), kernel, { relu: true, ofInput: true });
    assertClose(gradients.dinputs[0], dx, `${name}, dx`);
    assertClose(gradients.dkernel, dkernel, `${name}, dkernel`);
    assertClose(gradients.dbias, dbias, `${name}, dbias`);
  }
});

const variables = (channels: number) => ({
  gamma: tf.ones([channels]),
  beta: tf.zeros([channels]),
  movingMean: tf.zeros([channels]),
  movingVariance: tf.ones([channels]),
});
const settings = { epsilon: 1e-3, momentum: 0.9 };

test("the moving variance follows the batch's biased variance, as in Keras 3 and tfjs", () => {
  const x = tf.tensor([1, 2, 3, 6], [4, 1, 1, 1]);
  const { movingMean, movingVariance } = kernels.batchNormTraining(x, variables(1), { epsilon: 0, momentum: 0.5 });
  assert.equal(movingMean.dataSync()[0], 1.5);
  assert.equal(movingVariance.dataSync()[0], 0.5 + 0.5 * 3.5); // the variance is 3.5, unbiased it would be 4.67
});

test("NaN makes batch normalization's moments NaN, and no other channel's", () => {
  const x = tf.tensor([1, 2, Number.NaN, 4, 5, 7], [3, 1, 1, 2]);
  const { movingMean, movingVariance, normalization } = kernels.batchNormTraining(x, variables(2), settings);
  for (const result of [movingMean, movingVariance, ...tf.unstack(normalization)]) {
    const [first, second] = result.dataSync();
    assert.ok(Number.isNaN(first) && Number.isFinite(second), `${first}, ${second}`);
  }
});

test("the gradient of ReLU is NaN where its input is, as in tfjs", () => {
  for (const channels of [1, 20]) {
    const kernel = tf.eye(channels).reshape([1, 1, channels, channels]);
    const x = tf.fill([1, 2, 2, channels], 1).mul(tf.tensor([1, Number.NaN, -1, 2], [1, 2, 2, 1]));
    const bias = tf.zeros([channels]);
    const { y } = kernels.conv(plain(x), kernel, bias, { relu: true, moments: false });
    const dy = tf.onesLike(y);
    const { dbias } = kernels.convGradient({ dy, y }, plain(x), kernel, { relu: true, ofInput: false });
    assert.ok(Number.isNaN(dbias.dataSync()[channels - 1]), `${channels} channels`);
    const { pooled, argmax } = kernels.convMaxPool(plain(x), kernel, bias, true);
    const output = { dy: tf.onesLike(pooled), pooled, argmax };
    const ofPooled = kernels.convGradient(output, plain(x), kernel, { relu: true, ofInput: false });
    assert.ok(Number.isNaN(ofPooled.dbias.dataSync()[channels - 1]), `${channels} channels, pooled`);
  }
  const gradient = kernels.reluGradient(tf.ones([4]), tf.tensor([Number.NaN, 0, -1, 3])).dataSync();
  assert.deepEqual([...gradient], [Number.NaN, 0, 0, 1]);
});

test("max-pooling: NaN is the largest, and the first one gets the gradient", () => {
  for (const channels of [1, 20])
    for (let at = 0; at < 4; at++)
      for (const second of [at, 3]) {
        const pixels = [1, 2, 3, 4].map((value, i) => (i === at || i === second ? Number.NaN : value));
        const x = tf.tensor(pixels, [1, 2, 2, 1]).tile([1, 1, 1, channels]);
        const y = kernels.maxPool2x2(x);
        assert.ok(y.dataSync().every(Number.isNaN));
        const dx = kernels.maxPool2x2Gradient(x, y, tf.onesLike(y)).reshape([4, channels]).max(1);
        assert.deepEqual(
          [...dx.dataSync()],
          [0, 1, 2, 3].map((i) => Number(i === at)),
        );
        const kernel = tf.eye(channels).reshape([1, 1, channels, channels]);
        const { argmax } = kernels.convMaxPool(plain(x), kernel, tf.zeros([channels]), false);
        if (channels === 1) assert.deepEqual([...argmax.dataSync()], [at]);
      }
});

test("no images, rows, columns or channels", () => {
  for (const shape of [
    [0, 4, 4, 16],
    [2, 0, 4, 16],
    [2, 4, 0, 16],
    [2, 4, 0, 3],
    [2, 4, 4, 0],
    [0, 0, 0, 0],
  ])
    for (const filters of [0, 3, 16, 20]) {
      const x = tensor(shape);
      const name = `[${shape}] to ${filters}`;
      const kernel = tensor([3, 3, shape[3], filters], 2);
      const bias = tf.ones([filters]);
      const { y, moments } = kernels.conv(plain(x), kernel, bias, { relu: true, moments: true });
      assertClose(y, tf.ones([...shape.slice(0, 3), filters]), name);
      assert.deepEqual(
        moments?.map((moment) => moment.shape),
        [[filters], [filters]],
      );
      const gradients = kernels.convGradient({ dy: y, y }, plain(x), kernel, { relu: true, ofInput: true });
      assertClose(gradients.dkernel, tf.zeros([3, 3, shape[3], filters]), name);
      assertClose(gradients.dbias, tf.fill([filters], tf.util.sizeFromShape(shape.slice(0, 3))), name);
      assert.deepEqual(gradients.dinputs[0].shape, shape);
      const { pooled, argmax } = kernels.convMaxPool(plain(x), kernel, bias, true);
      assert.deepEqual(pooled.shape, [shape[0], shape[1] / 2, shape[2] / 2, filters]);
      const output = { dy: pooled, pooled, argmax };
      kernels.convGradient(output, plain(x), kernel, { relu: true, ofInput: true });
      const transposed = tensor([2, 2, filters, shape[3]], 2);
      const up = kernels.convTranspose(plain(x), transposed, bias);
      assertClose(up, tf.ones([shape[0], 2 * shape[1], 2 * shape[2], filters]), name);
      kernels.convTransposeGradient(up, plain(x), transposed, { ofInput: true });
      assert.deepEqual(kernels.maxPool2x2(x).shape, [shape[0], shape[1] / 2, shape[2] / 2, shape[3]]);
      assert.deepEqual(kernels.upsample(x, [2, 3]).shape, [shape[0], 2 * shape[1], 3 * shape[2], shape[3]]);
    }
  for (const shape of [
    [3, 4, 4, 0],
    [0, 4, 4, 3],
  ]) {
    const x = tensor(shape);
    const channels = shape[3];
    const { movingMean, normalization } = kernels.batchNormTraining(x, variables(channels), settings);
    assert.deepEqual([movingMean.shape, normalization.shape], [[channels], [4, channels]]);
    const { coefficients } = kernels.batchNormGradient(x, x, normalization);
    assert.deepEqual(kernels.normalize(x, normalization).shape, shape);
    assert.deepEqual(kernels.normalizeGradient(x, x, coefficients).shape, shape);
    assert.deepEqual(kernels.batchNormInference(variables(channels), 1e-3).shape, [4, channels]);
  }
  assert.equal(kernels.crossEntropy(tf.zeros([0, 3]), tf.zeros([0, 3])).size, 0);
});
