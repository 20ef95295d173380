// Non-local means (Buades, Coll & Morel 2005): each pixel becomes a weighted mean of pixels nearby, those with similar
// patches around them counting most. For each shift, all patches are compared with sliding sums (Darbon et al. 2008); the shift
// back compares the same patches.
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
    // sums for each pixel of the padded image: those outside of the image are not used
    const padded = () => new Float64Array((height + 2 * padding) * stride);
    const weightSums = padded();
    const sums = Array.from({ length: channels }, padded);
    const rowOf = (length: number) => new Float64Array(length);
    const weightsOfRow = rowOf(width + patchDistance);
    /** Squared differences between the image and the image shifted, summed over channels: the last `span` rows. */
    const differenceRows = Array.from({ length: span }, () => rowOf(width + patchDistance + span - 1));
    /** Their sums over those rows. */
    const columnSums = rowOf(width + patchDistance + span - 1);

    /**
     * For each pair of pixels a shift apart, one of them in the image at least: adds each, weighted by how similar their
     * patches are, to the sums of the other.
     */
    const addShifted = (planes: readonly Float64Array[], down: number, right: number): void => {
      const shift = down * stride + right;
      const weights = weightsOfRow.subarray(0, width + Math.abs(right));
      const columns = columnSums.subarray(0, weights.length + span - 1);
      const differences = differenceRows.map((row) => row.subarray(0, columns.length));
      // the first pixel, and where its patch begins
      const pixel = (padding - down) * stride + padding - Math.max(0, right);
      const patch = pixel - (span / 2 - 1) * (stride + 1);
      for (const values of [columns, ...differences]) values.fill(0);
      for (let row = 0; row < span - 1; row++) slide(columns, differences[row], planes, patch + row * stride, shift);
      for (let row = 0; row < height + down; row++) {
        const last = row + span - 1;
        slide(columns, differences[last % span], planes, patch + last * stride, shift);
        let difference = -ofNoise;
        for (let column = 0; column < span - 1; column++) difference += columns[column];
        for (let column = 0; column < weights.length; column++) {
          difference += columns[column + span - 1];
          const exponent = difference > 0 ? scale * difference : 0; // scale may be infinite
          weights[column] = exponent <= cutoff ? fastExp(-exponent) : 0;
          difference -= columns[column];
        }
        const from = pixel + row * stride;
        addWeights(weights, weightSums, from);
        for (let c = 0; c < channels; c++) addWeighted(planes[c], from + shift, weights, sums[c], from);
        if (shift === 0) continue;
        addWeights(weights, weightSums, from + shift);
        for (let c = 0; c < channels; c++) addWeighted(planes[c], from, weights, sums[c], from + shift);
      }
    };

    return (planes, results) => {
      for (const values of [weightSums, ...sums]) values.fill(0);
      for (let right = 0; right <= patchDistance; right++) addShifted(planes, 0, right);
      for (let down = 1; down <= patchDistance; down++)
        for (let right = -patchDistance; right <= patchDistance; right++) addShifted(planes, down, right);
      for (let row = 0, to = 0; row < height; row++)
        for (let at = (padding + row) * stride + padding, end = at + width; at < end; at++, to++)
          for (let c = 0; c < channels; c++) results[c][to] = sums[c][at] / weightSums[at];
    };
  });
}

/** Adds a row of weights to a row of sums that begins at `first`. */
function addWeights(weights: Float64Array, sums: Float64Array, first: number): void {
  for (let i = 0; i < weights.length; i++) sums[first + i] += weights[i];
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
