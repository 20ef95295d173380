// The linear filters: each pixel becomes a weighted mean of those around it, with the same weights everywhere. Both
// are products of a row of weights with itself, so rows are filtered first and columns after.
import { checkOdd, checkPositive } from "../checks";
import type { Images } from "../data/images";
import { type Border, filterPlanes } from "./planes";

/**
 * The mean of the size x size pixels around each, as SciPy's `uniform_filter` (mode "reflect").
 * @param noisy [n, height, width, channels], finite values
 * @param size odd
 * @returns new images of the same shape
 * @throws {RangeError} when size is not odd, shape and data disagree, or a value is not finite
 */
export function meanFilter(noisy: Images, { size }: { size: number }): Images {
  checkOdd("size", size);
  return separableFilter(noisy, new Float64Array(size).fill(1 / size), "reflect");
}

/**
 * A mean with weights exp(-distance² / (2 sigma²)) up to 4 sigma away, as scikit-image's `filters.gaussian`.
 * @param noisy [n, height, width, channels], finite values
 * @param sigma standard deviation in pixels, > 0
 * @returns new images of the same shape
 * @throws {RangeError} when sigma is not positive, shape and data disagree, or a value is not finite
 */
export function gaussianFilter(noisy: Images, { sigma }: { sigma: number }): Images {
  checkPositive("sigma", sigma);
  const radius = Math.floor(4 * sigma + 0.5);
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-0.5 * ((i - radius) / sigma) ** 2));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return separableFilter(
    noisy,
    weights.map((weight) => weight / sum),
    "nearest",
  );
}

function separableFilter(noisy: Images, weights: Float64Array, border: Border): Images {
  const margin = (weights.length - 1) / 2;
  return filterPlanes(noisy, { margin, border }, (height, width) => {
    const stride = width + 2 * margin;
    const rowsDone = new Float64Array((height + 2 * margin) * width);
    return (padded, result) => {
      for (let row = 0; row < height + 2 * margin; row++)
        weigh(padded, row * stride, 1, weights, rowsDone.subarray(row * width, (row + 1) * width));
      weigh(rowsDone, 0, width, weights, result);
    };
  });
}

/** to[i] = the sum of weights[k] from[start + i + k step]. */
function weigh(from: Float64Array, start: number, step: number, weights: Float64Array, to: Float64Array): void {
  for (let i = 0; i < to.length; i++) {
    let sum = 0;
    for (let k = 0, at = start + i; k < weights.length; k++, at += step) sum += weights[k] * from[at];
    to[i] = sum;
  }
}
