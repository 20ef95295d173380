// Training with native kernels: the optimizer, whole steps, and what is left in memory.
import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";
import { tf, useNativeTraining } from "../../lib/engine";
import { simpleAutoencoder } from "../../lib/models/simple-autoencoder";
import { unet } from "../../lib/models/unet";
import { largest, tensor } from "./support";

afterEach(() => useNativeTraining(true));

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
  const stock = run(false);
  run(true).forEach((result, i) => {
    assert.ok(largest(result, stock[i]) < 1e-6);
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
  const stock = await run(false);
  const native = await run(true);
  native.forEach((loss, i) => {
    assert.ok(Math.abs(loss - stock[i]) < 2e-3 * stock[i], `step ${i}: ${loss} instead of ${stock[i]}`);
  });
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
    const stock = backend[method];
    mock.method(backend, method, function (this: unknown, name: string, ...rest: unknown[]) {
      used.add(name);
      return stock.call(this, name, ...rest);
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

test("gradients through ReLU and batch normalization are right to 1e-4 where sums nearly cancel, against 64 bit", async () => {
  const [n, inputs, filters] = [8 * 28 * 28, 2, 4];
  const x = tf.randomNormal([8, 28, 28, inputs], 0, 1, "float32", 1);
  const target = tf.randomNormal([8, 28, 28, 1], 0, 1, "float32", 2);
  const start = tf.input({ shape: [28, 28, inputs] });
  const conv = { filters, kernelSize: 1, activation: "relu" } as const;
  const initial = (seed: number) => tf.initializers.glorotUniform({ seed });
  const hidden = tf.layers.conv2d({ ...conv, kernelInitializer: initial(1) }).apply(start);
  const normalized = tf.layers.batchNormalization().apply(hidden);
  const last = tf.layers.conv2d({ filters: 1, kernelSize: 1, kernelInitializer: initial(2) });
  const model = tf.model({ inputs: start, outputs: last.apply(normalized) as tf.SymbolicTensor });
  model.compile({ optimizer: tf.train.sgd(1), loss: "meanSquaredError" });
  const [kernel, bias] = model.getWeights().map((weight) => weight.dataSync().slice());
  const [output] = last.getWeights().map((weight) => weight.dataSync().slice());
  await model.trainOnBatch(x, target);
  const found = model.getWeights()[1].dataSync().map((value, f) => bias[f] - value); // biome-ignore format: short

  const [values, targets] = [x.dataSync(), target.dataSync()];
  const each = (value: (i: number) => number) => Float64Array.from({ length: n }, (_, i) => value(i));
  const sum = (numbers: Float64Array) => numbers.reduce((total, value) => total + value, 0);
  const channels = Array.from({ length: filters }, (_, f) => {
    const before = each((i) => bias[f] + values[2 * i] * kernel[f] + values[2 * i + 1] * kernel[filters + f]);
    const after = before.map((value) => Math.max(value, 0));
    const mean = sum(after) / n;
    const scale = 1 / Math.sqrt(sum(after.map((value) => (value - mean) ** 2)) / n + 1e-3);
    return { before, scale, unit: after.map((value) => (value - mean) * scale) };
  });
  const errors = each((i) => channels.reduce((total, { unit }, f) => total + unit[i] * output[f], 0) - targets[i]);
  for (const [f, { before, scale, unit }] of channels.entries()) {
    const dy = errors.map((error) => (2 * error * output[f]) / n);
    const [mean, slope] = [sum(dy) / n, sum(dy.map((value, i) => value * unit[i])) / n];
    const gradient = dy.map((value, i) => (before[i] > 0 ? scale * (value - mean - unit[i] * slope) : 0));
    assert.ok(Math.abs(found[f] - sum(gradient)) < 1e-4 * Math.abs(sum(gradient)), `${found[f]}, ${sum(gradient)}`);
  }
});
