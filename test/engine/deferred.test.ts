// Deferred tensors have the value that stock tfjs gives, whoever reads them and whenever.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { tf, useNativeTraining } from "../../lib/engine";
import { apply, largest, lossAndGradients, tensor } from "./support";

afterEach(() => useNativeTraining(true));

/** What reads a deferred tensor: a convolution alone, something else alone, both, or the model's user. */
const readers: [string, (y: tf.SymbolicTensor) => tf.SymbolicTensor[]][] = [
  ["a convolution", (y) => [convBatchNorm(y)]],
  ["two convolutions", (y) => [convBatchNorm(y), convBatchNorm(y)]],
  ["a transposed convolution", (y) => [apply(tf.layers.conv2dTranspose({ filters: 3, kernelSize: 2, strides: 2 }), y)]],
  ["a pooling", (y) => [apply(tf.layers.maxPooling2d({ poolSize: 1 }), y)]],
  ["a convolution and a pooling", (y) => [convBatchNorm(y), apply(tf.layers.maxPooling2d({ poolSize: 1 }), y)]],
  [
    "a convolution with strides",
    (y) => [apply(tf.layers.conv2d({ filters: 3, kernelSize: 3, strides: 2, padding: "same" }), y)],
  ],
  ["the model's user", (y) => [convBatchNorm(y), y]],
];

const convBatchNorm = (x: tf.SymbolicTensor) => {
  const convolution = tf.layers.conv2d({ filters: 5, kernelSize: 3, padding: "same", activation: "relu" });
  return batchNorm(apply(convolution, x));
};
const batchNorm = (x: tf.SymbolicTensor) => apply(tf.layers.batchNormalization(), x);
const before: [string, (x: tf.SymbolicTensor) => tf.SymbolicTensor][] = [
  ["concatenated", (x) => apply(tf.layers.concatenate(), [conv16(x), conv16(x)])],
  ["concatenated with itself", (x) => [conv16(x)].map((y) => apply(tf.layers.concatenate(), [y, y]))[0]],
  ["concatenated, three of them", (x) => apply(tf.layers.concatenate(), [conv16(x), conv16(x), conv16(x)])],
  ["concatenated, of few channels", (x) => apply(tf.layers.concatenate(), [conv16(x), x])],
  ["upsampled", (x) => apply(tf.layers.upSampling2d({ size: [2, 3] }), conv16(x))],
  ["pooled", (x) => maxPool(conv16(x))],
  ["pooled at an odd size", (x) => maxPool(conv16(apply(tf.layers.cropping2D({ cropping: 1 }), maxPool(x))))],
  ["upsampled, convolved and pooled", (x) => maxPool(conv16(apply(tf.layers.upSampling2d({ size: [2, 2] }), x)))],
  ["normalized", (x) => convBatchNorm(x)],
  ["normalized and concatenated", (x) => apply(tf.layers.concatenate(), [batchNorm(conv16(x)), batchNorm(conv16(x))])],
  ["normalized and upsampled", (x) => apply(tf.layers.upSampling2d({ size: [2, 2] }), convBatchNorm(x))],
  ["normalized, then through ReLU", (x) => apply(tf.layers.reLU(), convBatchNorm(x))],
  ["normalized and added", (x) => apply(tf.layers.add(), [batchNorm(conv16(x)), conv16(x)])],
  ["pooled, without ReLU", (x) => maxPool(apply(tf.layers.conv2d({ filters: 5, kernelSize: 3, padding: "same" }), x))],
];
const maxPool = (x: tf.SymbolicTensor) => apply(tf.layers.maxPooling2d({ poolSize: 2, padding: "same" }), x);
const conv16 = (x: tf.SymbolicTensor) =>
  apply(tf.layers.conv2d({ filters: 16, kernelSize: 3, padding: "same", activation: "relu" }), x);

for (const [made, make] of before)
  for (const [reader, read] of readers) {
    const model = () => {
      const input = tf.input({ shape: [6, 8, 4] });
      return tf.model({ inputs: input, outputs: read(make(input)) });
    };
    test(`a tensor that is ${made} and read by ${reader}: loss and gradients`, () => {
      const stock = lossAndGradients(model, false);
      lossAndGradients(model, true).forEach((result, i) => {
        const scale = Math.max(1, stock[i].abs().max().dataSync()[0]);
        assert.ok(
          largest(result, stock[i]) < 5e-5 * scale,
          `result ${i}: off by ${largest(result, stock[i])} of ${scale}`,
        );
      });
    });
    test(`a tensor that is ${made} and read by ${reader}: prediction, of which nothing else is left`, () => {
      const [stock, native] = [false, true].map((on) => {
        useNativeTraining(on);
        const ready = model();
        ready.setWeights(ready.getWeights().map((weight, i) => tensor(weight.shape, 5 + i).abs()));
        const x = tensor([3, 6, 8, 4], 1);
        const before = tf.memory();
        const outputs = [ready.predict(x)].flat();
        const results = outputs.map((output) => output.add(0)); // reads them after all else has been disposed of
        tf.dispose(outputs);
        assert.equal(tf.memory().numTensors - before.numTensors, results.length);
        return results;
      });
      native.forEach((result, i) => {
        const scale = Math.max(1, stock[i].abs().max().dataSync()[0]);
        assert.ok(
          largest(result, stock[i]) < 5e-5 * scale,
          `result ${i}: off by ${largest(result, stock[i])} of ${scale}`,
        );
      });
    });
  }

test("a deferred tensor has the value it had when it was made, whatever becomes of weights and inputs", () => {
  const input = tf.input({ shape: [6, 8, 4] });
  const layers = [tf.layers.batchNormalization(), tf.layers.conv2d({ filters: 16, kernelSize: 3, padding: "same" })];
  const outputs = [apply(layers[0], input), apply(layers[1], input)];
  convBatchNorm(outputs[0]);
  maxPool(outputs[1]);
  const model = tf.model({ inputs: input, outputs });
  const x = tensor([3, 6, 8, 4], 1);
  const expected = (model.predict(x) as tf.Tensor[]).map((output) => output.arraySync());
  const deferred = model.predict(x) as tf.Tensor[];
  model.setWeights(model.getWeights().map((weight) => tf.zerosLike(weight)));
  x.dispose();
  assert.deepEqual(
    deferred.map((output) => output.arraySync()),
    expected,
  );
});

test("a convolution that a pooling follows may be read all the same", () => {
  const layer = tf.layers.conv2d({ filters: 16, kernelSize: 3, padding: "same", activation: "relu" });
  const input = tf.input({ shape: [6, 8, 4] });
  const features = apply(layer, input);
  tf.model({ inputs: input, outputs: maxPool(features) });
  const [stock, native] = [false, true].map((on) =>
    lossAndGradients(() => tf.model({ inputs: input, outputs: features }), on),
  );
  native.forEach((result, i) => {
    assert.ok(largest(result, stock[i]) < 5e-5 * Math.max(1, stock[i].abs().max().dataSync()[0]), `result ${i}`);
  });
});
