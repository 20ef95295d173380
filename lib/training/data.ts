// What a training reads: arrays, clean images with noise drawn anew for every epoch (online noise), or any other source
// of batches.
import { checkArray, checkSameShape } from "../checks";
import { type Images, selectImages } from "../data/images";
import type { ImageSource } from "../data/patches";
import { estimateSigma } from "../noise/estimate";
import { eachImage, levelOfFirst, type NoiseSettings, noiseModel } from "../noise/kinds";
import { type ImageLevels, withLevelMap } from "../noise/level-map";
import type { NoiseModel } from "../noise/noise-model";
import type { Random } from "../random";
import type { Choice } from "./parameters";

/** An n-dimensional array: `data` holds `shape` row by row, one example after another. `Images` are such arrays. */
export interface NdArray {
  readonly data: Float32Array;
  readonly shape: readonly [n: number, ...example: number[]];
}

/** What the model takes, and what it should give: as many inputs as targets. */
export interface Examples {
  readonly inputs: NdArray;
  readonly targets: NdArray;
}

/** The same images with noise and without: the model takes the noisy ones and should give the clean ones. */
export interface Pairs {
  readonly noisy: Images;
  readonly clean: Images;
  /** Levels of the noise, for a model that takes a noise-level map; estimated if not given. */
  readonly sigma?: ImageLevels;
}

/**
 * Clean images, or patches of pictures in files (`patches`), and a function that adds noise to a batch of them. It gets
 * another seed for each batch of each epoch.
 */
export interface OnlineNoise {
  readonly noisy: (clean: Images, seed: number) => Images;
  readonly clean: Images | ImageSource;
}

/**
 * Clean images, or patches, and their noise: by kind and level, or any noise model. It is drawn anew for every epoch, for
 * each image from a stream of its own, which is named for the epoch and the image. So the noise of an image does not depend
 * on the size of the batches, and no two images, epochs or seeds of trainings share a stream.
 */
export interface NoiseOfImages {
  readonly clean: Images | ImageSource;
  readonly noise: NoiseSettings | NoiseModel;
  /** Whether noisy values are clipped to [0, 1]. By default they are if the model learns from clean images, else not. */
  readonly clip?: boolean;
}

/** Noisy images, or patches of noisy pictures in files, of which nobody has clean ones. */
export interface NoisyImages {
  readonly noisy: Images | ImageSource;
  /** Standard deviation of the noise, where it is Gaussian and known: SURE needs it. */
  readonly sigma?: number;
}

/**
 * Makes batches itself, for examples that are not in memory as they are trained on: pictures in files, augmentation,
 * pairs of noisy images. `fit` shuffles the numbers from 0 to size - 1 in each epoch and asks for one batch at a time.
 * @example
 * ```ts
 * import { type BatchSource, gaussian, type Images, selectImages } from "image-denoiser";
 *
 * // Noise2Noise (Lehtinen et al. 2018): inputs and targets are two noisy versions of the same images
 * const noise2Noise = (clean: Images): BatchSource => ({
 *   size: clean.shape[0],
 *   batch(indices, random) {
 *     const images = selectImages(clean, indices);
 *     const noisy = () => gaussian(images, { sigma: 0.5, seed: random.bits() });
 *     return { inputs: noisy(), targets: noisy() };
 *   },
 * });
 * noise2Noise({ data: new Float32Array(8), shape: [2, 2, 2, 1] }).size // 2
 * ```
 */
export interface BatchSource {
  /** Examples in an epoch. */
  readonly size: number;
  /** The examples are mixed already: `fit` asks for them in order, 0, 1, 2 …, so that they can be prepared ahead. */
  readonly inOrder?: boolean;
  /** What the examples depend on: a checkpoint is not resumed with other settings. */
  readonly settings?: Readonly<Record<string, number | string | boolean>>;
  /**
   * @param indices which examples, in this order
   * @param random for whatever is drawn anew each time; a resumed training continues its stream
   * @param epoch counted from 1
   */
  batch(indices: Uint32Array, random: Random, epoch: number): Examples | Promise<Examples>;
}

export type TrainingData = Pairs | Examples | OnlineNoise | NoiseOfImages | NoisyImages | BatchSource;

export interface SourceOptions {
  /** Of the training. */
  readonly seed: number;
  readonly supervision?: Choice<"supervision">;
  /** Whether the model takes a noise-level map. */
  readonly levelMap?: boolean;
}

/** @throws {RangeError} when there are no examples, arrays do not belong together, or what a model is to learn from is missing */
export function batchSource(
  data: TrainingData,
  { seed, supervision = "clean", levelMap = false }: SourceOptions,
): BatchSource {
  if (levelMap && isNoisyOnly(data))
    throw new RangeError(`a model with a noise-level map cannot learn from noisy images alone by ${supervision} yet`);
  if (supervision === "noise2noise" && !("noise" in data || "targets" in data || "batch" in data))
    throw new RangeError(
      "noise2noise needs two noisy versions of each image: give clean images with a noise model, or the two versions as inputs and targets",
    );
  if (supervision === "clean" && isNoisyOnly(data))
    throw new RangeError(
      'there are no clean images to learn from: give them, or choose the supervision "noise2self", "noise2void" or "sure"',
    );
  const source = sourceOf(data, { seed, supervision, levelMap });
  checkSize(source.size, "training");
  return source;
}

