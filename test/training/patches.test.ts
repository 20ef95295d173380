// fit takes patches of pictures in files as it takes arrays: the same weights for the same seed, resumed or not.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { imageFolder } from "../../lib/data/image-folder";
import type { Images } from "../../lib/data/images";
import { drawPatches, type PatchOptions, patches } from "../../lib/data/patches";
import { writeImage } from "../../lib/data/picture";
import { tf } from "../../lib/engine";
import { unet } from "../../lib/models/unet";
import { gaussian } from "../../lib/noise/gaussian";
import { Random } from "../../lib/random";
import { fit } from "../../lib/training/fit";
import { chooseRecipe, fitByRecipe } from "../../lib/training/recipes";
import type { Callback } from "../../lib/training/training-run";
import { temporaryFolder } from "../data/pictures";

const folder = temporaryFolder();
const sets = (async () => {
  const random = new Random(1);
  for (let i = 0; i < 8; i++) {
    const images: Images = { data: new Float32Array(32 * 24).map(() => random.uniform()), shape: [1, 32, 24, 1] };
    await writeImage(path.join(folder, `${i}.png`), images);
  }
  return imageFolder(folder, { channels: 1, seed: 1 });
})();

interface Training {
  options?: Partial<PatchOptions>;
  callbacks?: Callback[];
  checkpoint?: string;
}

async function train({ options, callbacks = [], checkpoint }: Training) {
  const kernelInitializer = tf.initializers.glorotUniform({ seed: 5 });
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: [null, null, 1], filters: 4, kernelSize: 3, padding: "same", kernelInitializer }),
      tf.layers.conv2d({ filters: 1, kernelSize: 3, padding: "same", kernelInitializer }),
    ],
  });
  model.compile({ optimizer: tf.train.adam(0.01), loss: "meanSquaredError" });
  const { train, validation } = await sets;
  const clean = await drawPatches(validation, { size: 8, count: 6, seed: 1, stream: "validation patches" });
  const noisy = gaussian(clean, { sigma: 0.1, seed: 1, stream: "validation noise" });
  // the cache holds two pictures, of which each gives three patches
  const source = patches(train, { size: 8, perEpoch: 20, perPicture: 3, cacheMegabytes: 0, seed: 1, ...options });
  const online = { clean: source, noisy: (images: Images, seed: number) => gaussian(images, { sigma: 0.1, seed }) };
  const file = checkpoint === undefined ? undefined : { file: checkpoint, resume: true };
  const history = await fit(model, online, {
    epochs: 4,
    batchSize: 6,
    validation: { clean, noisy },
    seed: 1,
    callbacks,
    checkpoint: file,
  });
  return {
    weights: model.getWeights().map((weight) => [...weight.dataSync()]),
    losses: history.epochs.map(({ loss, valLoss }) => [loss, valLoss]),
  };
}

test("equal seeds give equal weights, bit for bit, however long the files take; other seeds others", async () => {
  const first = await train({});
  const slow: Callback = { onBatchEnd: () => new Promise((resolve) => setTimeout(resolve, 20)) };
  assert.deepEqual(await train({ callbacks: [slow] }), first);
  assert.notDeepEqual((await train({ options: { seed: 2 } })).weights, first.weights);
});

test("resumed after crashes: the weights of the uninterrupted training, bit for bit", async () => {
  const whole = await train({});
  const checkpoint = path.join(folder, "checkpoint.bin");
  for (const [inEpoch, afterBatch] of [
    [1, 2],
    [2, 3],
    [4, 1],
  ]) {
    const crash: Callback = {
      onBatchEnd({ epoch, batch }) {
        if (epoch === inEpoch && batch === afterBatch) throw new Error("crash");
      },
    };
    await assert.rejects(train({ checkpoint, callbacks: [crash] }), /crash/);
  }
  assert.deepEqual(await train({ checkpoint }), whole);
});

test("a recipe trains on patches too, with noise drawn anew; fixed noise they cannot have", async () => {
  const { train, validation } = await sets;
  const clean = await drawPatches(validation, { size: 8, count: 6, seed: 1 });
  const data = {
    train: patches(train, { size: 8, perEpoch: 12, seed: 1 }),
    validation: { clean, noisy: gaussian(clean, { sigma: 0.1, seed: 1 }) },
    sigma: 0.1,
    seed: 1,
  };
  const recipe = (noise: "online" | "fixed") =>
    chooseRecipe("default", { epochs: 1, batchSize: 6, loss: "mean squared error", noise });
  const model = () => unet({ filters: 4, height: 8, width: 8 });
  assert.equal((await fitByRecipe(model(), recipe("online"), data)).epochs.length, 1);
  await assert.rejects(
    fitByRecipe(model(), recipe("fixed"), data),
    /patches are others in each epoch, so their noise cannot be fixed: choose noise "online"/,
  );
});

test("a training is not resumed with other patches", async () => {
  const checkpoint = path.join(folder, "other.bin");
  await train({ checkpoint });
  await assert.rejects(train({ checkpoint, options: { perPicture: 4 } }), /trained with perPicture 3, not 4/);
  await assert.rejects(train({ checkpoint, options: { seed: 3 } }), /trained with patchSeed 1 patches, not 3 patches/);
});

test("no tensor is left, and the process ends by itself after a training, a Stop and an error", () => {
  const script = path.join(folder, "script.ts");
  const lib = (name: string) => JSON.stringify(path.resolve(__dirname, "../../lib", name));
  fs.writeFileSync(
    script,
    `
    import { imageFolder } from ${lib("data/image-folder")};
    import { drawPatches, patches } from ${lib("data/patches")};
    import { tf } from ${lib("engine")};
    import { fit } from ${lib("training/fit")};
    (async () => {
      const { train, validation } = await imageFolder(${JSON.stringify(folder)}, { channels: 1 });
      const model = tf.sequential({ layers: [tf.layers.conv2d({ inputShape: [8, 8, 1], filters: 1, kernelSize: 3, padding: "same" })] });
      model.compile({ optimizer: tf.train.sgd(0.01), loss: "meanSquaredError" });
      const held = await drawPatches(validation, { size: 8, count: 4 });
      const source = { clean: patches(train, { size: 8, perEpoch: 40, cacheMegabytes: 0, perPicture: 2 }), noisy: (images) => images };
      const run = (callbacks) => fit(model, source, { epochs: 2, batchSize: 8, validation: { clean: held, noisy: held }, callbacks });
      await run([]);
      const before = tf.memory().numTensors;
      await run([]);
      await run([{ onBatchEnd: (_, training) => training.stop("asked") }]);
      await run([{ onBatchEnd: () => { throw new Error("an error"); } }]).catch(({ message }) => console.log(message));
      console.log(tf.memory().numTensors - before);
    })();
    `,
  );
  const shim = path.resolve(__dirname, "../../lib/engine/node-util-shim.cjs");
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--require", shim, "--require", require.resolve("ts-node/register/transpile-only"), script],
    { timeout: 60_000, encoding: "utf8", env: { ...process.env, TS_NODE_PROJECT: path.resolve("tsconfig.json") } },
  );
  assert.deepEqual([status, stdout], [0, "an error\n0\n"], stderr);
});
