// The U-Net for photographs, ours and PyTorch's in turns: the same initial weights, patches, noise, learning rates and
// steps. Writes the scores on the held-out pictures, the losses and the time of each into one JSON file.
//   npx ts-node bench/photographs.ts OUT.json [--channels 3] [--steps 3000] [--peers-python FILE]
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import * as lib from "../lib";

/** Steps that each takes before it is the next one's turn. */
const stepsInTurn = 10;
const modes = ["pytorch eager", "pytorch eager, malloc tuned", "pytorch compiled, malloc tuned"];
const sigma = 25 / 255;
const seed = 42;
const { filters, patchSize, batchSize, learningRate } = lib.photographRecipe;
/** As in lib/training/losses.ts and tfjs' Adam. */
const [margin, adamEpsilon] = [1e-6, 1e-7];

interface Trained {
  readonly losses: number[];
  /** Of each step, without drawing the patches and their noise. */
  readonly seconds: number[];
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      channels: { type: "string", default: "3" },
      steps: { type: "string", default: "3000" },
      "peers-python": { type: "string" },
    },
  });
  const [out] = positionals;
  const channels = Number(values.channels);
  const steps = Number(values.steps);
  if (!out || (channels !== 1 && channels !== 3) || !(steps >= 1))
    throw new Error(
      "usage: npx ts-node bench/photographs.ts OUT.json [--channels 1|3] [--steps N] [--peers-python FILE]",
    );
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "photographs-"));
  const peers = await startPeers(values["peers-python"]);
  try {
    const result = await compare({ channels, steps, folder, peers });
    fs.writeFileSync(out, `${JSON.stringify(result, null, 1)}\n`);
    console.log(JSON.stringify(result.methods, null, 1));
  } finally {
    for (const { worker } of peers) await worker.stop();
    fs.rmSync(folder, { recursive: true });
  }
}

type Worker = { ask(task: object): Promise<object>; stop(): Promise<void> };

async function startPeers(python?: string): Promise<{ name: string; worker: Worker }[]> {
  const [{ photographPeers, startWorker }, { installCommand, peersInstalled }] = await Promise.all([
    import("./peers.mjs"),
    import("../setup/peers.mjs"),
  ]);
  if (!python && !peersInstalled()) throw new Error(`PyTorch is not installed. This installs it: ${installCommand}`);
  return modes.map((name) => ({ name, worker: startWorker(photographPeers(python)[name]) }));
}

interface Task {
  readonly channels: 1 | 3;
  readonly steps: number;
  readonly folder: string;
  readonly peers: readonly { name: string; worker: Worker }[];
}

async function compare({ channels, steps, folder, peers }: Task) {
  const pictures = lib.loadPhotographs({ channels });
  const model = lib.unet({ channels, height: null, width: null, filters, predicts: "noise", seed });
  await build(model, channels, folder, peers);
  const { ours, feeding, theirs } = await train(model, { channels, steps, folder, peers }, pictures);

  const denoisers = [
    { name: "ours", denoise: (noisy: lib.Images) => lib.denoise(model, noisy) },
    ...peers.map(({ name, worker }) => ({ name, denoise: (noisy: lib.Images) => denoiseBy(worker, noisy, folder) })),
  ];
  const { evaluated } = await lib.evaluatePictures(pictures.test, denoisers, { sigma, seed, shown: 0 });
  const [noisy, ...scored] = evaluated.map(({ name, scores }) => ({
    name,
    psnr: mean(scores.psnr),
    ssim: mean(scores.ssim),
  }));
  const trained: Record<string, Trained> = { ours, ...theirs };
  const methods = scored.map((each) => {
    const { seconds } = trained[each.name];
    return { ...each, millisecondsAStep: 1000 * median(seconds), ratio: median(ratiosInTurns(ours.seconds, seconds)) };
  });
  return {
    schema: 1,
    settings: { channels, steps, sigma, seed, filters, patchSize, batchSize, learningRate, stepsInTurn },
    machine: { cores: os.availableParallelism(), processor: os.cpus()[0]?.model },
    pictures: pictures.test.pictures.map(({ name }) => name),
    noisy: { psnr: noisy.psnr, ssim: noisy.ssim },
    methods,
    feedingShare: median(feeding) / median(ours.seconds),
    firstLosses: Object.fromEntries(Object.entries(trained).map(([name, { losses }]) => [name, losses.slice(0, 10)])),
  };
}

