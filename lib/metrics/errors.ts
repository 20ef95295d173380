// Mean squared and mean absolute error of each image.
import { type Images, imageSize } from "../data/images";
import { checkPair, checkScores } from "./checks";

/**
 * Mean squared error of each image, in squared units of the images' values.
 * @param clean [n, height, width, channels]
 * @param denoised the same shape
 * @returns [n]
 * @throws {RangeError} when shapes differ, images have no pixels, or a value is not finite
 * @example
 * ```ts
 * import { type Images, mse } from "image-denoiser";
 *
 * const clean: Images = { data: Float32Array.of(0, 1, 1, 0), shape: [1, 2, 2, 1] };
 * const denoised: Images = { data: Float32Array.of(0.5, 1, 1, 0.5), shape: [1, 2, 2, 1] };
 * mse(clean, denoised)[0] // 0.125
 * ```
 */
export const mse = (clean: Images, denoised: Images): Float64Array => means(clean, denoised, sumOfSquares);

/**
 * Mean absolute error of each image, in units of the images' values.
 * @param clean [n, height, width, channels]
 * @param denoised the same shape
 * @returns [n]
 * @throws {RangeError} when shapes differ, images have no pixels, or a value is not finite
 * @example
 * ```ts
 * import { type Images, mae } from "image-denoiser";
 *
 * const clean: Images = { data: Float32Array.of(0, 1, 1, 0), shape: [1, 2, 2, 1] };
 * const denoised: Images = { data: Float32Array.of(0.5, 1, 1, 0.5), shape: [1, 2, 2, 1] };
 * mae(clean, denoised)[0] // 0.25
 * ```
 */
export const mae = (clean: Images, denoised: Images): Float64Array => means(clean, denoised, sumOfMagnitudes);

/** A sum over the differences x[i] - y[i], start <= i < end. */
type Sum = (x: Float32Array, y: Float32Array, start: number, end: number) => number;

const sumOfSquares: Sum = (x, y, start, end) => {
  let sum = 0;
  for (let i = start; i < end; i++) {
    const difference = x[i] - y[i];
    sum += difference * difference;
  }
  return sum;
};

const sumOfMagnitudes: Sum = (x, y, start, end) => {
  let sum = 0;
  for (let i = start; i < end; i++) sum += Math.abs(x[i] - y[i]);
  return sum;
};

function means(clean: Images, denoised: Images, sum: Sum): Float64Array {
  checkPair(clean, denoised);
  const size = imageSize(clean);
  const values = new Float64Array(clean.shape[0]);
  for (let i = 0; i < values.length; i++) values[i] = sum(clean.data, denoised.data, i * size, (i + 1) * size) / size;
  checkScores(values, clean, denoised);
  return values;
}
