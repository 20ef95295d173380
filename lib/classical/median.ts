// The median filter (Tukey 1977): removes outliers and keeps edges.
import { checkOdd } from "../checks";
import type { Images } from "../data/images";
import { filterChannels } from "./channels";

/**
 * The median of the size x size pixels around each, as scikit-image's `filters.median` (SciPy's `median_filter`, mode
 * "nearest").
 * @param noisy [n, height, width, channels], finite values
 * @param size side of the window in pixels, odd
 * @returns new images of the same shape
 * @throws {RangeError} when size is not odd, data and shape do not fit together, or a value is not finite
 * @example
 * ```ts
 * import { type Images, medianFilter } from "image-denoiser";
 *
 * const noisy: Images = { data: Float32Array.of(0, 0, 1, 0, 0), shape: [1, 1, 5, 1] };
 * medianFilter(noisy, { size: 3 }).data // Float32Array(5) [ 0, 0, 0, 0, 0 ]
 * ```
 */
export function medianFilter(noisy: Images, { size }: { size: number }): Images {
  checkOdd("size", size);
  const padding = (size - 1) / 2;
  return filterChannels(noisy, { padding, mode: "nearest" }, (height, width) => {
    const stride = width + 2 * padding;
    const sorted = new Float64Array(size * size);
    return (padded, result) => {
      for (let row = 0, to = 0; row < height; row++)
        for (let column = 0; column < width; column++, to++) {
          let count = 0;
          for (let i = 0; i < size; i++)
            for (let j = 0, at = (row + i) * stride + column; j < size; j++, at++) {
              const value = padded[at];
              let index = count++;
              for (; index > 0 && sorted[index - 1] > value; index--) sorted[index] = sorted[index - 1];
              sorted[index] = value;
            }
          result[to] = sorted[count >> 1];
        }
    };
  });
}
