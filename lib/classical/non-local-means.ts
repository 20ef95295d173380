// Non-local means (Buades, Coll & Morel 2005): each pixel becomes a weighted mean of pixels nearby, those with similar
// patches around them counting most. For each shift, all patches are compared with sliding sums (Darbon et al. 2008).
import { checkNumber, checkOdd, checkPositive } from "../checks";
import type { Images } from "../data/images";
import { filterChannels } from "./channels";

export interface NonLocalMeansOptions {
  /** How different two patches may be, in units of the images' values: weights are exp(-mean squared difference / h²). */
  h: number;
  /** Side of a patch in pixels, odd, at least 3. */
  patchSize: number;
  /** Pixels are compared up to this many rows and columns away. */
  patchDistance: number;
}

/** Weights below exp(-5) count as zero. */
const cutoff = 5;

/**
 * Equals scikit-image's `denoise_nl_means` in its fast mode, without its `sigma`. Three details are that function's
 * own: patches are compared without their first row and column (and their sums still divided by the whole area), exp is
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
export function nonLocalMeans(noisy: Images, { h, patchSize, patchDistance }: NonLocalMeansOptions): Images {
  checkPositive("h", h);
  checkOdd("patchSize", patchSize);
  if (patchSize < 3)
    throw new RangeError(`patchSize must be at least 3, not ${patchSize}: a patch is more than its pixel`);
  checkNumber("patchDistance", patchDistance, { least: 0, whole: true });
  const span = patchSize - 1;
  const padding = patchDistance + span / 2;
  const scale = 1 / (h * h * patchSize * patchSize);

  return filterChannels(noisy, { padding, mode: "mirror" }, (height, width) => {
    const stride = width + 2 * padding;
    const weights = new Float64Array(height * width);
    /** Squared differences between the channel and the channel shifted, summed over `span` rows. */
    const columns = new Float64Array(width + span - 1);

    /** Adds to each pixel's sum the pixel a shift away, weighted by how similar their patches are. */
    const addShifted = (padded: Float64Array, shift: number, sums: Float64Array): void => {
      // where the first patch begins, and where the channel does
      const patch = (patchDistance + 1) * (stride + 1);
      const pixel = padding * (stride + 1);
      columns.fill(0);
      for (let row = 0; row < span; row++) slide(columns, padded, patch + row * stride, shift);
      for (let row = 0, to = 0; row < height; row++) {
        const top = patch + row * stride;
        if (row > 0) slide(columns, padded, top + (span - 1) * stride, shift, top - stride);
        let difference = 0;
        for (let column = 0; column < span - 1; column++) difference += columns[column];
        for (let column = 0, at = pixel + row * stride + shift; column < width; column++, at++, to++) {
          difference += columns[column + span - 1];
          const exponent = difference > 0 ? scale * difference : 0; // scale may be infinite
          if (exponent <= cutoff) {
            const weight = fastExp(-exponent);
            weights[to] += weight;
            sums[to] += weight * padded[at];
          }
          difference -= columns[column];
        }
      }
    };

    return (padded, sums) => {
      weights.fill(0);
      sums.fill(0);
      for (let down = -patchDistance; down <= patchDistance; down++)
        for (let right = -patchDistance; right <= patchDistance; right++)
          addShifted(padded, down * stride + right, sums);
      for (let i = 0; i < sums.length; i++) sums[i] /= weights[i];
    };
  });
}

/** Adds the squared differences between a row of pixels and those a shift away; subtracts those of the row that leaves. */
function slide(columns: Float64Array, channel: Float64Array, start: number, shift: number, leaving = -1): void {
  for (let i = 0; i < columns.length; i++) {
    const entered = channel[start + i] - channel[start + i + shift];
    const left = leaving < 0 ? 0 : channel[leaving + i] - channel[leaving + i + shift];
    columns[i] += entered * entered - left * left;
  }
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
