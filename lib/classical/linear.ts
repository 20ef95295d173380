// Linear filters: each pixel becomes a weighted mean of the pixels around it. Both are separable: first rows are
// filtered, then columns.
import { checkOdd, checkPositive } from "../checks";
import type { Images } from "../data/images";
import { filterChannels, type PaddingMode } from "./channels";

/**
 * The mean of the size x size pixels around each, as SciPy's `uniform_filter` (mode "reflect").
 * @param noisy [n, height, width, channels], finite values
 * @param size side of the window in pixels, odd
 * @returns new images of the same shape
 * @throws {RangeError} when size is not odd, data and shape do not fit together, or a value is not finite
 * @example
 * ```ts
 * import { type Images, meanFilter } from "image-denoiser";
 *
 * const noisy: Images = { data: Float32Array.of(0, 0, 1, 0, 0), shape: [1, 1, 5, 1] };
 * meanFilter(noisy, { size: 3 }).data // Float32Array(5) [ 0, 0.333333, 0.333333, 0.333333, 0 ]
 * ```
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
 * @throws {RangeError} when sigma is not positive, data and shape do not fit together, or a value is not finite
 * @example
 * ```ts
 * import { gaussianFilter, type Images } from "image-denoiser";
 *
 * const noisy: Images = { data: Float32Array.of(0, 0, 1, 0, 0), shape: [1, 1, 5, 1] };
 * gaussianFilter(noisy, { sigma: 0.5 }).data // Float32Array(5) [ 0.000263865, 0.106451, 0.786571, 0.106451, 0.000263865 ]
 * ```
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

function separableFilter(noisy: Images, weights: Float64Array, mode: PaddingMode): Images {
  const padding = (weights.length - 1) / 2;
  return filterChannels(noisy, { padding, mode }, (height, width) => {
    const stride = width + 2 * padding;
    const filteredRows = new Float64Array((height + 2 * padding) * width);
    return (padded, result) => {
      for (let row = 0; row < height + 2 * padding; row++)
        correlate(padded, row * stride, 1, weights, filteredRows.subarray(row * width, (row + 1) * width));
      correlate(filteredRows, 0, width, weights, result);
    };
  });
}

/** Correlation: to[i] is the sum of weights[k] from[start + i + k step] over k. */
function correlate(from: Float64Array, start: number, step: number, weights: Float64Array, to: Float64Array): void {
  for (let i = 0; i < to.length; i++) {
    let sum = 0;
    for (let k = 0, at = start + i; k < weights.length; k++, at += step) sum += weights[k] * from[at];
    to[i] = sum;
  }
}
