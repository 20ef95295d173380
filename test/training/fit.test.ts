// The training loop: what it computes, what callbacks see of it, and what it refuses.
import assert from "node:assert/strict";
import { test } from "node:test";
import { tf } from "../../lib/engine";
import { gaussian } from "../../lib/noise/gaussian";
import { Random } from "../../lib/random";
import { stopOnRequest } from "../../lib/training/callbacks";
import type { OnlineNoise, Pairs } from "../../lib/training/data";
import { type FitOptions, fit } from "../../lib/training/fit";
import type { Callback } from "../../lib/training/training-run";

/** Squares on black, small enough to learn within a test. */
function squares(n: number, seed: number): Pairs {
  const random = new Random(seed);
  const data = new Float32Array(n * 64);
  for (let image = 0; image < n; image++) {
    const [x, y] = [random.below(5), random.below(5)];
    for (let dy = 0; dy < 4; dy++) data.fill(1, image * 64 + (y + dy) * 8 + x, image * 64 + (y + dy) * 8 + x + 4);
  }
  const clean = { data, shape: [n, 8, 8, 1] as const };
  return { clean, noisy: gaussian(clean, { sigma: 0.4, seed, stream: "noise" }) };
}

function smallModel(): tf.LayersModel {
  const kernelInitializer = tf.initializers.glorotUniform({ seed: 5 });
  const input = tf.input({ shape: [8, 8, 1] });
  const layers = [
    tf.layers.conv2d({ filters: 8, kernelSize: 3, padding: "same", activation: "relu", kernelInitializer }),
    tf.layers.batchNormalization(),
    tf.layers.conv2d({ filters: 1, kernelSize: 3, padding: "same", activation: "sigmoid", kernelInitializer }),
  ];
  const model = tf.model({
    inputs: input,
    outputs: layers.reduce((x, layer) => layer.apply(x) as tf.SymbolicTensor, input),
  });
  model.compile({ optimizer: tf.train.adam(0.01), loss: "meanSquaredError" });
  return model;
}

const train = squares(100, 1);
const validation = squares(30, 100);
const options = (more: Partial<FitOptions> = {}): FitOptions => ({
  epochs: 3,
  batchSize: 32,
  validation,
  seed: 9,
  ...more,
});
const weights = (model: tf.LayersModel) => model.getWeights().map((weight) => [...weight.dataSync()]);

test("training lowers training and validation loss, and the history says so", async () => {
  const { epochs, seconds, stopped } = await fit(smallModel(), train, options({ epochs: 12 }));
  assert.deepEqual(
    epochs.map(({ epoch }) => epoch),
    Array.from({ length: 12 }, (_, i) => i + 1),
  );
  assert.ok(epochs[11].loss < 0.5 * epochs[0].loss && epochs[11].valLoss < epochs[0].valLoss);
  assert.ok(epochs.every(({ learningRate }) => Math.abs(learningRate - 0.01) < 1e-9));
  assert.ok(seconds > 0 && stopped === undefined);
});

test("a model that has been trained before is trained further, and the history says so", async () => {
  const model = smallModel();
  const told: unknown[] = [];
  const note: Callback = { onTrainBegin: (run) => void told.push(run.trainedBefore) };
  const first = await fit(model, train, options({ epochs: 2 }));
  const second = await fit(model, train, options({ epochs: 1, callbacks: [note] }));
  const fresh = await fit(smallModel(), train, options({ epochs: 1, callbacks: [note] }));
  assert.deepEqual(
    [first, second, fresh].map(({ trainedBefore }) => trainedBefore),
    [undefined, 2, undefined],
  );
  assert.deepEqual(told, [2, undefined]);
});

test("equal seeds give equal weights, bit for bit; another seed gives another order", async () => {
  const run = async (seed: number) => {
    const model = smallModel();
    await fit(model, train, options({ seed }));
    return weights(model);
  };
  const first = await run(9);
  assert.deepEqual(await run(9), first);
  assert.notDeepEqual(await run(10), first);
});

test("an epoch's loss is the mean over its images, the last and smaller batch included", async () => {
  const plain = tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: [8, 8, 1], filters: 1, kernelSize: 1, useBias: false, kernelInitializer: "ones" }),
    ],
  });
  plain.compile({ optimizer: tf.train.sgd(0), loss: "meanSquaredError" });
  // a rate of 0: the model stays the identity
  const { epochs } = await fit(plain, train, options({ epochs: 1 }));
  const squared =
    train.clean.data.reduce((sum, value, i) => sum + (value - train.noisy.data[i]) ** 2, 0) / train.clean.data.length;
  assert.ok(Math.abs(epochs[0].loss - squared) < 1e-6);
});

