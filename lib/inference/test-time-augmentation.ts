// Test-time augmentation: a model denoises shifted copies of each image, and the mean of the results is taken.
import type * as tf from "@tensorflow/tfjs";
import { type Images, imageSize } from "../data/images";
import { denoise } from "./denoise";

/** In pixels. */
export type Shift = readonly [down: number, right: number];

/** None, and one pixel in each direction. */
export const fiveShifts: readonly Shift[] = [
  [0, 0],
  [0, 1],
  [1, 0],
  [0, -1],
  [-1, 0],
];

/**
 * The mean of a model's results for shifted copies of each image, each result shifted back. Pixels that leave at one
 * edge enter at the opposite one, so images need a margin of background as wide as the shifts.
 * @param model one input and one output of equal shape [n, height, width, channels]
 * @param noisy values in [0, 1]
 * @param shifts in whole pixels; the time that it takes grows with their number
 * @returns denoised images of the same shape
 * @throws {RangeError} when there are no shifts, one is not of whole pixels, or the images do not fit the model
 * @example
 * ```ts
 * import { denoise, denoiseAugmented, gaussian, simpleAutoencoder } from "image-denoiser";
 *
 * const clean = { data: new Float32Array(784), shape: [1, 28, 28, 1] as const };
 * const noisy = gaussian(clean, { sigma: 0.5, seed: 42 });
 * const model = simpleAutoencoder();
 * const unshifted = denoiseAugmented(model, noisy, [[0, 0]]);
 * unshifted.data[300] === denoise(model, noisy).data[300] // true
 * ```
 */
export function denoiseAugmented(model: tf.LayersModel, noisy: Images, shifts: readonly Shift[]): Images {
  if (shifts.length === 0 || !shifts.flat().every(Number.isInteger))
    throw new RangeError(`shifts must be pairs of whole numbers, at least one, not ${JSON.stringify(shifts)}`);
  const sum = new Float32Array(noisy.data.length);
  for (const [down, right] of shifts) {
    const denoised = shifted(denoise(model, shifted(noisy, down, right)), -down, -right);
    for (let i = 0; i < sum.length; i++) sum[i] += denoised.data[i] / shifts.length;
  }
  return { data: sum, shape: noisy.shape };
}

function shifted(images: Images, down: number, right: number): Images {
  const { data, shape } = images;
  const [n, height, width, channels] = shape;
  const result = new Float32Array(data.length);
  const wrap = (index: number, size: number) => ((index % size) + size) % size;
  for (let image = 0; image < n; image++)
    for (let row = 0; row < height; row++)
      for (let column = 0; column < width; column++) {
        const from = image * imageSize(images) + (row * width + column) * channels;
        const to = (wrap(row + down, height) * width + wrap(column + right, width)) * channels;
        result.set(data.subarray(from, from + channels), image * imageSize(images) + to);
      }
  return { data: result, shape };
}
