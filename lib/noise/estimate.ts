// How much noise images have, estimated from the images alone.
import { checkFinite, checkImages } from "../checks";
import type { Images } from "../data/images";

/** The high-pass filter of Daubechies' wavelet with two vanishing moments, "db2". */
const highPass = [-0.48296291314453416, 0.8365163037378079, -0.2241438680420134, -0.12940952255126037];

export interface EstimateOptions {
  /**
   * Whether noisy values were clipped to [0, 1]: then the estimate is corrected by the share of values of exactly 0 or 1.
   * The correction was fitted to flat areas, where it is right to 3 %; for digits to a tenth. Values that are not clipped
   * are hardly ever exactly 0 or 1, and their estimate stays as it is.
   */
  readonly clipped?: boolean;
}

/** The middle of a picture: as large a part as is needed to estimate its noise. */
export function regionToEstimate(picture: { readonly height: number; readonly width: number }) {
  const [height, width] = [picture.height, picture.width].map((size) => Math.min(size, 1024));
  const top = Math.floor((picture.height - height) / 2);
  const left = Math.floor((picture.width - width) / 2);
  return { top, left, height, width };
}

/** The median of |N(0, 1)|: the third quartile of the normal distribution. */
const medianOfNormal = 0.6744897501960817;

/**
 * Estimates the standard deviation of Gaussian noise from each image's finest diagonal wavelet coefficients: their
 * median absolute value, divided by that of N(0, 1) (Donoho & Johnstone 1994). Edges and smooth areas hardly count, fine
 * texture does. Where noisy values were clipped, the estimate is too low (0.27 instead of 0.5 for black and white images),
 * unless `clipped` is set. Without it equal to scikit-image's `estimate_sigma` with `average_sigmas=True`, which also leaves out coefficients of exactly
 * zero.
 * @param images [n, height, width, channels], in any units
 * @returns one estimate an image, the mean over its channels, in the images' units; 0 where all coefficients are zero
 * @throws {RangeError} when a value is not finite, or data and shape do not fit together
 * @example
 * ```ts
 * import { estimateSigma, gaussian, type Images } from "image-denoiser";
 *
 * const grey: Images = { data: new Float32Array(256 * 256).fill(0.5), shape: [1, 256, 256, 1] };
 * Math.round(1000 * estimateSigma(gaussian(grey, { sigma: 0.1, seed: 42 }))[0]) // 100
 * ```
 */
export function estimateSigma(images: Images, { clipped = false }: EstimateOptions = {}): Float64Array {
  checkImages(images);
  checkFinite(images);
  const [n, height, width, channels] = images.shape;
  const size = height * width * channels;
  return Float64Array.from({ length: n }, (_, image) => {
    const data = images.data.subarray(image * size, (image + 1) * size);
    let sum = 0;
    for (let channel = 0; channel < channels; channel++)
      sum += medianOfNonzero(diagonalDetail(data, [height, width, channels], channel)) / medianOfNormal;
    return channels === 0 ? 0 : sum / channels / (clipped ? shrinkage(data) : 1);
  });
}

/** How many times smaller clipping makes the estimate. */
function shrinkage(data: Float32Array): number {
  let atBounds = 0;
  for (const value of data) if (value === 0 || value === 1) atBounds++;
  // in a flat black area, half of the values are clipped, and the estimate is 0.52 sigma; no more than 0.7 are in digits
  return 1 - 0.95 * Math.min(atBounds / data.length, 0.7);
}

/** Absolute values of one channel, filtered with the high pass along columns and rows, every second of each. */
function diagonalDetail(
  data: Float32Array,
  [height, width, channels]: readonly [number, number, number],
  channel: number,
): Float64Array {
  const rows = inputsOf(height);
  const columns = inputsOf(width);
  const detail = new Float64Array(rows.length * columns.length);
  const filtered = new Float64Array(width);
  for (const [row, from] of rows.entries()) {
    for (let x = 0, at = channel; x < width; x++, at += channels) {
      let sum = 0;
      for (let tap = 0; tap < 4; tap++) sum += highPass[tap] * data[from[tap] * width * channels + at];
      filtered[x] = sum;
    }
    for (const [column, [a, b, c, d]] of columns.entries()) {
      const sum = highPass[0] * filtered[a] + highPass[1] * filtered[b] + highPass[2] * filtered[c];
      detail[row * columns.length + column] = Math.abs(sum + highPass[3] * filtered[d]);
    }
  }
  return detail;
}

/** The four pixels behind each coefficient, the image continued by its reflection: c b a [a b c] c b a. */
function inputsOf(length: number): number[][] {
  const inside = (at: number) => {
    const index = ((at % (2 * length)) + 2 * length) % (2 * length);
    return Math.min(index, 2 * length - 1 - index);
  };
  const count = length === 0 ? 0 : Math.floor((length + highPass.length - 1) / 2);
  return Array.from({ length: count }, (_, i) => highPass.map((_, tap) => inside(2 * i + 1 - tap)));
}

function medianOfNonzero(values: Float64Array): number {
  const sorted = values.filter((value) => value !== 0).sort();
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return 0;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
