// The native kernels must give what tfjs gives, to float precision, for every shape: compared with tfjs and with finite
// differences.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { tf, useNativeTraining } from "../../lib/engine";
import { unet } from "../../lib/models/unet";
import { wave } from "../golden";

afterEach(() => useNativeTraining(true));

const tensor = (shape: number[], phase: number) =>
  tf.tensor(
    wave(
      shape.reduce((product, size) => product * size, 1),
      phase,
    ).map((value) => 2 * value - 1),
    shape,
  );
const largest = (a: tf.Tensor, b: tf.Tensor) => tf.tidy(() => a.sub(b).abs().max().dataSync()[0]);

/** Gradients of a scalar function, as tfjs ships them and native. */
function both(f: (...x: tf.Tensor[]) => tf.Tensor, inputs: tf.Tensor[]): [tf.Tensor[], tf.Tensor[]] {
  // weighted, so that every output counts differently
  const gradient = () =>
    tf.grads((...x: tf.Tensor[]) =>
      tf.tidy(() => {
        const y = f(...x);
        return y.mul(tensor(y.shape, 3)).sum();
      }),
    )(inputs);
  useNativeTraining(false);
  const own = gradient();
  useNativeTraining(true);
  return [own, gradient()];
}

const shapes = [
  [2, 28, 28, 16],
  [1, 7, 7, 3],
  [3, 5, 9, 1],
  [2, 1, 1, 4],
];

for (const shape of shapes) {
  test(`ReLU's gradient, ${shape}`, () => {
    const [[own], [native]] = both((x) => tf.relu(x), [tensor(shape, 1)]);
    assert.ok(largest(own, native) < 1e-6);
  });
  test(`the gradients of adding a bias, ${shape}`, () => {
    const channels = shape[3];
    for (const biasShape of [[channels], [1, 1, 1, channels], [1, 1, channels]]) {
      const [own, native] = both((x, bias) => x.add(bias), [tensor(shape, 1), tensor(biasShape, 2)]);
      own.forEach((gradient, i) => {
        assert.deepEqual(native[i].shape, gradient.shape);
        assert.ok(largest(gradient, native[i]) < 1e-4);
      });
    }
  });
}

test("the gradients of other additions: equal shapes, scalars, repeated rows and columns", () => {
  for (const [a, b] of [
    [
      [3, 4],
      [3, 4],
    ],
    [[3, 4], []],
    [
      [3, 1],
      [1, 4],
    ],
    [
      [2, 3, 4],
      [3, 1],
    ],
    [[5], [5]],
  ]) {
    const [own, native] = both((x, y) => x.add(y), [tensor(a, 1), tensor(b, 2)]);
    own.forEach((gradient, i) => {
      assert.deepEqual(native[i].shape, gradient.shape);
      assert.ok(largest(gradient, native[i]) < 1e-5);
    });
  }
});

test("max-pooling's gradient, also where the size is odd", () => {
  for (const [shape, padding] of [
    [[2, 8, 8, 3], "valid"],
    [[2, 7, 9, 2], "same"],
    [[1, 5, 5, 1], "valid"],
  ] as const) {
    const [[own], [native]] = both((x) => tf.maxPool(x as tf.Tensor4D, 2, 2, padding), [tensor([...shape], 1)]);
    assert.ok(largest(own, native) < 1e-6);
  }
});

test("max-pooling's gradient goes to the first of several equal largest pixels, as TensorFlow's", () => {
  // three values only, so that most windows have ties
  const x = tensor([2, 6, 8, 5], 1).mul(1.49).round();
  const [[own], [native]] = both((input) => tf.maxPool(input as tf.Tensor4D, 2, 2, "valid"), [x]);
  assert.equal(largest(own, native), 0);
});

test("a convolution layer with ReLU: output and gradients, with strides and odd sizes too", () => {
  for (const [shape, filters, strides, padding] of [
    [[3, 12, 10, 4], 16, 1, "same"],
    [[2, 9, 7, 3], 5, 2, "valid"],
    [[1, 1, 1, 1], 1, 1, "same"],
    [[40, 28, 28, 2], 3, 1, "same"], // large enough for several threads
  ] as const) {
    const run = (native: boolean) => {
      useNativeTraining(native);
      const layer = tf.layers.conv2d({ filters, kernelSize: 3, strides, padding, activation: "relu" });
      layer.build([...shape]);
      layer.setWeights(layer.getWeights().map((weight, i) => tensor(weight.shape, 5 + i)));
      const x = tensor([...shape], 1);
      const output = layer.apply(x) as tf.Tensor;
      const loss = (input: tf.Tensor) =>
        (layer.call(input, {}) as tf.Tensor).mul(tensor(output.shape, 3)).sum() as tf.Scalar;
      const [dx] = tf.grads((input: tf.Tensor) => loss(input))([x]);
      const variables = layer.trainableWeights.map((weight) => weight.read() as tf.Variable);
      const { grads } = tf.variableGrads(() => loss(x), variables);
      return [output, dx, ...variables.map(({ name }) => grads[name])];
    };
    const own = run(false);
    run(true).forEach((result, i) => {
      assert.deepEqual(result.shape, own[i].shape);
      assert.ok(
        largest(result, own[i]) < 1e-5 * Math.max(10, own[i].abs().max().dataSync()[0]),
        `${shape}, result ${i}`,
      );
    });
  }
});

