// The plain errors, per image: mean squared and mean absolute.
import { checkSameShape } from "../checks";
import { type Images, imageSize } from "../data/images";
import { checkScores } from "./checks";

/**
 * Mean squared error of each image, in squared units of the images' values.
 * @param clean [n, height, width, channels]
 * @param denoised the same shape
 * @throws {RangeError} when shapes differ or a value is not finite
 */
export const mse = (clean: Images, denoised: Images): Float64Array => means(clean, denoised, sumOfSquares);

/** Mean absolute error of each image, in units of the images' values; otherwise as `mse`. */
export const mae = (clean: Images, denoised: Images): Float64Array => means(clean, denoised, sumOfMagnitudes);

/** Something of the differences x[i] - y[i], start <= i < end, summed. */
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
  checkSameShape(clean, denoised, ["clean", "denoised"]);
  const size = imageSize(clean);
  const values = new Float64Array(clean.shape[0]);
  for (let i = 0; i < values.length; i++) values[i] = sum(clean.data, denoised.data, i * size, (i + 1) * size) / size;
  checkScores(values, clean, denoised);
  return values;
}