function sourceOf(data: TrainingData, options: Required<SourceOptions>): BatchSource {
  if ("batch" in data) return data;
  if ("noise" in data) return noiseOfImages(data, options);
  if (isNoisyOnly(data)) return eachBatch(data.noisy, (noisy) => ({ inputs: noisy, targets: noisy }));
  if (isOnline(data)) return onlineNoise(data, options);
  return inMemory(toExamples(data, { name: "training", levelMap: options.levelMap }));
}

const isOnline = (data: Pairs | Examples | OnlineNoise): data is OnlineNoise =>
  "noisy" in data && typeof data.noisy === "function";

/** Whether there are neither clean images nor targets. */
export const isNoisyOnly = (data: TrainingData): data is NoisyImages => "noisy" in data && !("clean" in data);

export interface ExampleOptions {
  /** Of the data, for messages. */
  readonly name: string;
  /** Whether the model takes a noise-level map, which pairs get here. */
  readonly levelMap?: boolean;
}

/** @throws {RangeError} when there are no examples, or arrays do not belong together */
export function toExamples(data: Pairs | Examples, { name, levelMap = false }: ExampleOptions): Examples {
  if ("noisy" in data) {
    const { noisy, clean, sigma } = data;
    checkSameShape(noisy, clean, [`${name}.noisy`, `${name}.clean`]);
    checkSize(clean.shape[0], name);
    return { inputs: levelMap ? withLevelMap(noisy, sigma ?? estimated(noisy)) : noisy, targets: clean };
  }
  checkArray(data.inputs, `${name}.inputs`);
  checkArray(data.targets, `${name}.targets`);
  const [inputs, targets] = [data.inputs.shape[0], data.targets.shape[0]];
  if (inputs !== targets)
    throw new RangeError(`${name}: there must be one target an input, not ${targets} for ${inputs}`);
  checkSize(inputs, name);
  return data;
}

function checkSize(size: number, name: string): void {
  if (!(Number.isInteger(size) && size > 0)) throw new RangeError(`there are no ${name} examples`);
}

const inMemory = ({ inputs, targets }: Examples): BatchSource => ({
  size: inputs.shape[0],
  batch: (indices) => ({ inputs: select(inputs, indices), targets: select(targets, indices) }),
});

/** As in `denoise`. */
const estimated = (noisy: Images): Float64Array => estimateSigma(noisy, { clipped: true });

function onlineNoise({ noisy, clean }: OnlineNoise, { levelMap }: Required<SourceOptions>): BatchSource {
  return eachBatch(clean, (targets, { random }) => {
    const inputs = noisy(targets, random.bits());
    return { inputs: levelMap ? withLevelMap(inputs, estimated(inputs)) : inputs, targets };
  });
}

function noiseOfImages(
  { clean, noise, clip }: NoiseOfImages,
  { seed, supervision, levelMap }: Required<SourceOptions>,
): BatchSource {
  const model = typeof noise === "function" ? noise : noiseModel(noise);
  const draw = { seed, clip: clip ?? supervision === "clean" };
  return eachBatch(clean, (images, { indices, epoch }) => {
    const streamOf = (use: string) => (i: number) => `${use}, epoch ${epoch}, image ${indices[i]}`;
    const noisy = (use: string) => eachImage(images, draw, streamOf(use), model);
    const levels = (inputs: Images) => {
      if (typeof noise === "function") return estimated(inputs);
      return Float64Array.from(indices, (_, i) => levelOfFirst(noise, { seed, stream: streamOf("online noise")(i) }));
    };
    const inputs = noisy("online noise");
    const targets = supervision === "noise2noise" ? noisy("online noise of targets") : images;
    return { inputs: levelMap ? withLevelMap(inputs, levels(inputs)) : inputs, targets };
  });
}

/** What a batch is besides its images. */
interface BatchDraw {
  readonly indices: Uint32Array;
  readonly random: Random;
  readonly epoch: number;
}

function eachBatch(images: Images | ImageSource, examples: (batch: Images, draw: BatchDraw) => Examples): BatchSource {
  if ("images" in images) {
    const { size, inOrder, settings } = images;
    const batch: BatchSource["batch"] = async (indices, random, epoch) =>
      examples(await images.images(indices, epoch), { indices, random, epoch });
    return { size, inOrder, settings, batch };
  }
  const batch: BatchSource["batch"] = (indices, random, epoch) =>
    examples(selectImages(images, indices), { indices, random, epoch });
  return { size: images.shape[0], batch };
}

function select({ data, shape: [n, ...example] }: NdArray, indices: Uint32Array): NdArray {
  const size = data.length / n;
  const selected = new Float32Array(indices.length * size);
  indices.forEach((index, i) => {
    selected.set(data.subarray(index * size, (index + 1) * size), i * size);
  });
  return { data: selected, shape: [indices.length, ...example] };
}
