// What a training reads: arrays of any shape, and sources that make their batches themselves.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Images, imageSize } from "../../lib/data/images";
import { tf } from "../../lib/engine";
import type { NoiseDraw, NoiseModel } from "../../lib/noise/noise-model";
import { Random } from "../../lib/random";
import { type BatchSource, batchSource, type Examples, type NdArray, type TrainingData } from "../../lib/training/data";
import { fit } from "../../lib/training/fit";
import { wave } from "../golden";

const inputs: NdArray = { data: Float32Array.from(wave(20 * 3, 1)), shape: [20, 3] };
/** Class 0 where the first number is the larger one of the first two, else 1; as [n, 2]. */
const targets: NdArray = {
  data: Float32Array.from({ length: 40 }, (_, i) => {
    const at = 3 * Math.floor(i / 2);
    return Number(inputs.data[at] > inputs.data[at + 1] === (i % 2 === 0));
  }),
  shape: [20, 2],
};

function classifier(loss = "categoricalCrossentropy", metrics?: string[]): tf.LayersModel {
  const kernelInitializer = tf.initializers.glorotUniform({ seed: 5 });
  const dense = tf.layers.dense({ inputShape: [3], units: 2, activation: "softmax", kernelInitializer });
  const model = tf.sequential({ layers: [dense] });
  model.compile({ optimizer: tf.train.adam(0.05), loss, metrics });
  return model;
}

const train = (data: TrainingData, model = classifier(), validation: Examples = { inputs, targets }) =>
  fit(model, data, { epochs: 4, batchSize: 8, validation });
const weights = (model: tf.LayersModel) => model.getWeights().map((weight) => [...weight.dataSync()]);

test("targets need not be images: a classifier learns one-hot labels", async () => {
  const { epochs } = await train({ inputs, targets });
  assert.ok(epochs[3].loss < epochs[0].loss && epochs[3].valLoss < epochs[0].valLoss);
});

test("class indices as targets, for sparse categorical cross-entropy", async () => {
  const labels = {
    data: Float32Array.from({ length: 20 }, (_, i) => targets.data[2 * i + 1]),
    shape: [20, 1] as const,
  };
  const sparse = { inputs, targets: labels };
  const { epochs } = await train(sparse, classifier("sparseCategoricalCrossentropy"), sparse);
  const oneHot = await train({ inputs, targets });
  epochs.forEach(({ loss }, i) => {
    assert.ok(Math.abs(loss - oneHot.epochs[i].loss) < 1e-5, `${loss}, not ${oneHot.epochs[i].loss}`);
  });
});

test("a model compiled with metrics trains as one without, and its loss is the loss", async () => {
  const [plain, measured] = [classifier(), classifier(undefined, ["accuracy", "mse"])];
  const losses = async (model: tf.LayersModel) =>
    (await train({ inputs, targets }, model)).epochs.map(({ loss, valLoss }) => [loss, valLoss]);
  assert.deepEqual(await losses(measured), await losses(plain));
  assert.deepEqual(weights(measured), weights(plain));
});

test("a source makes its batches itself, also asynchronously, with a random stream of its own", async () => {
  const drawn: number[] = [];
  const arrays = batchSource({ inputs, targets }, { seed: 42 });
  const source: BatchSource = {
    size: 20,
    async batch(indices, random, epoch) {
      drawn.push(random.bits());
      await new Promise((resolve) => setTimeout(resolve, 1));
      return arrays.batch(indices, random, epoch);
    },
  };
  const [own, plain] = [classifier(), classifier()];
  await train(source, own);
  await train({ inputs, targets }, plain);
  assert.deepEqual(weights(own), weights(plain));
  assert.equal(new Set(drawn).size, 12); // three batches in each of four epochs
});

test("a source that mixes its examples itself is asked for them in order, and hears the epoch", async () => {
  const asked: [epoch: number, indices: number[]][] = [];
  const arrays = batchSource({ inputs, targets }, { seed: 42 });
  const source: BatchSource = {
    size: 20,
    inOrder: true,
    batch(indices, random, epoch) {
      asked.push([epoch, [...indices]]);
      return arrays.batch(indices, random, epoch);
    },
  };
  await train(source);
  const order = Array.from({ length: 20 }, (_, i) => i);
  const batches = [order.slice(0, 8), order.slice(8, 16), order.slice(16)];
  assert.deepEqual(
    asked,
    [1, 2, 3, 4].flatMap((epoch) => batches.map((indices) => [epoch, indices])),
  );
});

const clean: Images = { data: new Float32Array(6 * 16).fill(0.5), shape: [6, 4, 4, 1] };

/** A convolution of one weight, which no training changes, trained on images with that noise. */
async function trainOn(data: TrainingData, { seed = 1, batchSize = 4, epochs = 2 } = {}): Promise<void> {
  const model = tf.sequential({ layers: [tf.layers.conv2d({ inputShape: [4, 4, 1], filters: 1, kernelSize: 1 })] });
  model.compile({ optimizer: tf.train.sgd(0), loss: "meanSquaredError" });
  await fit(model, data, { epochs, batchSize, seed, validation: { clean, noisy: clean } });
}

