// The native kernels must give what tfjs gives, to float precision, for every shape: compared with tfjs and with finite
// differences.
import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";
import { tf, useNativeTraining } from "../../lib/engine";
import { simpleAutoencoder } from "../../lib/models/simple-autoencoder";
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
  test(`sigmoid's gradient, ${shape}`, () => {
    const [[own], [native]] = both((x) => tf.sigmoid(x), [tensor(shape, 1)]);
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

test("max-pooling and enlarging give the very numbers that TensorFlow's kernels give", () => {
  const x = tensor([2, 6, 8, 37], 1) as tf.Tensor4D;
  const run = (native: boolean) => {
    useNativeTraining(native);
    return [
      tf.maxPool(x, 2, 2, "valid"),
      tf.maxPool(x, 2, 2, "same"),
      tf.maxPool(x, 3, 2, "same"),
      tf.image.resizeNearestNeighbor(x, [12, 24]),
      tf.image.resizeNearestNeighbor(x, [9, 16]),
      tf.image.resizeNearestNeighbor(x, [12, 16], true),
    ].map((result) => [result.shape, ...result.dataSync()]);
  };
  assert.deepEqual(run(true), run(false));
  const holed = tf.where(tf.range(0, x.size).reshape(x.shape).mod(20).equal(7), Number.NaN, x) as tf.Tensor4D;
  useNativeTraining(true);
  assert.equal(
    largest(
      tf.maxPool(holed.isNaN().cast("float32") as tf.Tensor4D, 2, 2, "valid"),
      tf.maxPool(holed, 2, 2, "valid").isNaN(),
    ),
    0,
    "NaN is lost",
  );
});

test("the gradient of enlarging by repetition", () => {
  for (const size of [
    [12, 24],
    [6, 16],
    [9, 11],
  ] as const) {
    const x = tensor([2, 6, 8, 5], 1);
    const [[own], [native]] = both((y) => tf.image.resizeNearestNeighbor(y as tf.Tensor4D, [...size]), [x]);
    assert.ok(largest(own, native) < 1e-5);
  }
});

test("max-pooling's gradient goes to the first of several equal largest pixels, as TensorFlow's", () => {
  // three values only, so that most windows have ties
  const x = tensor([2, 6, 8, 5], 1).mul(1.49).round();
  const [[own], [native]] = both((input) => tf.maxPool(input as tf.Tensor4D, 2, 2, "valid"), [x]);
  assert.equal(largest(own, native), 0);
});

/** A layer's output, and the gradients with respect to its input and weights, of a weighted sum of the output. */
function outputAndGradients(layer: tf.layers.Layer, shape: readonly number[], training = false) {
  layer.build([...shape]);
  layer.setWeights(layer.getWeights().map((weight, i) => tensor(weight.shape, 5 + i).add(i === 3 ? 1 : 0)));
  const x = tensor([...shape], 1);
  const call = (input: tf.Tensor) => layer.call(input, { training }) as tf.Tensor;
  const loss = (input: tf.Tensor) =>
    tf.tidy(
      () =>
        call(input)
          .mul(tensor(call(input).shape, 3))
          .sum() as tf.Scalar,
    );
  const [dx] = tf.grads(loss)([x]);
  const variables = layer.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const { grads } = tf.variableGrads(() => loss(x), variables);
  return { results: [call(x), dx, ...variables.map(({ name }) => grads[name])], x, dx, loss };
}

/** Asserts that a layer does the same with native kernels as without, up to rounding. */
function sameAsOwn(name: string, make: () => tf.layers.Layer, shape: readonly number[], training = false) {
  useNativeTraining(false);
  const own = outputAndGradients(make(), shape, training).results;
  useNativeTraining(true);
  outputAndGradients(make(), shape, training).results.forEach((result, i) => {
    assert.deepEqual(result.shape, own[i].shape);
    const scale = Math.max(1, own[i].abs().max().dataSync()[0]);
    assert.ok(largest(result, own[i]) < 2e-5 * scale, `${name}, result ${i}: off by ${largest(result, own[i])}`);
  });
}

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
      sameAsOwn(`${activation}`, () => tf.layers.conv2d({ filters, kernelSize, padding: "same", activation }), shape);
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
      const own = run(false);
      run(true).forEach((result, i) => {
        const scale = Math.max(1, own[i].abs().max().dataSync()[0]);
        assert.ok(largest(result, own[i]) < 5e-5 * scale, `${activation} ${channels}, result ${i}`);
      });
    }
});

/** A loss of a model's output, and its gradients with respect to the input and all weights, native or not. */
function lossAndGradients(make: () => tf.LayersModel, native: boolean): tf.Tensor[] {
  useNativeTraining(native);
  const model = make();
  model.setWeights(model.getWeights().map((weight, i) => tensor(weight.shape, 5 + i)));
  const x = tensor([3, ...model.inputs[0].shape.slice(1)] as number[], 1);
  const loss = (input: tf.Tensor) =>
    [model.apply(input, { training: true }) as tf.Tensor | tf.Tensor[]]
      .flat()
      .map((y) => y.mul(tensor(y.shape, 3)).sum())
      .reduce((sum, part) => sum.add(part)) as tf.Scalar;
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const { value, grads } = tf.variableGrads(() => loss(x), variables);
  return [value, tf.grad(loss)(x), ...variables.map(({ name }) => grads[name])];
}

