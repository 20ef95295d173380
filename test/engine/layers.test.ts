// Native paths of layers give what stock tfjs gives, and gradients agree with finite differences.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { tf, useNativeTraining } from "../../lib/engine";
import { largest, outputAndGradients, sameAsStock, tensor } from "./support";

afterEach(() => useNativeTraining(true));

/** Asserts that the gradient of a layer's input is what small changes of that input make of the output. */
function sameAsDifferences(layer: tf.layers.Layer, shape: readonly number[], training = false) {
  const { x, dx, loss } = outputAndGradients(layer, shape, training);
  const step = 1e-2;
  for (let at = 0; at < x.size; at += Math.ceil(x.size / 7)) {
    const nudge = tf.oneHot(tf.scalar(at, "int32"), x.size).reshape(x.shape).mul(step) as tf.Tensor;
    const difference = (loss(x.add(nudge)).dataSync()[0] - loss(x.sub(nudge)).dataSync()[0]) / (2 * step);
    const gradient = dx.flatten().dataSync()[at];
    assert.ok(Math.abs(difference - gradient) < 1e-2 * Math.max(1, Math.abs(gradient)), `${difference} ${gradient}`);
  }
}

const convolutions: [shape: number[], filters: number, kernelSize: number | [number, number]][] = [
  [[3, 12, 10, 4], 16, 3], // few channels to many
  [[2, 28, 28, 1], 32, 3],
  [[2, 9, 7, 32], 1, 3], // many to few
  [[2, 6, 6, 20], 3, 5],
  [[2, 14, 14, 16], 32, 3], // whole vectors
  [[3, 7, 7, 64], 64, 3],
  [[2, 13, 5, 24], 40, 3], // a vector and a bit
  [[1, 1, 1, 5], 5, 3], // an image smaller than the kernel
  [[2, 3, 33, 6], 17, [1, 5]],
  [[2, 33, 3, 16], 7, [3, 1]],
  [[4, 8, 8, 16], 1, 1],
  [[4, 8, 8, 3], 4, 3], // few to few: left to tfjs
  [[70, 28, 28, 2], 16, 3], // more images than threads
];
for (const [shape, filters, kernelSize] of convolutions)
  test(`convolution, ${shape} to ${filters} channels, kernel ${kernelSize}: output and gradients`, () => {
    for (const activation of ["relu", "sigmoid", undefined] as const)
      sameAsStock(`${activation}`, () => tf.layers.conv2d({ filters, kernelSize, padding: "same", activation }), shape);
  });

test("a convolution, then batch normalization in training: gradients, also where both outputs are used", () => {
  for (const activation of ["relu", undefined] as const)
    for (const channels of [5, 32]) {
      const shape = [6, 9, 8, 16];
      const run = (native: boolean) => {
        useNativeTraining(native);
        const convolution = tf.layers.conv2d({ filters: channels, kernelSize: 3, padding: "same", activation });
        const normalization = tf.layers.batchNormalization();
        convolution.build(shape);
        normalization.build([...shape.slice(0, 3), channels]);
        for (const layer of [convolution, normalization])
          layer.setWeights(layer.getWeights().map((weight, i) => tensor(weight.shape, 5 + i)));
        const loss = (x: tf.Tensor) => {
          const y = convolution.call(x, { training: true }) as tf.Tensor;
          const z = normalization.call(y, { training: true }) as tf.Tensor;
          return z.mul(tensor(z.shape, 3)).add(y.square()).sum() as tf.Scalar;
        };
        const variables = [convolution, normalization].flatMap(({ trainableWeights }) =>
          trainableWeights.map((weight) => weight.read() as tf.Variable),
        );
        const x = tensor(shape, 1);
        const { value, grads } = tf.variableGrads(() => loss(x), variables);
        return [value, tf.grad(loss)(x), ...variables.map(({ name }) => grads[name])];
      };
      const stock = run(false);
      run(true).forEach((result, i) => {
        const scale = Math.max(1, stock[i].abs().max().dataSync()[0]);
        assert.ok(largest(result, stock[i]) < 5e-5 * scale, `${activation} ${channels}, result ${i}`);
      });
    }
});

