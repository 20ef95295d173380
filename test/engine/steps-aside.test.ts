// Uses of tfjs that a native path does not cover, or that reach into what it fuses: with the native kernels on, they must
// give what stock tfjs gives, to float precision.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { tf, useNativeTraining } from "../../lib/engine";
import { apply, tensor } from "./support";

afterEach(async () => {
  useNativeTraining(true);
  await tf.setBackend("tensorflow");
});

/** Asserts that `run` gives the same tensors with native kernels as without, up to rounding. */
async function sameAsStock(run: () => tf.Tensor[] | Promise<tf.Tensor[]>, tolerance = 5e-5): Promise<void> {
  useNativeTraining(false);
  const stock = await run();
  useNativeTraining(true);
  const native = await run();
  assert.equal(native.length, stock.length);
  for (const [i, expected] of stock.entries()) {
    assert.deepEqual(native[i].shape, expected.shape, `result ${i}`);
    const [a, b] = [expected.dataSync(), native[i].dataSync()];
    const scale = Math.max(1, ...Array.from(a, Math.abs).filter(Number.isFinite));
    for (let at = 0; at < a.length; at++)
      assert.ok(
        Object.is(a[at], b[at]) || Math.abs(a[at] - b[at]) <= tolerance * scale,
        `result ${i}, number ${at}: ${b[at]} instead of ${a[at]}`,
      );
  }
}

const set = (layer: tf.layers.Layer) =>
  layer.setWeights(layer.getWeights().map((weight, i) => tensor(weight.shape, 5 + i).abs()));
const conv = (filters = 16, options: object = {}) =>
  tf.layers.conv2d({ filters, kernelSize: 3, padding: "same", activation: "relu", ...options });

/** A convolution in a model whose only layer after it is `next`. */
function convolutionBefore(next: tf.layers.Layer) {
  const convolution = conv();
  const input = tf.input({ shape: [8, 8, 4] });
  const features = apply(convolution, input);
  const model = tf.model({ inputs: input, outputs: apply(next, features) });
  for (const layer of model.layers) set(layer);
  return { convolution, input, features, model };
}

test("what a model gives of a convolution that a 2x2 max-pooling follows may be pooled otherwise by another model", () =>
  sameAsStock(() => {
    const { input, features } = convolutionBefore(tf.layers.maxPooling2d({ poolSize: 2 }));
    const first = tf.model({ inputs: input, outputs: features });
    const between = tf.input({ shape: [8, 8, 16] });
    const pooling = tf.layers.maxPooling2d({ poolSize: 4, strides: 1, padding: "same" });
    const second = tf.model({ inputs: between, outputs: apply(pooling, between) });
    return [second.predict(first.predict(tensor([2, 8, 8, 4], 1)) as tf.Tensor) as tf.Tensor];
  }));

test("the output of a convolution that a 2x2 max-pooling follows may be pooled by hand", () =>
  sameAsStock(() => {
    const { convolution } = convolutionBefore(tf.layers.maxPooling2d({ poolSize: 2 }));
    const y = convolution.apply(tensor([2, 8, 8, 4], 1)) as tf.Tensor4D;
    return [
      tf.maxPool(y, 3, 3, "valid"),
      tf.layers.maxPooling2d({ poolSize: 4 }).apply(y) as tf.Tensor,
      tf.layers.averagePooling2d({ poolSize: 2 }).apply(y) as tf.Tensor,
      tf.maxPool(y, 2, 2, "valid"),
    ];
  }));

test("max-pooling with explicit padding is refused, as tfjs refuses it on this backend", () => {
  const x = tensor([1, 6, 6, 2], 1) as tf.Tensor4D;
  for (const native of [false, true]) {
    useNativeTraining(native);
    assert.throws(() => tf.maxPool(x, 2, 2, 1), /padding/);
  }
});

test("gradients of gradients: ReLU, sigmoid, additions", () =>
  sameAsStock(() => {
    const x = tf.tensor([0.3, -0.2, 1.1, 0]);
    const second = (f: (x: tf.Tensor) => tf.Tensor) =>
      tf.grad((input: tf.Tensor) =>
        tf
          .grad((inner: tf.Tensor) => f(inner))(input)
          .sum(),
      )(x);
    return [
      second((v) => v.relu().pow(3).add(v.pow(3))),
      second((v) => v.sigmoid().square()),
      second((v) => v.reshape([2, 2]).add(v.slice(0, 2)).pow(3)),
    ];
  }));

