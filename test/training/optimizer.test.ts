// Every optimizer of tfjs uses the learning rate that is set, and a checkpoint holds all of its state.
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { tf } from "../../lib/engine";
import { reduceLROnPlateau, warmUpThenDecay } from "../../lib/training/callbacks";
import { fit } from "../../lib/training/fit";
import type { Callback } from "../../lib/training/training-run";
import { wave } from "../golden";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "optimizers-"));
after(() => fs.rmSync(folder, { recursive: true }));

const optimizers: Record<string, (rate: number) => tf.Optimizer> = {
  sgd: (rate) => tf.train.sgd(rate),
  momentum: (rate) => tf.train.momentum(rate, 0.9),
  "Nesterov momentum": (rate) => tf.train.momentum(rate, 0.9, true),
  adam: (rate) => tf.train.adam(rate),
  adamax: (rate) => tf.train.adamax(rate),
  "adamax with decay": (rate) => tf.train.adamax(rate, 0.9, 0.999, 1e-7, 0.1),
  adagrad: (rate) => tf.train.adagrad(rate),
  adadelta: (rate) => tf.train.adadelta(rate),
  rmsprop: (rate) => tf.train.rmsprop(rate),
  // tfjs subtracts epsilon there where it should add it
  "centered rmsprop with momentum": (rate) => tf.train.rmsprop(rate, 0.9, 0.5, -1e-3, true),
};

const clean = { data: Float32Array.from(wave(12 * 36, 1)), shape: [12, 6, 6, 1] as const };
const noisy = { data: Float32Array.from(wave(12 * 36, 2)), shape: [12, 6, 6, 1] as const };
const pairs = { clean, noisy };

function compiled(optimizer: tf.Optimizer): tf.LayersModel {
  const kernelInitializer = tf.initializers.glorotUniform({ seed: 5 });
  const convolution = { filters: 3, kernelSize: 3, padding: "same", kernelInitializer } as const;
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ ...convolution, inputShape: [6, 6, 1], activation: "relu" }),
      tf.layers.batchNormalization(),
      tf.layers.conv2d({ ...convolution, filters: 1 }),
    ],
  });
  model.compile({ optimizer, loss: "meanSquaredError" });
  return model;
}

const weightsOf = (model: tf.LayersModel) => model.getWeights().map((weight) => [...weight.dataSync()]);

for (const [name, make] of Object.entries(optimizers)) {
  test(`${name}: a learning rate that a callback sets is that of the next step, and of the history`, async () => {
    const train = async (rate: number, callbacks: Callback[]) => {
      const model = compiled(make(rate));
      const { epochs } = await fit(model, pairs, { epochs: 2, batchSize: 12, validation: pairs, callbacks });
      return { weights: weightsOf(model), rates: epochs.map(({ learningRate }) => learningRate) };
    };
    const read: number[] = [];
    const set: Callback = {
      onTrainBegin(run) {
        run.learningRate = 0.03;
        read.push(run.learningRate);
      },
    };
    const changed = await train(0.001, [set]);
    assert.deepEqual(changed, await train(0.03, []));
    assert.notDeepEqual(changed.weights, (await train(0.001, [])).weights);
    assert.deepEqual([...read, ...changed.rates], [0.03, 0.03, 0.03]);
  });

  test(`${name}: resumed after two of four epochs, the weights of four epochs without interruption`, async () => {
    const file = path.join(folder, `${name}.bin`);
    const train = async (epochs: number, checkpoint?: { file: string; resume: boolean }) => {
      const model = compiled(make(0.01));
      const callbacks = [reduceLROnPlateau({ factor: 0.5, patience: 1, minDelta: 1 })];
      const history = await fit(model, pairs, { epochs, batchSize: 5, validation: pairs, callbacks, checkpoint });
      const lines = history.epochs.map(({ loss, valLoss, learningRate }) => ({ loss, valLoss, learningRate }));
      return { weights: weightsOf(model), lines };
    };
    await train(2, { file, resume: false });
    assert.deepEqual(await train(4, { file, resume: true }), await train(4));
  });
}

test("a schedule drives SGD: its rate in the last step is almost zero", async () => {
  const model = compiled(tf.train.sgd(1));
  let before: number[][] = [];
  const callbacks: Callback[] = [
    warmUpThenDecay({ peak: 0.01, warmUp: 0 }),
    {
      onBatchEnd({ epoch, batch, batches }) {
        if (epoch === 20 && batch === batches - 1) before = weightsOf(model).slice(0, 2);
      },
    },
  ];
  await fit(model, pairs, { epochs: 20, batchSize: 4, validation: pairs, callbacks });
  const after = weightsOf(model).slice(0, 2);
  const largest = Math.max(...after.flat().map((value, i) => Math.abs(value - before.flat()[i])));
  assert.ok(largest > 0 && largest < 1e-4, `${largest}`);
});

test("the rate that SGD uses is read, not a property that was overwritten", async () => {
  const optimizer = tf.train.sgd(0.01);
  (optimizer as unknown as { learningRate: number }).learningRate = 1;
  const { epochs } = await fit(compiled(optimizer), pairs, { epochs: 1, batchSize: 12, validation: pairs });
  assert.ok(Math.abs(epochs[0].learningRate - 0.01) < 1e-9, `${epochs[0].learningRate}`);
});

test("an optimizer of one's own trains, but with a checkpoint it is refused before the training", async () => {
  class Slow extends tf.SGDOptimizer {}
  const options = { epochs: 1, batchSize: 12, validation: pairs };
  await fit(compiled(new Slow(0.01)), pairs, options);
  const callbacks: Callback[] = [{ onTrainBegin: () => assert.fail("the training has begun") }];
  const checkpoint = { file: path.join(folder, "slow.bin") };
  await assert.rejects(
    fit(compiled(new Slow(0.01)), pairs, { ...options, callbacks, checkpoint }),
    /no checkpoint of the optimizer Slow: .*tf\.train/,
  );
});

test("a checkpoint of one optimizer is not resumed with another", async () => {
  const options = (resume: boolean) => ({
    epochs: 1,
    batchSize: 12,
    validation: pairs,
    checkpoint: { file: path.join(folder, "mixed.bin"), resume },
  });
  await fit(compiled(tf.train.adam(0.01)), pairs, options(false));
  await assert.rejects(fit(compiled(tf.train.rmsprop(0.01)), pairs, options(true)), /trained with optimizer Adam/);
  await assert.rejects(fit(compiled(tf.train.adam(0.01, 0.5)), pairs, options(true)), /trained with optimizer Adam/);
});
