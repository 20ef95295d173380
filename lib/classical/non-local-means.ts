// Non-local means (Buades, Coll & Morel 2005): each pixel becomes a weighted mean of pixels nearby, those with similar
// patches around them counting most. For each shift, all patches are compared with sliding sums (Darbon et al. 2008).
import { checkNumber, checkOdd, checkPositive } from "../checks";
import type { Images } from "../data/images";
import { filterImages } from "./channels";

export interface NonLocalMeansOptions {
  /** How different two patches may be, in units of the images' values: weights are exp(-mean squared difference / h²). */
  h: number;
  /** Side of a patch in pixels, odd, at least 3. */
  patchSize: number;
  /** Pixels are compared up to this many rows and columns away. */
  patchDistance: number;
  /**
   * Standard deviation of the noise, if it is known: patches differ by 2 sigma² on average where the clean ones are equal,
   * which does not count then. 0: unknown.
   */
  sigma?: number;
}

/** Weights below exp(-5) count as zero. */
const cutoff = 5;

/**
 * In colour, patches are compared in all channels together. Equals scikit-image's `denoise_nl_means` in its fast mode,
 * in colour with `channel_axis=-1`. Three details are that function's own: patches are compared without their first row and column (and their sums still divided by the whole area), exp is
 * Schraudolph's approximation, and small weights are zero.
 * @param noisy [n, height, width, channels], finite values
 * @returns new images of the same shape
 * @throws {RangeError} when an option is out of range, data and shape do not fit together, or a value is not finite
 * @example
 * ```ts
 * import { type Images, nonLocalMeans } from "image-denoiser";
 *
 * const noisy: Images = { data: Float32Array.of(0, 0, 1, 0, 0), shape: [1, 1, 5, 1] };
 * nonLocalMeans(noisy, { h: 0.5, patchSize: 3, patchDistance: 1 }).data // Float32Array(5) [ 0, 0.110492, 0.623214, 0.176037, 0 ]
 * ```
 */
export function nonLocalMeans(noisy: Images, { h, patchSize, patchDistance, sigma = 0 }: NonLocalMeansOptions): Images {
  checkPositive("h", h);
  checkOdd("patchSize", patchSize);
  if (patchSize < 3)
    throw new RangeError(`patchSize must be at least 3, not ${patchSize}: a patch is more than its pixel`);
  checkNumber("patchDistance", patchDistance, { least: 0, whole: true });
  checkNumber("sigma", sigma, { least: 0 });
  const span = patchSize - 1;
  const padding = patchDistance + span / 2;

  return filterImages(noisy, { padding, mode: "mirror" }, (height, width, channels) => {
    const stride = width + 2 * padding;
    const scale = 1 / (channels * h * h * patchSize * patchSize);
    const ofNoise = 2 * sigma * sigma * channels * span * span;
    const weightSums = new Float64Array(height * width);
    const weights = new Float64Array(width);
    /** Squared differences between the image and the image shifted, summed over channels: the last `span` rows. */
    const differences = Array.from({ length: span }, () => new Float64Array(width + span - 1));
    /** Their sums over those rows. */
    const columns = new Float64Array(width + span - 1);

    /** Adds to each pixel's sums the pixel a shift away, weighted by how similar their patches are. */
    const addShifted = (padded: readonly Float64Array[], shift: number, sums: readonly Float64Array[]): void => {
      // where the first patch begins, and where the image does
      const patch = (patchDistance + 1) * (stride + 1);
      const pixel = padding * (stride + 1);
      for (const values of [columns, ...differences]) values.fill(0);
      for (let row = 0; row < span - 1; row++) slide(columns, differences[row], padded, patch + row * stride, shift);
      for (let row = 0; row < height; row++) {
        const last = row + span - 1;
        slide(columns, differences[last % span], padded, patch + last * stride, shift);
        let difference = -ofNoise;
        for (let column = 0; column < span - 1; column++) difference += columns[column];
        for (let column = 0, to = row * width; column < width; column++, to++) {
          difference += columns[column + span - 1];
          const exponent = difference > 0 ? scale * difference : 0; // scale may be infinite
          const weight = exponent <= cutoff ? fastExp(-exponent) : 0;
          weights[column] = weight;
          weightSums[to] += weight;
          difference -= columns[column];
        }
        for (let channel = 0; channel < channels; channel++)
          addWeighted(padded[channel], pixel + row * stride + shift, weights, sums[channel], row * width);
      }
    };

    return (padded, sums) => {
      for (const values of [weightSums, ...sums]) values.fill(0);
      for (let down = -patchDistance; down <= patchDistance; down++)
        for (let right = -patchDistance; right <= patchDistance; right++)
          addShifted(padded, down * stride + right, sums);
      for (const plane of sums) for (let i = 0; i < plane.length; i++) plane[i] /= weightSums[i];
    };
  });
}

/** Adds a row of values, each times its weight, to a row of sums. */
function addWeighted(from: Float64Array, start: number, weights: Float64Array, to: Float64Array, first: number): void {
  for (let i = 0; i < weights.length; i++) to[first + i] += weights[i] * from[start + i];
}

/**
 * Replaces the oldest of the rows of squared differences by that between the row of pixels at `start` and the one a shift
 * away, in the columns' sums too.
 */
function slide(
  columns: Float64Array,
  row: Float64Array,
  planes: readonly Float64Array[],
  start: number,
  shift: number,
): void {
  for (let i = 0; i < row.length; i++) columns[i] -= row[i];
  row.fill(0);
  for (const plane of planes)
    for (let i = 0, at = start; i < row.length; i++, at++) {
      const difference = plane[at] - plane[at + shift];
      row[i] += difference * difference;
    }
  for (let i = 0; i < row.length; i++) columns[i] += row[i];
}

const double = new Float64Array(1);
const words = new Int32Array(double.buffer);

/**
 * exp(x) to within 4 %, -700 < x <= 0, in a multiplication and an addition: the upper half of a double, read as a whole
 * number, is nearly a logarithm of it. N. Schraudolph, A fast, compact approximation of the exponential function, 1999.
 */
function fastExp(x: number): number {
  words[1] = (((2 ** 20 / Math.LN2) * x) | 0) + (1023 * 2 ** 20 - 60801);
  return double[0];
}
