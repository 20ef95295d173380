// The median filter (Tukey 1977): outliers vanish, edges stay.
import { checkOdd } from "../checks";
import type { Images } from "../data/images";
import { filterPlanes } from "./planes";

/**
 * The median of the size x size pixels around each; beyond the border, the nearest pixel counts. As scikit-image's
 * `filters.median` (SciPy's `median_filter`, mode "nearest").
 * @param noisy [n, height, width, channels], finite values
 * @param size odd
 * @returns new images of the same shape
 * @throws {RangeError} when size is not odd, shape and data disagree, or a value is not finite
 */
export function medianFilter(noisy: Images, { size }: { size: number }): Images {
  checkOdd("size", size);
  const margin = (size - 1) / 2;
  return filterPlanes(noisy, { margin, border: "nearest" }, (height, width) => {
    const stride = width + 2 * margin;
    const sorted = new Float64Array(size * size);
    return (padded, result) => {
      for (let row = 0, to = 0; row < height; row++)
        for (let column = 0; column < width; column++, to++) {
          let count = 0;
          for (let i = 0; i < size; i++)
            for (let j = 0, at = (row + i) * stride + column; j < size; j++, at++) {
              const value = padded[at];
              let place = count++;
              for (; place > 0 && sorted[place - 1] > value; place--) sorted[place] = sorted[place - 1];
              sorted[place] = value;
            }
          result[to] = sorted[count >> 1];
        }
    };
  });
}