/** What reads an unread tensor: a convolution alone, something else alone, both, or the model's user. */
const readers: [string, (y: tf.SymbolicTensor) => tf.SymbolicTensor[]][] = [
  ["a convolution", (y) => [convolved(y)]],
  ["two convolutions", (y) => [convolved(y), convolved(y)]],
  ["a transposed convolution", (y) => [apply(tf.layers.conv2dTranspose({ filters: 3, kernelSize: 2, strides: 2 }), y)]],
  ["a pooling", (y) => [apply(tf.layers.maxPooling2d({ poolSize: 1 }), y)]],
  ["a convolution and a pooling", (y) => [convolved(y), apply(tf.layers.maxPooling2d({ poolSize: 1 }), y)]],
  [
    "a convolution with strides",
    (y) => [apply(tf.layers.conv2d({ filters: 3, kernelSize: 3, strides: 2, padding: "same" }), y)],
  ],
  ["the model's user", (y) => [convolved(y), y]],
];
const apply = (layer: tf.layers.Layer, x: tf.SymbolicTensor | tf.SymbolicTensor[]) =>
  layer.apply(x) as tf.SymbolicTensor;
const convolved = (x: tf.SymbolicTensor) => {
  const convolution = tf.layers.conv2d({ filters: 5, kernelSize: 3, padding: "same", activation: "relu" });
  return normalize(apply(convolution, x));
};
const normalize = (x: tf.SymbolicTensor) => apply(tf.layers.batchNormalization(), x);
const before: [string, (x: tf.SymbolicTensor) => tf.SymbolicTensor][] = [
  ["joined", (x) => apply(tf.layers.concatenate(), [convolve16(x), convolve16(x)])],
  ["joined with itself", (x) => [convolve16(x)].map((y) => apply(tf.layers.concatenate(), [y, y]))[0]],
  ["joined, three of them", (x) => apply(tf.layers.concatenate(), [convolve16(x), convolve16(x), convolve16(x)])],
  ["joined, of few channels", (x) => apply(tf.layers.concatenate(), [convolve16(x), x])],
  ["repeated", (x) => apply(tf.layers.upSampling2d({ size: [2, 3] }), convolve16(x))],
  ["pooled", (x) => halve(convolve16(x))],
  ["pooled at an odd size", (x) => halve(convolve16(apply(tf.layers.cropping2D({ cropping: 1 }), halve(x))))],
  ["repeated, convolved and pooled", (x) => halve(convolve16(apply(tf.layers.upSampling2d({ size: [2, 2] }), x)))],
  ["normalized", (x) => convolved(x)],
  [
    "normalized and joined",
    (x) => apply(tf.layers.concatenate(), [normalize(convolve16(x)), normalize(convolve16(x))]),
  ],
  ["normalized and repeated", (x) => apply(tf.layers.upSampling2d({ size: [2, 2] }), convolved(x))],
  ["normalized, then through ReLU", (x) => apply(tf.layers.reLU(), convolved(x))],
  ["normalized and added", (x) => apply(tf.layers.add(), [normalize(convolve16(x)), convolve16(x)])],
  ["pooled, without ReLU", (x) => halve(apply(tf.layers.conv2d({ filters: 5, kernelSize: 3, padding: "same" }), x))],
];
const halve = (x: tf.SymbolicTensor) => apply(tf.layers.maxPooling2d({ poolSize: 2, padding: "same" }), x);
const convolve16 = (x: tf.SymbolicTensor) =>
  apply(tf.layers.conv2d({ filters: 16, kernelSize: 3, padding: "same", activation: "relu" }), x);

for (const [made, make] of before)
  for (const [reader, read] of readers) {
    const model = () => {
      const input = tf.input({ shape: [6, 8, 4] });
      return tf.model({ inputs: input, outputs: read(make(input)) });
    };
    test(`a tensor that is ${made} and read by ${reader}: loss and gradients`, () => {
      const own = lossAndGradients(model, false);
      lossAndGradients(model, true).forEach((result, i) => {
        const scale = Math.max(1, own[i].abs().max().dataSync()[0]);
        assert.ok(largest(result, own[i]) < 5e-5 * scale, `result ${i}: off by ${largest(result, own[i])} of ${scale}`);
      });
    });
    test(`a tensor that is ${made} and read by ${reader}: prediction, of which nothing else is left`, () => {
      const [own, native] = [false, true].map((on) => {
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
        const scale = Math.max(1, own[i].abs().max().dataSync()[0]);
        assert.ok(largest(result, own[i]) < 5e-5 * scale, `result ${i}: off by ${largest(result, own[i])} of ${scale}`);
      });
    });
  }

