// Several answers of one model to the same question: each image is denoised at several places, and the mean is taken.
import type * as tf from "@tensorflow/tfjs";
import { type Images, imageSize } from "../data/images";
import { denoise } from "./denoise";

/** In pixels. */
export type Shift = readonly [down: number, right: number];

/** Not at all, and by a pixel to each side. */
export const fiveShifts: readonly Shift[] = [
  [0, 0],
  [0, 1],
  [1, 0],
  [0, -1],
  [-1, 0],
];

/**
 * The mean of what a model makes of shifted copies of each image, shifted back. What leaves at one edge comes in at the
 * opposite one, so images need a margin of background as wide as the shifts.
 * @param model takes and gives [n, height, width, channels]
 * @param noisy values in [0, 1]
 * @param shifts whole pixels; takes as many times as long as there are shifts
 * @throws {RangeError} when there are no shifts, or one is not of whole pixels
 */
export function denoiseShifted(model: tf.LayersModel, noisy: Images, shifts: readonly Shift[]): Images {
  if (shifts.length === 0 || !shifts.flat().every(Number.isInteger))
    throw new RangeError(`shifts must be pairs of whole numbers, at least one, not ${JSON.stringify(shifts)}`);
  const sum = new Float32Array(noisy.data.length);
  for (const [down, right] of shifts) {
    const back = shifted(denoise(model, shifted(noisy, down, right)), -down, -right);
    for (let i = 0; i < sum.length; i++) sum[i] += back.data[i] / shifts.length;
  }
  return { data: sum, shape: noisy.shape };
}

function shifted(images: Images, down: number, right: number): Images {
  const { data, shape } = images;
  const [n, height, width, channels] = shape;
  const moved = new Float32Array(data.length);
  const wrap = (place: number, size: number) => ((place % size) + size) % size;
  for (let image = 0; image < n; image++)
    for (let row = 0; row < height; row++)
      for (let column = 0; column < width; column++) {
        const from = image * imageSize(images) + (row * width + column) * channels;
        const to = (wrap(row + down, height) * width + wrap(column + right, width)) * channels;
        moved.set(data.subarray(from, from + channels), image * imageSize(images) + to);
      }
  return { data: moved, shape };
}
