// A resumed training ends with the weights, bit for bit, that it would have had without the interruption.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { tf } from "../../lib/engine";
import { gaussian } from "../../lib/noise/gaussian";
import { Random } from "../../lib/random";
import { earlyStopping, reduceLROnPlateau, warmUpThenDecay } from "../../lib/training/callbacks";
import type { OnlineNoise } from "../../lib/training/data";
import { fit } from "../../lib/training/fit";
import type { Callback } from "../../lib/training/training-run";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "checkpoints-"));
after(() => fs.rmSync(folder, { recursive: true }));
let files = 0;
const newFile = () => path.join(folder, "of training", `${files++}.bin`);

const clean = { data: new Float32Array(60 * 64), shape: [60, 8, 8, 1] as const };
const random = new Random(1);
clean.data.forEach((_, i) => {
  clean.data[i] = random.uniform() > 0.7 ? 1 : 0;
});
const validation = { clean, noisy: gaussian(clean, { sigma: 0.4, seed: 2 }) };
const noisy: OnlineNoise["noisy"] = (images, seed) => gaussian(images, { sigma: 0.4, seed });

function smallModel(): tf.LayersModel {
  const kernelInitializer = tf.initializers.glorotUniform({ seed: 5 });
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({
        inputShape: [8, 8, 1],
        filters: 16,
        kernelSize: 3,
        padding: "same",
        activation: "relu",
        kernelInitializer,
      }),
      tf.layers.batchNormalization(),
      tf.layers.conv2d({ filters: 1, kernelSize: 3, padding: "same", activation: "sigmoid", kernelInitializer }),
    ],
  });
  model.compile({ optimizer: tf.train.adam(0.01), loss: "meanSquaredError" });
  return model;
}

interface Training {
  file?: string;
  resume?: boolean;
  epochs?: number;
  batchSize?: number;
  callbacks?: Callback[];
}

/** @returns the weights in the end, and each epoch's losses and learning rate */
async function train({ file, resume, epochs = 6, batchSize = 16, callbacks = [] }: Training) {
  const model = smallModel();
  const checkpoint = file ? { file, resume, settings: { sigma: 0.4 } } : undefined;
  const history = await fit(model, { clean, noisy }, { epochs, batchSize, validation, callbacks, checkpoint });
  return {
    weights: model.getWeights().map((weight) => [...weight.dataSync()]),
    epochs: history.epochs.map(({ epoch, loss, valLoss, learningRate }) => ({ epoch, loss, valLoss, learningRate })),
  };
}

/** Stops as a crash would: in the given epoch, after the given batch. */
const crash = (inEpoch: number, afterBatch: number): Callback => ({
  onBatchEnd({ epoch, batch }) {
    if (epoch === inEpoch && batch === afterBatch) throw new Error("crash");
  },
});

const kinds: Record<string, () => Callback[]> = {
  "no callbacks": () => [],
  "EarlyStopping and ReduceLROnPlateau": () => [
    earlyStopping({ patience: 2, minDelta: 0.005 }),
    reduceLROnPlateau({ factor: 0.5, patience: 1, minDelta: 0.01 }),
  ],
  "a learning rate schedule": () => [warmUpThenDecay({ peak: 0.02 })],
};

for (const [name, callbacks] of Object.entries(kinds))
  test(`resumed after crashes, with ${name}: the uninterrupted training's weights and history`, async () => {
    const whole = await train({ callbacks: callbacks() });
    const file = newFile();
    for (const [epoch, batch] of [
      [1, 2],
      [2, 1],
      [4, 3],
    ])
      await train({ file, resume: true, callbacks: [...callbacks(), crash(epoch, batch)] }).catch(({ message }) =>
        assert.equal(message, "crash"),
      );
    const resumed = await train({ file, resume: true, callbacks: callbacks() });
    assert.deepEqual(resumed, whole);
    assert.deepEqual(
      await train({ file, resume: true, callbacks: callbacks() }),
      whole,
      "resumed after its last epoch",
    );
  });

test("a resumed training may have more epochs; without resume it begins anew", async () => {
  const file = newFile();
  const six = await train({});
  await train({ file, epochs: 3 });
  assert.deepEqual(await train({ file, resume: true }), six);
  assert.deepEqual(await train({ file }), six);
});

test("checkpoints leave no tensors behind", async () => {
  const file = newFile();
  await train({ file, epochs: 2 });
  const model = smallModel();
  const run = () =>
    fit(
      model,
      { clean, noisy },
      { epochs: 4, batchSize: 16, validation, checkpoint: { file, resume: true, settings: { sigma: 0.4 } } },
    );
  await run();
  const { numTensors } = tf.memory();
  fs.rmSync(file);
  await run();
  assert.equal(tf.memory().numTensors, numTensors);
});

test("a checkpoint of another training, or a damaged one, is refused with a sentence", async () => {
  const file = newFile();
  await train({ file, epochs: 1 });
  await assert.rejects(train({ file, resume: true, batchSize: 20 }), /trained with batchSize 16, not 20: use the same/);
  fs.truncateSync(file, fs.statSync(file).size - 3);
  await assert.rejects(train({ file, resume: true }), /is not a checkpoint, or is damaged: delete it/);
  fs.writeFileSync(file, "something else");
  await assert.rejects(train({ file, resume: true }), /is not a checkpoint/);
});

test("killed at random moments, each time resumed: the uninterrupted training's weights", async () => {
  const script = `
    const { tf, unet, fit, gaussian, warmUpThenDecay } = require(${JSON.stringify(path.resolve("lib"))});
    const data = Float32Array.from({ length: 96 * 784 }, (_, i) => (i * i) % 7 < 2 ? 1 : 0);
    const clean = { data, shape: [96, 28, 28, 1] };
    const validation = { clean, noisy: gaussian(clean, { sigma: 0.5, seed: 1 }) };
    const model = unet({ filters: 4 });
    model.compile({ optimizer: tf.train.adam(0.001), loss: "meanSquaredError" });
    const checkpoint = process.argv[1] ? { file: process.argv[1], resume: true } : undefined;
    console.log("ready");
    fit(model, { clean, noisy: (images, seed) => gaussian(images, { sigma: 0.5, seed }) },
      { epochs: 8, batchSize: 32, validation, callbacks: [warmUpThenDecay({ peak: 0.004 })], checkpoint,
      }).then(() => {
        const hash = require("node:crypto").createHash("sha256");
        for (const weight of model.getWeights()) hash.update(weight.dataSync());
        console.log(hash.digest("hex"));
      });`;
  const start = (...args: string[]) =>
    spawn(process.execPath, ["--require", "ts-node/register", "-e", script, ...args], {
      stdio: ["ignore", "pipe", "ignore"],
    });
  /** @returns what it printed; it is killed so many milliseconds after it was ready, if that is given */
  const run = (child: ChildProcess, lifetime?: number) =>
    new Promise<string>((resolve) => {
      let printed = "";
      child.stdout?.on("data", (chunk) => {
        printed += chunk;
        if (lifetime !== undefined && printed === "ready\n") setTimeout(() => child.kill("SIGKILL"), lifetime);
      });
      child.on("close", () => resolve(printed));
    });
  const began = performance.now();
  const whole = await run(start());
  const duration = performance.now() - began;
  assert.match(whole, /^ready\n[0-9a-f]{64}\n$/);
  const moments = new Random(7);
  for (let i = 0; i < Number(process.env.KILLS ?? 3); i++) {
    const file = newFile();
    await run(start(file), moments.uniform() * 0.6 * duration); // the rest of the time goes into starting
    assert.equal(await run(start(file)), whole);
  }
});