test("gradients of gradients that are 0 everywhere", () =>
  sameAsStock(() => {
    const layer = conv(5);
    layer.build([1, 4, 4, 5]);
    set(layer);
    const f = (x: tf.Tensor) => (layer.call(x, {}) as tf.Tensor).sum();
    return [tf.grad((x: tf.Tensor) => tf.grad(f)(x).square().sum())(tensor([1, 4, 4, 5], 1))];
  }));

test("gradients of gradients: a convolution with bias and ReLU, with respect to its input", () =>
  sameAsStock(() => {
    const layer = conv(6);
    layer.build([2, 5, 5, 6]);
    set(layer);
    const f = (x: tf.Tensor) => (layer.call(x, {}) as tf.Tensor).square().sum();
    const gradientNorm = (x: tf.Tensor) => tf.grad(f)(x).square().sum();
    return [tf.grad(gradientNorm)(tensor([2, 5, 5, 6], 1))];
  }));

test("gradients of gradients: batch normalization in training", () =>
  sameAsStock(() => {
    const layer = tf.layers.batchNormalization();
    layer.build([3, 4, 4, 2]);
    set(layer);
    const f = (x: tf.Tensor) => (layer.call(x, { training: true }) as tf.Tensor).pow(3).sum();
    return [tf.grad((x: tf.Tensor) => tf.grad(f)(x).square().sum())(tensor([3, 4, 4, 2], 1))];
  }, 1e-3));

/** Gradients of what follows a layer, with respect to that layer's output (as Grad-CAM takes them). */
const followed: [string, () => tf.layers.Layer, boolean][] = [
  ["max-pooling", () => tf.layers.maxPooling2d({ poolSize: 2 }), false],
  ["batch normalization in training", () => tf.layers.batchNormalization(), true],
  ["batch normalization", () => tf.layers.batchNormalization(), false],
];
for (const [name, next, training] of followed)
  test(`the gradient with respect to a convolution's output through ${name}`, () =>
    sameAsStock(() => {
      const layer = next();
      const { convolution } = convolutionBefore(layer);
      const x = tensor([2, 8, 8, 4], 1);
      const weight = (y: tf.Tensor) => y.mul(tensor(y.shape, 3)).sum();
      // the output is made under the tape of a gradient, as Grad-CAM in one function does
      const outer = tf.grad((input: tf.Tensor) => {
        const features = convolution.apply(input, { training }) as tf.Tensor;
        const [inner] = tf.grads((y: tf.Tensor) => weight(layer.apply(y, { training }) as tf.Tensor))([features]);
        return features.mul(inner).sum();
      });
      const features = convolution.apply(x, { training }) as tf.Tensor;
      const ofFeatures = tf.grad((y: tf.Tensor) => weight(layer.apply(y, { training }) as tf.Tensor))(features);
      return training || name === "max-pooling" ? [ofFeatures] : [ofFeatures, outer(x)];
    }, 2e-4));

test("the gradient with respect to a concatenation and an upsampling that a convolution reads", () =>
  sameAsStock(() => {
    const input = tf.input({ shape: [6, 6, 16] });
    const [concatenate, upsample] = [tf.layers.concatenate(), tf.layers.upSampling2d({ size: [2, 2] })];
    const [first, second] = [conv(5), conv(5)];
    const model = tf.model({
      inputs: input,
      outputs: [apply(first, apply(concatenate, [input, input])), apply(second, apply(upsample, input))],
    });
    for (const layer of model.layers) set(layer);
    const x = tensor([2, 6, 6, 16], 1);
    const gradient = (before: tf.layers.Layer, inputs: tf.Tensor | tf.Tensor[], after: tf.layers.Layer) =>
      tf.variableGrads(() => {
        const y = before.apply(inputs) as tf.Tensor;
        const inner = tf.grad((z: tf.Tensor) => (after.apply(z) as tf.Tensor).square().sum())(y);
        return (after.apply(y) as tf.Tensor).mean().add(inner.mean()) as tf.Scalar;
      });
    return [gradient(concatenate, [x, x], first), gradient(upsample, x, second)].flatMap(({ value, grads }) => [
      value,
      ...Object.values(grads),
    ]);
  }, 2e-4));

