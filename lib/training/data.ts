// What a training reads: arrays, clean images with noise drawn anew for every epoch (online noise), or any other source
// of batches.
import { checkArray, checkSameShape } from "../checks";
import { type Images, selectImages } from "../data/images";
import type { ImageSource } from "../data/patches";
import type { Random } from "../random";

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

export type TrainingData = Pairs | Examples | OnlineNoise | BatchSource;

/** @throws {RangeError} when there are no examples, or arrays do not belong together */
export function batchSource(data: TrainingData): BatchSource {
  const source = "batch" in data ? data : isOnline(data) ? onlineNoise(data) : inMemory(toExamples(data, "training"));
  checkSize(source.size, "training");
  return source;
}

const isOnline = (data: Pairs | Examples | OnlineNoise): data is OnlineNoise =>
  "noisy" in data && typeof data.noisy === "function";

/**
 * @param name of the data, for messages
 * @throws {RangeError} when there are no examples, or arrays do not belong together
 */
export function toExamples(data: Pairs | Examples, name: string): Examples {
  if ("noisy" in data) {
    checkSameShape(data.noisy, data.clean, [`${name}.noisy`, `${name}.clean`]);
    checkSize(data.clean.shape[0], name);
    return { inputs: data.noisy, targets: data.clean };
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

function onlineNoise({ noisy, clean }: OnlineNoise): BatchSource {
  const pair = (targets: Images, random: Random): Examples => ({ inputs: noisy(targets, random.bits()), targets });
  if ("images" in clean) {
    const { size, inOrder, settings } = clean;
    const batch: BatchSource["batch"] = async (indices, random, epoch) =>
      pair(await clean.images(indices, epoch), random);
    return { size, inOrder, settings, batch };
  }
  return { size: clean.shape[0], batch: (indices, random) => pair(selectImages(clean, indices), random) };
}

function select({ data, shape: [n, ...example] }: NdArray, indices: Uint32Array): NdArray {
  const size = data.length / n;
  const selected = new Float32Array(indices.length * size);
  indices.forEach((index, i) => {
    selected.set(data.subarray(index * size, (index + 1) * size), i * size);
  });
  return { data: selected, shape: [indices.length, ...example] };
}