test("convolutions with strides, no padding, no bias, an even kernel", () => {
  for (const options of [{ strides: 2 }, { padding: "valid" }, { useBias: false }, { kernelSize: 2 }] as const)
    sameAsStock(
      JSON.stringify(options),
      () => tf.layers.conv2d({ filters: 8, kernelSize: 3, padding: "same", activation: "relu", ...options }),
      [2, 9, 8, 8],
    );
});

for (const [shape, filters, size] of [
  [[2, 7, 7, 64], 32, 2],
  [[3, 5, 4, 3], 2, 2],
  [[2, 3, 3, 17], 5, 3],
  [[2, 4, 4, 8], 1, [2, 1]],
] as [number[], number, number | [number, number]][])
  test(`transposed convolution, ${shape} to ${filters} channels, ${size} times as large: output and gradients`, () => {
    for (const padding of ["same", "valid"] as const)
      for (const activation of [undefined, "relu"] as const)
        sameAsStock(
          `${padding} ${activation}`,
          () => tf.layers.conv2dTranspose({ filters, kernelSize: size, strides: size, padding, activation }),
          shape,
        );
  });

test("a transposed convolution whose patches overlap", () => {
  sameAsStock(
    "overlapping",
    () => tf.layers.conv2dTranspose({ filters: 8, kernelSize: 3, strides: 2, padding: "same" }),
    [2, 5, 5, 8],
  );
});

test("a layer that is called by itself leaves its output and nothing else", () => {
  const x = tensor([2, 6, 6, 8], 1);
  for (const layer of [
    tf.layers.conv2d({ filters: 8, kernelSize: 3, padding: "same", activation: "sigmoid" }),
    tf.layers.conv2dTranspose({ filters: 8, kernelSize: 2, strides: 2, activation: "relu" }),
    tf.layers.batchNormalization(),
  ]) {
    layer.build(x.shape);
    for (const training of [true, false]) {
      const before = tf.memory().numTensors;
      layer.call(x, { training });
      assert.equal(tf.memory().numTensors - before, 1, `${layer.getClassName()}, training ${training}`);
    }
  }
});

test("a convolution and the batch normalization after it leave their outputs and nothing else", () => {
  const layers = [tf.layers.conv2d({ filters: 8, kernelSize: 3, padding: "same" }), tf.layers.batchNormalization()];
  const x = tensor([2, 6, 6, 8], 1);
  for (const layer of layers) layer.build(x.shape);
  const before = tf.memory().numTensors;
  layers.reduce((input, layer) => layer.call(input, { training: true }) as tf.Tensor, x);
  assert.equal(tf.memory().numTensors - before, 2);
});

test("gradients agree with finite differences", () => {
  sameAsDifferences(tf.layers.conv2d({ filters: 9, kernelSize: 3, padding: "same" }), [2, 5, 4, 6]);
  sameAsDifferences(tf.layers.conv2d({ filters: 2, kernelSize: 3, padding: "same" }), [2, 5, 4, 18]);
  sameAsDifferences(tf.layers.conv2dTranspose({ filters: 3, kernelSize: 2, strides: 2 }), [2, 3, 4, 5]);
  sameAsDifferences(tf.layers.batchNormalization(), [4, 3, 3, 2], true);
  sameAsDifferences(tf.layers.batchNormalization(), [4, 3, 3, 2]);
});

test("infinities and NaN pass through a convolution as they do in tfjs", () => {
  for (const native of [true, false]) {
    useNativeTraining(native);
    const layer = tf.layers.conv2d({
      filters: 16,
      kernelSize: 3,
      padding: "same",
      activation: "relu",
      kernelInitializer: "ones",
    });
    const x = tf.buffer([1, 5, 5, 8]);
    x.set(Number.NaN, 0, 0, 0, 0);
    x.set(Number.POSITIVE_INFINITY, 0, 4, 4, 0);
    const y = (layer.apply(x.toTensor()) as tf.Tensor4D).arraySync()[0];
    assert.ok(Number.isNaN(y[0][0][0]) && Number.isNaN(y[1][1][15]));
    assert.equal(y[4][3][2], Number.POSITIVE_INFINITY);
    assert.equal(y[2][2][3], 0);
  }
});