test("a convolution in an inner tidy, batch normalization outside it", () =>
  sameAsStock(() => {
    const { convolution, model } = convolutionBefore(tf.layers.batchNormalization());
    const x = tensor([2, 8, 8, 4], 1);
    const { value, grads } = tf.variableGrads(() => {
      const y = tf.tidy(() => convolution.call(x.mul(1), { training: true }) as tf.Tensor);
      const z = model.layers[2].call(y, { training: true }) as tf.Tensor;
      return z.mul(tensor(z.shape, 3)).sum() as tf.Scalar;
    });
    return [value, ...Object.values(grads)];
  }, 2e-4));

test("tfjs' plain backend computes the same, kernels on or off", () =>
  sameAsStock(async () => {
    const { model } = convolutionBefore(tf.layers.maxPooling2d({ poolSize: 2 }));
    const normalized = convolutionBefore(tf.layers.batchNormalization()).model;
    const x = tensor([2, 8, 8, 4], 1);
    const deferred = model.layers[1].apply(x) as tf.Tensor; // not computed yet
    await tf.setBackend("cpu");
    const results = [deferred, model.predict(x) as tf.Tensor];
    normalized.compile({ optimizer: tf.train.adam(0.01), loss: "meanSquaredError" });
    await normalized.trainOnBatch(x, tf.zeros([2, 8, 8, 16]));
    return [...results, ...normalized.getWeights()];
  }, 1e-3));

test("images without pixels, channels or images", () =>
  sameAsStock(() => {
    const results: tf.Tensor[] = [];
    for (const shape of [
      [0, 6, 6, 8],
      [2, 0, 6, 8],
      [2, 6, 0, 8],
    ])
      for (const training of [false, true]) {
        const layers: tf.layers.Layer[] = [conv(), tf.layers.upSampling2d({}), tf.layers.maxPooling2d({ poolSize: 2 })];
        if (!training) layers.push(tf.layers.batchNormalization());
        for (const layer of layers)
          try {
            results.push(layer.apply(tf.zeros(shape), { training }) as tf.Tensor);
          } catch (error) {
            results.push(tf.tensor([(error as Error).message.length]));
          }
      }
    const empty = tf.layers.batchNormalization();
    empty.build([2, 3, 3, 0]);
    return [...results, empty.call(tf.zeros([2, 3, 3, 0]), { training: false }) as tf.Tensor];
  }));

test("another backend from the forward to the backward pass", () =>
  sameAsStock(async () => {
    await tf.setBackend("tensorflow");
    const { model } = convolutionBefore(tf.layers.batchNormalization());
    const { value, grads } = tf.variableGrads(() => {
      const y = model.apply(tensor([2, 8, 8, 4], 1), { training: true }) as tf.Tensor;
      const loss = y.mul(tensor(y.shape, 3)).sum() as tf.Scalar;
      void tf.setBackend("cpu");
      return loss;
    });
    return [value, ...Object.values(grads)];
  }, 1e-3));

test("after the engine's files are loaded a second time, the kernels can still be switched off", () => {
  const patched = () => [
    Object.getPrototypeOf(conv()).call,
    Object.getPrototypeOf(tf.layers.concatenate()).call,
    Object.getPrototypeOf(tf.train.adam()).applyGradients,
    tf.getKernel("MaxPool", "tensorflow").kernelFunc,
    tf.getGradient("Relu").gradFunc,
  ];
  useNativeTraining(false);
  const stock = patched();
  useNativeTraining(true);
  const files = Object.keys(require.cache).filter((file) => /lib.engine.*\.ts$/.test(file));
  const kept = files.map((file) => [file, require.cache[file]] as const);
  try {
    for (const file of files) delete require.cache[file];
    const again = require("../../lib/engine") as typeof import("../../lib/engine");
    patched().forEach((now, i) => {
      assert.notEqual(now, stock[i]);
    });
    again.useNativeTraining(false);
    assert.deepEqual(patched(), stock);
  } finally {
    for (const [file, module] of kept) require.cache[file] = module;
  }
});