async function build(model: lib.tf.LayersModel, channels: number, folder: string, peers: Task["peers"]): Promise<void> {
  const file = path.join(folder, "weights");
  const weights = model.weights.map(({ originalName, shape }) => [originalName, shape]);
  const arrays = model.getWeights().map((weight) => Buffer.from(Float32Array.from(weight.dataSync()).buffer));
  fs.writeFileSync(file, Buffer.concat(arrays));
  for (const { worker } of peers)
    await worker.ask({ task: "build", channels, filters, weights, file, adam_epsilon: adamEpsilon });
}

/** By `fit`, so that ours is what the notebook does. After some steps it waits while the peers take the same ones. */
async function train(model: lib.tf.LayersModel, { channels, steps, folder, peers }: Task, pictures: lib.Photographs) {
  const patches = lib.patches(pictures.train, {
    ...{ size: patchSize, perEpoch: steps * batchSize, seed, colourChanges: channels === 3 },
  });
  const ours: Trained = { losses: [], seconds: [] };
  const theirs = Object.fromEntries(peers.map(({ name }): [string, Trained] => [name, { losses: [], seconds: [] }]));
  const feeding: number[] = [];
  const file = path.join(folder, "batches");
  let rates: number[] = [];
  let began = 0;

  const source: lib.BatchSource = {
    size: steps * batchSize,
    inOrder: true,
    async batch(indices, random, epoch) {
      const asked = performance.now();
      const targets = await patches.images(indices, epoch);
      const inputs = lib.gaussian(targets, { sigma, clip: false, seed: random.bits(), stream: "online noise" });
      feeding.push((performance.now() - asked) / 1000);
      for (const { data } of [inputs, targets]) fs.appendFileSync(file, Buffer.from(data.buffer));
      rates.push((model.optimizer as lib.tf.AdamOptimizer & { learningRate: number }).learningRate);
      began = performance.now();
      return { inputs, targets };
    },
  };
  const turns: lib.Callback = {
    async onBatchEnd({ batchLoss, batch, batches }) {
      ours.seconds.push((performance.now() - began) / 1000);
      ours.losses.push(batchLoss);
      if (rates.length < stepsInTurn && batch < batches) return;
      const shape = [batchSize, patchSize, patchSize, channels];
      for (const { name, worker } of peers) {
        const { losses, seconds } = (await worker.ask({ task: "train", file, shape, rates, margin })) as Trained;
        theirs[name].losses.push(...losses);
        theirs[name].seconds.push(...seconds);
      }
      fs.rmSync(file);
      rates = [];
    },
  };
  model.compile({
    optimizer: lib.tf.train.adam(learningRate),
    loss: (clean: lib.tf.Tensor, denoised: lib.tf.Tensor) => lib.logMseAndSsim(clean, denoised, 0),
  });
  const clean = await lib.drawPatches(pictures.validation, { size: patchSize, count: 16, seed, stream: "validation patches" }); // biome-ignore format: short
  const noisy = lib.gaussian(clean, { sigma, clip: false, seed, stream: "validation noise" });
  const callbacks = [turns, lib.warmUpThenDecay({ peak: learningRate })];
  await lib.fit(model, source, { epochs: 1, batchSize, validation: { clean, noisy }, seed, callbacks });
  return { ours, theirs, feeding };
}

async function denoiseBy(worker: Worker, noisy: lib.Images, folder: string): Promise<lib.Images> {
  const file = path.join(folder, "picture");
  fs.writeFileSync(file, Buffer.from(noisy.data.slice().buffer));
  await worker.ask({ task: "denoise", file, shape: noisy.shape });
  const bytes = fs.readFileSync(file);
  return {
    data: new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)),
    shape: noisy.shape,
  };
}

/** Our time for a step divided by theirs, in each turn: what slows the machine down for a while slows down both. */
const ratiosInTurns = (ours: readonly number[], theirs: readonly number[]): number[] =>
  Array.from({ length: Math.ceil(ours.length / stepsInTurn) }, (_, turn) => {
    const inTurn = (seconds: readonly number[]) => median(seconds.slice(turn * stepsInTurn, (turn + 1) * stepsInTurn));
    return inTurn(ours) / inTurn(theirs);
  });

const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1];

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
