// Whatever fails, each callback that began gets its onTrainEnd.
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { tf } from "../../lib/engine";
import { earlyStopping, stopOnRequest } from "../../lib/training/callbacks";
import { type FitOptions, fit } from "../../lib/training/fit";
import { terminalProgress } from "../../lib/training/terminal-progress";
import type { Callback } from "../../lib/training/training-run";
import { wave } from "../golden";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "callbacks-"));
after(() => fs.rmSync(folder, { recursive: true }));

const pairs = {
  clean: { data: Float32Array.from(wave(6 * 16, 1)), shape: [6, 4, 4, 1] as const },
  noisy: { data: Float32Array.from(wave(6 * 16, 2)), shape: [6, 4, 4, 1] as const },
};

function smallModel(): tf.LayersModel {
  const kernelInitializer = tf.initializers.glorotUniform({ seed: 5 });
  const layer = tf.layers.conv2d({ inputShape: [4, 4, 1], filters: 1, kernelSize: 1, kernelInitializer });
  const model = tf.sequential({ layers: [layer] });
  model.compile({ optimizer: tf.train.adam(0.01), loss: "meanSquaredError" });
  return model;
}

const train = (options: Partial<FitOptions>, model = smallModel()) =>
  fit(model, pairs, { epochs: 2, batchSize: 3, validation: pairs, ...options });

/** A callback that records its calls and throws in one of them. */
function recorder(name: string, seen: string[], throwIn?: keyof Callback): Callback {
  const note = (event: keyof Callback) => () => {
    seen.push(`${name} ${event}`);
    if (event === throwIn) throw new Error(`${name} failed in ${event}`);
  };
  return {
    onTrainBegin: note("onTrainBegin"),
    onBatchEnd: throwIn === "onBatchEnd" ? note("onBatchEnd") : undefined,
    onEpochEnd: throwIn === "onEpochEnd" ? note("onEpochEnd") : undefined,
    onTrainEnd: note("onTrainEnd"),
    state: () => ({ values: {}, tensors: [] }),
    restore: throwIn === "restore" ? note("restore") : undefined,
  };
}

test("an onTrainBegin that throws: the callbacks before it and its own get onTrainEnd, those after it do not", async () => {
  const seen: string[] = [];
  const callbacks = [recorder("a", seen), recorder("b", seen, "onTrainBegin"), recorder("c", seen)];
  await assert.rejects(train({ callbacks }), /^Error: b failed in onTrainBegin$/);
  assert.deepEqual(seen, ["a onTrainBegin", "b onTrainBegin", "a onTrainEnd", "b onTrainEnd"]);
});

test("nothing listens to Ctrl-C after another callback's onTrainBegin has thrown", async () => {
  const before = process.listenerCount("SIGINT");
  const callbacks = [terminalProgress(), recorder("b", [], "onTrainBegin")];
  await assert.rejects(train({ callbacks }), /b failed/);
  assert.equal(process.listenerCount("SIGINT"), before);
});

for (const event of ["onBatchEnd", "onEpochEnd", "onTrainEnd"] as const)
  test(`an ${event} that throws: all callbacks get onTrainEnd, and fit rejects with its error`, async () => {
    const seen: string[] = [];
    const callbacks = [recorder("a", seen, event), recorder("b", seen)];
    const before = tf.memory().numTensors;
    const model = smallModel();
    await assert.rejects(train({ callbacks }, model), new RegExp(`^Error: a failed in ${event}$`));
    assert.deepEqual(seen.slice(-2), ["a onTrainEnd", "b onTrainEnd"]);
    model.dispose();
    model.optimizer.dispose();
    assert.ok(tf.memory().numTensors <= before + 1, "only the constant that tfjs' dispose forgets may be left");
  });

test("where the training and an onTrainEnd both throw, fit rejects with the training's error", async () => {
  const both = { ...recorder("b", [], "onTrainEnd"), onBatchEnd: () => assert.fail("the batch failed") };
  await assert.rejects(train({ callbacks: [both] }), /the batch failed/);
});

