// Batch normalization: what native kernels give, moving statistics included, and stock tfjs.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { tf, useNativeTraining } from "../../lib/engine";
import { largest, sameAsStock, tensor } from "./support";

afterEach(() => useNativeTraining(true));

/** Gradients of a batch normalization layer in training, with respect to x, gamma and beta; and its moving statistics. */
function batchNorm(x: tf.Tensor, native: boolean) {
  useNativeTraining(native);
  const layer = tf.layers.batchNormalization();
  layer.build(x.shape);
  const channels = x.shape[3] as number;
  layer.setWeights([tensor([channels], 5), tensor([channels], 6), tensor([channels], 7), tensor([channels], 8).abs()]);
  const loss = (input: tf.Tensor) =>
    (layer.call(input, { training: true }) as tf.Tensor).mul(tensor(x.shape, 3)).sum() as tf.Scalar;
  const [dx] = tf.grads((input: tf.Tensor) => loss(input))([x]);
  const variables = layer.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const { grads } = tf.variableGrads(() => loss(x), variables);
  return { dx, gradients: variables.map(({ name }) => grads[name]), weights: layer.getWeights(), loss };
}

for (const shape of [
  [8, 28, 28, 16],
  [5, 7, 3, 3],
  [3, 4, 4, 1],
])
  test(`batch normalization in training, ${shape}: gradients and moving statistics`, () => {
    const x = tensor(shape, 1);
    const stock = batchNorm(x, false);
    const native = batchNorm(x, true);
    assert.ok(largest(stock.dx, native.dx) < 1e-4);
    for (const [i, gradient] of stock.gradients.entries())
      assert.ok(largest(gradient, native.gradients[i]) < 1e-3 * Math.max(1, gradient.abs().max().dataSync()[0]));
    for (const [i, weight] of stock.weights.entries()) assert.ok(largest(weight, native.weights[i]) < 1e-5);
  });

test("outside training, batch normalization uses its moving statistics: output and gradients", () => {
  for (const shape of [
    [2, 5, 5, 3],
    [40, 28, 28, 16],
  ])
    sameAsStock(`${shape}`, () => tf.layers.batchNormalization(), shape);
});

test("batch normalization of values far from zero keeps its precision", () => {
  const x = tensor([16, 8, 8, 4], 1).mul(0.01).add(100);
  const layer = tf.layers.batchNormalization({ epsilon: 1e-7 });
  const y = layer.apply(x, { training: true }) as tf.Tensor;
  const { mean, variance } = tf.moments(y, [0, 1, 2]);
  assert.ok(largest(mean, tf.zeros([4])) < 2e-2);
  assert.ok(largest(variance, tf.ones([4])) < 1e-2);
});