test("noise drawn anew for every epoch: no two images, epochs or seeds share a stream, nor one of another use", async () => {
  const draws: NoiseDraw[] = [];
  const noise: NoiseModel = (images, draw) => {
    draws.push(draw);
    return images;
  };
  for (const seed of [1, 2]) await trainOn({ clean, noise, clip: false }, { seed });
  assert.equal(draws.length, 2 * 2 * 6);
  assert.ok(draws.every(({ clip }) => clip === false));
  const others = ["shuffle", "training noise", "validation noise", "test noise", "online noise"];
  const all = [...draws, ...[1, 2].flatMap((seed) => others.map((stream) => ({ seed, stream })))];
  assert.equal(new Set(all.map(({ seed, stream }) => String(new Random(seed, stream).state))).size, all.length);
});

test("an image's noise is the same in batches of any size", async () => {
  const seen = async (batchSize: number) => {
    const noisy = new Map<string, number[]>();
    const noise: NoiseModel = (images, draw) => {
      noisy.set(String(draw.stream), [new Random(draw.seed, draw.stream).normal()]);
      return images;
    };
    await trainOn({ clean, noise }, { batchSize });
    return new Map([...noisy].sort());
  };
  assert.deepEqual(await seen(4), await seen(1));
});

test("noise by kind and level: a source gives clean targets, and inputs with that noise", async () => {
  const { batch, size } = batchSource({ clean, noise: { kind: "salt-and-pepper", sigma: 0.25 } }, { seed: 3 });
  assert.equal(size, 6);
  const { inputs, targets } = await batch(Uint32Array.of(5, 0), new Random(1), 1);
  assert.deepEqual(inputs.shape, [2, 4, 4, 1]);
  assert.ok(targets.data.every((value) => value === 0.5) && inputs.data.some((value) => value !== 0.5));
  assert.ok(inputs.data.every((value) => [0, 0.5, 1].includes(value)));
  const other = await batch(Uint32Array.of(0, 5), new Random(2), 1);
  assert.deepEqual(other.inputs.data.slice(imageSize(clean)), inputs.data.slice(0, imageSize(clean)));
});

test("for a model with a noise-level map, inputs come with the level that their noise was drawn with", async () => {
  const flat: Images = { data: new Float32Array(40 * 1024).fill(0.5), shape: [40, 32, 32, 1] };
  for (const kind of ["gaussian", "laplace", ["uniform", "gaussian"]] as const) {
    const source = batchSource(
      { clean: flat, noise: { kind, sigma: [0.1, 0.5] }, clip: false },
      { seed: 3, levelMap: true },
    );
    const { inputs } = await source.batch(
      Uint32Array.from({ length: 40 }, (_, i) => i),
      new Random(1),
      1,
    );
    assert.deepEqual(inputs.shape, [40, 32, 32, 2]);
    const levels = Array.from({ length: 40 }, (_, image) => {
      const values = inputs.data.subarray(image * 2048, (image + 1) * 2048);
      const level = values[1];
      assert.ok(values.every((value, i) => i % 2 === 0 || value === level));
      const noise = values.filter((_, i) => i % 2 === 0).map((value) => value - 0.5);
      const deviation = Math.sqrt(noise.reduce((sum, value) => sum + value * value, 0) / 1024);
      assert.ok(Math.abs(deviation / level - 1) < 0.2, `${deviation} at level ${level}, ${kind}`);
      return level;
    });
    assert.equal(new Set(levels).size, 40);
  }
});

test("what does not fit is refused with a sentence", async () => {
  const none: NdArray = { data: new Float32Array(0), shape: [0, 3] };
  await assert.rejects(
    train({ inputs, targets: { data: new Float32Array(38), shape: [19, 2] } }),
    /one target an input, not 19 for 20/,
  );
  await assert.rejects(
    train({ inputs: { ...inputs, shape: [20, 4] }, targets }),
    /training.inputs: shape \[20, 4\] needs 80 values, but data holds 60/,
  );
  await assert.rejects(train({ inputs: none, targets: { ...none, shape: [0, 2] } }), /no training examples/);
  await assert.rejects(train({ size: 0, batch: () => ({ inputs, targets }) }), /no training examples/);
  await assert.rejects(
    train({ inputs, targets: { data: new Float32Array(60), shape: [20, 3] } }),
    /target expected .* shape \[2\] .* the target received .* shape \[3\]/,
  );
  const input = tf.input({ shape: [3] });
  const output = () => tf.layers.dense({ units: 2 }).apply(input) as tf.SymbolicTensor;
  const two = tf.model({ inputs: input, outputs: [output(), output()] });
  two.compile({ optimizer: "adam", loss: "meanSquaredError" });
  await assert.rejects(train({ inputs, targets }, two), /one input and one output, and this one has 1 and 2/);
});
