// What is measured, and for which peers. Each process gets the task as it is written here and answers in seconds or bytes.
// Smaller is better everywhere.
import path from "node:path";
import { setupFolder } from "../setup/layout.mjs";

/**
 * @typedef {object} Benchmark
 * @property {string} name
 * @property {string} title
 * @property {keyof typeof perBase} unit
 * @property {{ task: string, [setting: string]: string | number }} task what ours.ts and the programs in peers/ do
 * @property {boolean} [newProcess] each measurement in a process of its own
 * @property {boolean} [fromStart] the measurement is the time from the process' start to its answer
 * @property {boolean} [scored] the process is asked, after that, how good its result is
 * @property {string[]} peers names in peers.mjs
 * @property {"left out" | { peers?: string[], task?: { [setting: string]: number } }} [quick] what a quick run has instead:
 *   of each peer the mode that is usually its best, and less work
 */

/** How many of a unit make one second or one byte. */
export const perBase = { s: 1, ms: 1e3, µs: 1e6, MB: 1e-6 };

const plain = "tfjs-node as it comes";
const everyMode = [
  "ours, malloc tuned",
  "keras",
  "keras, malloc tuned",
  "pytorch eager",
  "pytorch eager, malloc tuned",
  "pytorch compiled",
  "pytorch compiled, malloc tuned",
  plain,
];

/**
 * Those of a quick run. Further rounds cost little where a process measures several times.
 * @param {Benchmark[]} all
 * @returns {(Benchmark & { rounds: number })[]}
 */
export const quickly = (all) =>
  all.flatMap(({ task, quick = {}, ...benchmark }) =>
    quick === "left out"
      ? []
      : [{ ...benchmark, ...quick, task: { ...task, ...quick.task }, rounds: benchmark.newProcess ? 1 : 3 }],
  );

/** @type {Benchmark[]} */
export const benchmarks = [
  {
    name: "unet-train-step",
    title: "U-Net, a training step of 256 digits",
    unit: "ms",
    task: { task: "train-step", model: "unet", batch: 256, steps: 10 },
    peers: everyMode,
    quick: { peers: ["keras", "pytorch compiled, malloc tuned", plain], task: { steps: 5 } },
  },
  {
    name: "simple-train-step",
    title: "Simple autoencoder, a training step of 128 digits",
    unit: "ms",
    task: { task: "train-step", model: "simple", batch: 128, steps: 20 },
    peers: everyMode,
    quick: { peers: ["keras", "pytorch eager, malloc tuned", plain], task: { steps: 10 } },
  },
  {
    name: "unet-epoch",
    title: "U-Net, an epoch on 10,000 digits and validation on 1,000",
    unit: "s",
    task: { task: "epoch", model: "unet", batch: 256, train: 10_000, validation: 1000 },
    peers: ["keras", "keras, malloc tuned", "pytorch compiled", plain],
    quick: "left out", // its steps and its inference are measured by themselves
  },
  {
    name: "unet-inference",
    title: "U-Net, denoising an image",
    unit: "µs",
    task: { task: "inference", model: "unet", batch: 256, images: 2560 },
    peers: everyMode,
    quick: { peers: ["keras", "pytorch compiled, malloc tuned", plain] },
  },
  {
    name: "simple-inference",
    title: "Simple autoencoder, denoising an image",
    unit: "µs",
    task: { task: "inference", model: "simple", batch: 256, images: 5120 },
    peers: everyMode,
    quick: { peers: ["keras", "pytorch compiled", plain] },
  },
  {
    name: "large-picture",
    title: "U-Net in colour, a picture of 4,000 x 3,000 pixels",
    unit: "s",
    task: { task: "large-picture", height: 3000, width: 4000, folder: path.join(setupFolder, "bench") },
    peers: ["ONNX Runtime"],
    quick: { task: { height: 1500, width: 2000 } },
  },
  {
    name: "metrics",
    title: "PSNR and SSIM of a pair of images",
    unit: "µs",
    task: { task: "metrics", images: 10_000 },
    peers: ["scikit-image"],
  },
  {
    name: "photograph-feeding",
    title: "Photographs: 16 patches of 64 x 64 in colour drawn, and noise added",
    unit: "ms",
    task: { task: "feeding", batch: 16, size: 64, steps: 40 },
    peers: ["the rest of the step"],
    quick: { task: { steps: 15 } },
  },
  {
    name: "start-up",
    title: "Start-up, to the end of the U-Net's first training step",
    unit: "s",
    task: { task: "start-up" },
    newProcess: true,
    fromStart: true,
    peers: ["keras", "pytorch eager", plain],
  },
  {
    name: "peak-memory",
    title: "Peak memory: all of MNIST, 30 steps of the U-Net, 10,000 digits denoised",
    unit: "MB",
    task: { task: "peak-memory", batch: 256, steps: 30, validation: 1000 },
    newProcess: true,
    peers: ["keras", "pytorch eager", plain],
    quick: { task: { steps: 10 } },
  },
];

/** @type {Benchmark} not one of the list: it takes half an hour */
export const timeToQuality = {
  name: "time-to-quality",
  title: "Start-up to all test digits denoised, each by its own recipe",
  unit: "s",
  task: { task: "time-to-quality" },
  newProcess: true,
  fromStart: true,
  scored: true,
  peers: ["keras"],
};