test("Adam takes the steps that tfjs' takes", () => {
  const run = (native: boolean) => {
    useNativeTraining(native);
    const variables = [[3, 3, 16, 32], [7], []].map((shape, i) => tensor(shape, i).variable());
    const optimizer = tf.train.adam(0.01);
    for (let step = 0; step < 5; step++)
      optimizer.minimize(
        () =>
          tf.addN(
            variables.map((x, i) =>
              x
                .sub(0.1 * i)
                .square()
                .mul(step + 1)
                .sum(),
            ),
          ) as tf.Scalar,
        false,
        variables,
      );
    return variables;
  };
  const own = run(false);
  run(true).forEach((result, i) => {
    assert.ok(largest(result, own[i]) < 1e-6);
  });
});

test("Adam's saved state goes on where it was", async () => {
  const step = (optimizer: tf.Optimizer, x: tf.Variable) =>
    void optimizer.minimize(() => x.square().sum() as tf.Scalar, false, [x]);
  const first = tf.train.adam(0.1);
  const x = tf.variable(tensor([4], 1));
  for (let i = 0; i < 3; i++) step(first, x);
  const second = tf.train.adam(0.1);
  await second.setWeights(await first.getWeights());
  const y = tf.variable(x.clone());
  step(first, x);
  step(second, y);
  assert.ok(largest(x, y) < 1e-5); // setWeights takes powers of beta where steps multiply
});

test("a training run goes the same way, native or not, and a kept copy of the weights stays as it was", async () => {
  const x = tensor([64, 28, 28, 1], 1).abs();
  const run = async (native: boolean) => {
    useNativeTraining(native);
    const model = unet({ filters: 4, seed: 3 });
    model.compile({ optimizer: tf.train.adam(0.001), loss: "meanSquaredError" });
    const kept = model.getWeights().map((weight) => weight.clone());
    const before = kept.map((weight) => [...weight.dataSync()]);
    const losses: number[] = [];
    for (let step = 0; step < 10; step++) losses.push((await model.trainOnBatch(x, x)) as number);
    assert.deepEqual(
      kept.map((weight) => [...weight.dataSync()]),
      before,
    );
    return losses;
  };
  const own = await run(false);
  const native = await run(true);
  native.forEach((loss, i) => {
    assert.ok(Math.abs(loss - own[i]) < 2e-3 * own[i], `step ${i}: ${loss} instead of ${own[i]}`);
  });
});

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
    const own = batchNorm(x, false);
    const native = batchNorm(x, true);
    assert.ok(largest(own.dx, native.dx) < 1e-4);
    for (const [i, gradient] of own.gradients.entries())
      assert.ok(largest(gradient, native.gradients[i]) < 1e-3 * Math.max(1, gradient.abs().max().dataSync()[0]));
    // the moving variance is Keras': the unbiased one, n / (n - 1) times tfjs'
    const n = shape[0] * shape[1] * shape[2];
    for (const [i, weight] of own.weights.entries())
      assert.ok(largest(weight, native.weights[i]) < 1e-5 + (i === 3 ? 0.02 * (1 / (n - 1)) : 0));
  });

test("batch normalization's gradient agrees with finite differences", () => {
  const x = tensor([4, 3, 3, 2], 1);
  const { dx, loss } = batchNorm(x, true);
  const step = 1e-2;
  for (const at of [0, 17, 40, 71]) {
    const nudge = tf.oneHot(tf.scalar(at, "int32"), x.size).reshape(x.shape).mul(step) as tf.Tensor;
    const difference = (loss(x.add(nudge)).dataSync()[0] - loss(x.sub(nudge)).dataSync()[0]) / (2 * step);
    assert.ok(
      Math.abs(difference - dx.flatten().dataSync()[at]) < 2e-2,
      `${difference} ${dx.flatten().dataSync()[at]}`,
    );
  }
});

test("outside training, batch normalization uses its moving statistics, native or not", () => {
  const x = tensor([2, 5, 5, 3], 1);
  const infer = (native: boolean) => {
    useNativeTraining(native);
    const layer = tf.layers.batchNormalization();
    layer.build(x.shape);
    return layer.apply(x) as tf.Tensor;
  };
  assert.ok(largest(infer(true), infer(false)) < 1e-6);
});