test("a restore that throws: callbacks get onTrainEnd, and no loaded tensors are left", async () => {
  const file = path.join(folder, "restore.bin");
  const callbacks = (throwIn?: keyof Callback) => [recorder("a", seen), recorder("b", seen, throwIn)];
  const seen: string[] = [];
  await train({ epochs: 1, callbacks: callbacks(), checkpoint: { file } });
  const model = smallModel();
  await train({}, model); // so that the optimizer has its variables
  const before = tf.memory().numTensors;
  await assert.rejects(
    train({ callbacks: callbacks("restore"), checkpoint: { file, resume: true } }, model),
    /b failed in restore/,
  );
  assert.deepEqual(seen.slice(-3), ["b restore", "a onTrainEnd", "b onTrainEnd"]);
  assert.equal(tf.memory().numTensors, before);
});

test("a stop requested before the first batch: nothing is trained, and the history says why", async () => {
  const model = smallModel();
  const before = [...model.getWeights()[0].dataSync()];
  const early = stopOnRequest({
    reason: "asked at once",
    listen: (stop) => {
      stop();
      return () => {};
    },
  });
  const { epochs, stopped } = await train({ callbacks: [early] }, model);
  assert.deepEqual([epochs.length, stopped], [0, "asked at once"]);
  assert.deepEqual([...model.getWeights()[0].dataSync()], before);
});

test("a training that early stopping has ended does not continue when it is resumed", async () => {
  const file = path.join(folder, "stopped.bin");
  const run = async (resume: boolean) => {
    const model = smallModel();
    const callbacks = [earlyStopping({ patience: 1, minDelta: 1 })];
    const { epochs, stopped } = await train({ epochs: 9, callbacks, checkpoint: { file, resume } }, model);
    return { epochs: epochs.length, stopped, weights: [...model.getWeights()[0].dataSync()] };
  };
  const whole = await run(false);
  assert.equal(whole.epochs, 2);
  assert.deepEqual(await run(true), whole);
});

test("a learning rate that is no number is refused", async () => {
  const broken: Callback = {
    onTrainBegin(run) {
      run.learningRate = Number.NaN;
    },
  };
  await assert.rejects(train({ callbacks: [broken] }), /the learning rate must be a number of at least 0, not NaN/);
});

test("an aborted signal ends the training after its batch: best weights, the callbacks' ends, and the reason thrown", async () => {
  const model = smallModel();
  const controller = new AbortController();
  const kernels: number[][] = [];
  const ends: (string | undefined)[] = [];
  const abortInThirdEpoch: Callback = {
    onEpochEnd({ valLoss }) {
      losses.push(valLoss);
      kernels.push([...model.getWeights()[0].dataSync()]);
    },
    onBatchEnd: ({ epoch, batch }) => (epoch === 3 && batch === 2 ? new Promise(() => controller.abort()) : undefined),
    onTrainEnd: ({ stopped }) => void ends.push(stopped),
  };
  const losses: number[] = [];
  await train({}, model); // the optimizer keeps tensors
  const before = tf.memory().numTensors;
  const training = train({ epochs: 9, callbacks: [abortInThirdEpoch], signal: controller.signal }, model);
  await assert.rejects(training, { name: "AbortError" });
  assert.deepEqual([losses.length, ends], [2, ["it was aborted"]]);
  assert.deepEqual([...model.getWeights()[0].dataSync()], kernels[losses[0] <= losses[1] ? 0 : 1]);
  assert.equal(tf.memory().numTensors, before);
  await assert.rejects(train({ signal: controller.signal }, model), { name: "AbortError" });
  await train({ signal: new AbortController().signal }, model);
});

test("a model that is being trained is not trained by a second call", async () => {
  const model = smallModel();
  const first = train({}, model);
  await assert.rejects(train({}, model), /the model is being trained already/);
  await first;
  await train({}, model);
});
