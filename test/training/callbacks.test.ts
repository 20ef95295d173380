// Callbacks against Keras' own, and the learning rate schedule against its formula.
import assert from "node:assert/strict";
import { test } from "node:test";
import { tf } from "../../lib/engine";
import {
  type EarlyStoppingOptions,
  earlyStopping,
  type ReduceLearningRateOptions,
  reduceLROnPlateau,
  warmUpThenDecay,
} from "../../lib/training/callbacks";
import type { TrainingRun } from "../../lib/training/training-run";
import { golden } from "../golden";

interface Case {
  name: string;
  losses: number[];
  earlyStopping: EarlyStoppingOptions;
  reduceLROnPlateau: ReduceLearningRateOptions;
  expected: { epochs: number; learningRates: number[]; rateAfter: number; weightsOfEpoch: number };
}

const cases = golden<Case>("callbacks.json");

test(`EarlyStopping and ReduceLROnPlateau do what Keras' do, on ${cases.length} sequences of the validation loss`, async () => {
  for (const { name, losses, expected, ...options } of cases) {
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, useBias: false, inputShape: [1] })] });
    let stopped = false;
    const run: TrainingRun = {
      model,
      epochs: losses.length,
      history: [],
      learningRate: 1e-3,
      stop: () => (stopped = true),
    };
    const callbacks = [earlyStopping(options.earlyStopping), reduceLROnPlateau(options.reduceLROnPlateau)];
    const rates: number[] = [];
    for (const callback of callbacks) await callback.onTrainBegin?.(run);
    for (const [i, valLoss] of losses.entries()) {
      rates.push(run.learningRate);
      model.setWeights([tf.tensor2d([[i + 1]])]);
      const epoch = { epoch: i + 1, loss: 0, valLoss, learningRate: run.learningRate, seconds: 0 };
      for (const callback of callbacks) await callback.onEpochEnd?.(epoch, run);
      if (stopped) break;
    }
    for (const callback of callbacks) await callback.onTrainEnd?.({ epochs: [], seconds: 0 }, run);
    const label = `${name} ${JSON.stringify(options)}`;
    assert.equal(rates.length, expected.epochs, label);
    rates.concat(run.learningRate).forEach((rate, i) => {
      const keras = [...expected.learningRates, expected.rateAfter][i];
      assert.ok(Math.abs(rate - keras) < 1e-6 * keras, `${label}: rate ${i} is ${rate}, not ${keras}`);
    });
    assert.equal(model.getWeights()[0].dataSync()[0], expected.weightsOfEpoch, label);
  }
});

test("warmUpThenDecay rises linearly to its peak, then falls along half a cosine to zero at the end", async () => {
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
  const run: TrainingRun = { model, epochs: 2, history: [], learningRate: 1, stop: () => {} };
  const callback = warmUpThenDecay({ peak: 0.01, warmUp: 0.25 });
  const rates: number[] = [];
  await callback.onTrainBegin?.(run);
  rates.push(run.learningRate);
  for (let epoch = 1; epoch <= 2; epoch++)
    for (let batch = 1; batch <= 4; batch++) {
      const progress = { epoch, epochs: 2, batch, batches: 4, loss: 0, batchLoss: 0, seconds: 0, secondsLeft: 0 };
      await callback.onBatchEnd?.(progress, run);
      rates.push(run.learningRate);
    }
  const cosine = (done: number) => 0.005 * (1 + Math.cos((Math.PI * (done - 0.25)) / 0.75));
  const expected = [0.0005, 0.00525, 0.01, ...[3, 4, 5, 6, 7, 8].map((batch) => cosine(batch / 8))];
  rates.forEach((rate, i) => {
    assert.ok(Math.abs(rate - expected[i]) < 1e-12, `rate ${i} is ${rate}, not ${expected[i]}`);
  });
  assert.throws(() => warmUpThenDecay({ peak: 0 }), /peak must be a positive number, not 0/);
  assert.throws(() => warmUpThenDecay({ peak: 1, warmUp: 1 }), /warmUp must be from 0 to below 1, not 1/);
});