test("callbacks see every batch and epoch, may change the rate and stop", async () => {
  const seen: string[] = [];
  const watch: Callback = {
    onTrainBegin: ({ epochs }) => void seen.push(`begin ${epochs}`),
    onBatchEnd: ({ epoch, batch, batches }) => void seen.push(`${epoch}: ${batch}/${batches}`),
    onEpochEnd({ epoch, learningRate }, run) {
      seen.push(`epoch ${epoch} at ${learningRate.toFixed(3)}`);
      run.learningRate = 0.001;
      if (epoch === 2) run.stop("seen enough");
    },
    onTrainEnd: ({ stopped }) => void seen.push(`end: ${stopped}`),
  };
  const history = await fit(smallModel(), train, options({ batchSize: 64, callbacks: [watch] }));
  assert.deepEqual(seen, [
    "begin 3",
    "1: 1/2",
    "1: 2/2",
    "epoch 1 at 0.010",
    "2: 1/2",
    "2: 2/2",
    "epoch 2 at 0.001",
    "end: seen enough",
  ]);
  assert.equal(history.stopped, "seen enough");
});

test("a stop within an epoch takes effect after the batch, and the history has no line for the unfinished epoch", async () => {
  let batches = 0;
  const impatient: Callback = { onBatchEnd: (_, run) => void (++batches === 6 && run.stop("enough")) };
  const { epochs, stopped } = await fit(smallModel(), train, options({ callbacks: [impatient] }));
  assert.deepEqual([batches, epochs.length, stopped], [6, 1, "enough"]);
});

test("steps leave no tensors behind", async () => {
  const counts: number[] = [];
  await fit(
    smallModel(),
    train,
    options({ callbacks: [{ onEpochEnd: () => void counts.push(tf.memory().numTensors) }] }),
  );
  assert.equal(counts[1], counts[2]);
});

test("what cannot be trained is refused with a sentence", async () => {
  await assert.rejects(
    fit(smallModel(), train, options({ epochs: 0 })),
    /epochs must be a whole number of at least 1, not 0/,
  );
  await assert.rejects(fit(smallModel(), train, options({ batchSize: 1.5 })), /batchSize .* not 1.5/);
  await assert.rejects(
    fit(smallModel(), { clean: train.clean, noisy: validation.noisy }, options()),
    /must have the same shape/,
  );
  const uncompiled = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
  await assert.rejects(fit(uncompiled, train, options()), /not compiled/);
  const wild = smallModel();
  wild.compile({ optimizer: tf.train.sgd(1e30), loss: "meanSquaredError" });
  const poisoned: Pairs = {
    clean: train.clean,
    noisy: { ...train.noisy, data: train.noisy.data.map(() => Number.NaN) },
  };
  await assert.rejects(
    fit(wild, poisoned, options()),
    /the loss became NaN in epoch 1, batch 1: lower the learning rate/,
  );
});

test("online noise: each batch gets another seed, the same ones in each run, and its clean images", async () => {
  const run = async () => {
    const seeds: number[] = [];
    const noisy: OnlineNoise["noisy"] = (clean, seed) => {
      seeds.push(seed);
      return gaussian(clean, { sigma: 0.4, seed });
    };
    const model = smallModel();
    const { epochs } = await fit(model, { clean: train.clean, noisy }, options({ epochs: 2 }));
    return { seeds, epochs: epochs.map(({ loss }) => loss), weights: weights(model) };
  };
  const first = await run();
  assert.equal(new Set(first.seeds).size, 8); // two epochs of four batches
  assert.ok(first.epochs[1] < first.epochs[0]);
  assert.deepEqual(await run(), first);
});

test("a stop on request leaves the weights of the best epoch; without a request nothing changes", async () => {
  const bestEpoch = 2;
  const train2 = async (stopIn?: { epoch: number; batch: number }) => {
    const model = smallModel();
    let press = () => {};
    let listening = 0;
    const byEpoch: number[][][] = [];
    const request = stopOnRequest({
      reason: "enough",
      listen(stop) {
        press = stop;
        listening++;
        return () => listening--;
      },
    });
    const scripted: Callback = {
      onBatchEnd({ epoch, batch }) {
        if (epoch === stopIn?.epoch && batch === stopIn.batch) press();
      },
      async onEpochEnd(epoch, run) {
        const valLoss = epoch.epoch === bestEpoch ? 0.001 : 0.1;
        byEpoch.push(weights(model));
        await request.onEpochEnd?.({ ...epoch, valLoss }, run);
      },
    };
    const history = await fit(model, train, options({ epochs: 5, callbacks: [{ ...request, ...scripted }] }));
    assert.equal(listening, 0, "withdrawn at the end");
    return { model, history, byEpoch };
  };
  const stopped = await train2({ epoch: 4, batch: 2 });
  assert.equal(stopped.history.stopped, "enough");
  assert.equal(stopped.history.epochs.length, 3);
  assert.deepEqual(weights(stopped.model), stopped.byEpoch[bestEpoch - 1]);
  const whole = await train2();
  assert.equal(whole.history.stopped, undefined);
  assert.deepEqual(weights(whole.model), whole.byEpoch[4]);
  const { numTensors } = tf.memory();
  const early = await train2({ epoch: 1, batch: 1 });
  assert.equal(early.history.epochs.length, 0);
  early.model.dispose();
  early.model.optimizer.dispose();
  assert.ok(tf.memory().numTensors <= numTensors);
});