test("a tensor that nobody has read yet is what it was when it was made, whatever becomes of weights and inputs", () => {
  const input = tf.input({ shape: [6, 8, 4] });
  const layers = [tf.layers.batchNormalization(), tf.layers.conv2d({ filters: 16, kernelSize: 3, padding: "same" })];
  const outputs = [apply(layers[0], input), apply(layers[1], input)];
  convolved(outputs[0]);
  halve(outputs[1]);
  const model = tf.model({ inputs: input, outputs });
  const x = tensor([3, 6, 8, 4], 1);
  const expected = (model.predict(x) as tf.Tensor[]).map((output) => output.arraySync());
  const unread = model.predict(x) as tf.Tensor[];
  model.setWeights(model.getWeights().map((weight) => tf.zerosLike(weight)));
  x.dispose();
  assert.deepEqual(
    unread.map((output) => output.arraySync()),
    expected,
  );
});

test("a convolution that a pooling follows may be read all the same", () => {
  const layer = tf.layers.conv2d({ filters: 16, kernelSize: 3, padding: "same", activation: "relu" });
  const input = tf.input({ shape: [6, 8, 4] });
  const features = apply(layer, input);
  tf.model({ inputs: input, outputs: halve(features) });
  const [own, native] = [false, true].map((on) =>
    lossAndGradients(() => tf.model({ inputs: input, outputs: features }), on),
  );
  native.forEach((result, i) => {
    assert.ok(largest(result, own[i]) < 5e-5 * Math.max(1, own[i].abs().max().dataSync()[0]), `result ${i}`);
  });
});

test("convolutions with strides, no padding, no bias, an even kernel", () => {
  for (const options of [{ strides: 2 }, { padding: "valid" }, { useBias: false }, { kernelSize: 2 }] as const)
    sameAsOwn(
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
        sameAsOwn(
          `${padding} ${activation}`,
          () => tf.layers.conv2dTranspose({ filters, kernelSize: size, strides: size, padding, activation }),
          shape,
        );
  });

test("a transposed convolution whose patches overlap", () => {
  sameAsOwn(
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
    for (const [i, weight] of own.weights.entries()) assert.ok(largest(weight, native.weights[i]) < 1e-5);
  });

test("outside training, batch normalization uses its moving statistics: output and gradients", () => {
  for (const shape of [
    [2, 5, 5, 3],
    [40, 28, 28, 16],
  ])
    sameAsOwn(`${shape}`, () => tf.layers.batchNormalization(), shape);
});

test("batch normalization of values far from zero keeps its precision", () => {
  const x = tensor([16, 8, 8, 4], 1).mul(0.01).add(100);
  const layer = tf.layers.batchNormalization({ epsilon: 1e-7 });
  const y = layer.apply(x, { training: true }) as tf.Tensor;
  const { mean, variance } = tf.moments(y, [0, 1, 2]);
  assert.ok(largest(mean, tf.zeros([4])) < 2e-2);
  assert.ok(largest(variance, tf.ones([4])) < 1e-2);
});

test("the process does not grow from step to step", async () => {
  const x = tensor([64, 28, 28, 1], 1).abs();
  const model = unet();
  model.compile({ optimizer: tf.train.adam(0.001), loss: "meanSquaredError" });
  const megabytesAfter = async (steps: number) => {
    for (let step = 0; step < steps; step++) await model.trainOnBatch(x, x);
    return process.memoryUsage().rss / 1e6;
  };
  const before = await megabytesAfter(10);
  const after = await megabytesAfter(40); // one tensor of an image's size lost at each step would make 128 MB
  assert.ok(after - before < 64, `${before} MB, then ${after} MB`);
});

test("the models' training steps run on our kernels, and leave no tensor behind", async () => {
  const backend = tf.backend() as unknown as Record<string, (name: string, ...rest: unknown[]) => unknown>;
  const used = new Set<string>();
  for (const method of ["executeSingleOutput", "executeMultipleOutputs"]) {
    const own = backend[method];
    mock.method(backend, method, function (this: unknown, name: string, ...rest: unknown[]) {
      used.add(name);
      return own.call(this, name, ...rest);
    });
  }
  const x = tensor([8, 28, 28, 1], 1).abs();
  for (const model of [unet({ filters: 8 }), simpleAutoencoder()]) {
    model.compile({ optimizer: tf.train.adam(0.001), loss: "meanSquaredError" });
    for (let step = 0; step < 2; step++) await model.trainOnBatch(x, x);
    const { numTensors, numBytes } = tf.memory();
    for (let step = 0; step < 5; step++) await model.trainOnBatch(x, x);
    tf.tidy(() => void model.predictOnBatch(x));
    assert.deepEqual([tf.memory().numTensors, tf.memory().numBytes], [numTensors, numBytes]);
  }
  mock.restoreAll();
  const theirs = [...used].filter(
    (name) => /Conv|Relu|BatchNorm|Bias|MaxPoolGrad/.test(name) && !/^Denoiser/.test(name),
  );
  assert.deepEqual(theirs, []);
});
