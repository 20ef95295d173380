import assert from "node:assert/strict";
import { test } from "node:test";
import { tf } from "../../lib/engine";
import {
  type EarlyStoppingOptions,
  earlyStopping,
  type ReduceLearningRateOptions,
  reduceLROnPlateau,
} from "../../lib/training/callbacks";
import type { Run } from "../../lib/training/fit";
import { golden } from "../golden";

interface Case {
  name: string;
  losses: number[];
  earlyStopping: EarlyStoppingOptions;
  reduceLROnPlateau: ReduceLearningRateOptions;
  expected: { epochs: number; learningRates: number[]; rateAfter: number; weightsOfEpoch: number };
}

const cases = golden<Case>("callbacks.json");

test(`EarlyStopping and ReduceLROnPlateau do what Keras' do, on ${cases.length} courses of the validation loss`, async () => {
  for (const { name, losses, expected, ...options } of cases) {
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, useBias: false, inputShape: [1] })] });
    let stopped = false;
    const run: Run = { model, epochs: losses.length, learningRate: 1e-3, stop: () => (stopped = true) };
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
