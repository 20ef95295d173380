// Structural similarity (Wang, Bovik, Sheikh & Simoncelli 2004) of each image, with the two windows in common use. The
// uniform one, by which results are compared, is the engine's where TensorFlow is the backend.
import { checkChoice, checkDataRange } from "../checks";
import { type Images, imageSize } from "../data/images";
import { tf, uniformSsim } from "../engine";
import { valuesOf } from "../tensor-values";
import { checkPair, checkScores } from "./checks";

export interface SsimOptions {
  /** The distance between the smallest and the largest possible value, from 1e-38 to 3e38. */
  dataRange?: number;
  /** "uniform": 7x7, each pixel alike. "gaussian": 11x11, weighted with a Gaussian of sigma 1.5, as in the paper. */
  window?: "uniform" | "gaussian";
}

/** SSIM's constants are C1 = (K1 dataRange)² and C2 = (K2 dataRange)². */
export const K1 = 0.01;
export const K2 = 0.03;
/** The sides of the windows, in pixels. */
export const windowSizes = { uniform: 7, gaussian: 11 } as const;

const bell = Float64Array.from({ length: windowSizes.gaussian }, (_, i) => Math.exp(-((i - 5) ** 2) / (2 * 1.5 ** 2)));
const bellSum = bell.reduce((sum, weight) => sum + weight, 0);
const uniformPixels = windowSizes.uniform ** 2;

/** A window is the product of a row of weights with itself. Variances may be of the sample or of the population. */
interface Window {
  readonly weights: Float64Array;
  readonly varianceFactor: number;
}

const gaussianWindow: Window = { weights: bell.map((weight) => weight / bellSum), varianceFactor: 1 };
const uniformWindow: Window = {
  weights: new Float64Array(windowSizes.uniform).fill(1 / windowSizes.uniform),
  varianceFactor: uniformPixels / (uniformPixels - 1),
};

/**
 * Mean SSIM over all windows that lie within the image, and over channels; K1 0.01, K2 0.03. Equals scikit-image's
 * `structural_similarity`: "uniform" with its defaults (win_size=7, sample covariance), "gaussian" with
 * gaussian_weights=True, sigma=1.5, use_sample_covariance=False. Differences of large sums lose digits where values
 * are far beyond dataRange: the error is below 1e-6 for values up to 1,000 times dataRange.
 * @param clean [n, height, width, channels], at least 7x7 pixels ("gaussian": 11x11)
 * @param denoised the same shape
 * @returns [n]; 1 for identical images
 * @throws {RangeError} when shapes differ, images are too small, a value is not finite, or dataRange is out of range or
 *   too small for the images' values
 * @example
 * ```ts
 * import { type Images, ssim } from "image-denoiser";
 *
 * const clean: Images = { data: Float32Array.from({ length: 64 }, (_, i) => i / 63), shape: [1, 8, 8, 1] };
 * const brighter: Images = { data: clean.data.map((value) => value + 0.1), shape: clean.shape };
 * ssim(clean, brighter)[0] // 0.982941
 * ```
 */
export function ssim(clean: Images, denoised: Images, options: SsimOptions = {}): Float64Array {
  const { dataRange = 1, window = "uniform" } = options;
  checkPair(clean, denoised);
  checkDataRange(dataRange);
  checkChoice("window", window, ["uniform", "gaussian"]);
  const size = windowSizes[window];
  const [, height, width] = clean.shape;
  if (height < size || width < size)
    throw new RangeError(`SSIM needs images of at least ${size}x${size} pixels, not ${height}x${width}`);
  const [x, y, range] = nearOne(clean, denoised, dataRange);
  const scores =
    window === "uniform" ? uniform(x, y, range) : weighted(x, y, gaussianWindow, (K1 * range) ** 2, (K2 * range) ** 2);
  checkScores(scores, clean, denoised, dataRange);
  return scores;
}

/** Divides by a power of two, which changes no digit, where C1 and C2 would leave single precision. */
function nearOne(clean: Images, denoised: Images, dataRange: number): [Images, Images, number] {
  const exponent = Math.floor(Math.log2(dataRange));
  if (Math.abs(exponent) <= 20) return [clean, denoised, dataRange];
  const scaled = ({ data, shape }: Images) => ({ data: data.map((value) => value * 2 ** -exponent), shape });
  return [scaled(clean), scaled(denoised), dataRange * 2 ** -exponent];
}

function uniform(clean: Images, denoised: Images, dataRange: number): Float64Array {
  // the engine's constants are of single precision
  const [c1, c2] = [Math.fround((K1 * dataRange) ** 2), Math.fround((K2 * dataRange) ** 2)];
  if (tf.getBackend() !== "tensorflow") return weighted(clean, denoised, uniformWindow, c1, c2);
  const tensor = ({ data, shape }: Images) => tf.tensor4d(data, [...shape]);
  // two numbers of single precision hold a score: it is their sum
  const parts = valuesOf(() => uniformSsim(tensor(clean), tensor(denoised), c1, c2));
  return Float64Array.from({ length: clean.shape[0] }, (_, i) => parts[2 * i] + parts[2 * i + 1]);
}

function weighted(clean: Images, denoised: Images, window: Window, c1: number, c2: number): Float64Array {
  const [n, height, width, channels] = clean.shape;
  const size = window.weights.length;
  const pair: Pair = { x: clean.data, y: denoised.data, right: channels, down: width * channels };
  const columns = new Float64Array(4 * width);
  const rows = height - size + 1;
  const scores = new Float64Array(n);
  for (let image = 0; image < n; image++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++)
      for (let row = 0; row < rows; row++) {
        fillColumns(columns, pair, image * imageSize(clean) + row * pair.down + channel, window);
        sum += sumOverRow(columns, window, c1, c2);
      }
    scores[image] = sum / (rows * (width - size + 1) * channels);
  }
  return scores;
}

/** The values of two stacks of images, with the steps from a pixel to the next in its row and in its column. */
interface Pair {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly right: number;
  readonly down: number;
}

/** Weighted means over the rows of a window whose first row begins at `start`: of x, y, xx + yy and xy, by column. */
function fillColumns(columns: Float64Array, { x, y, right, down }: Pair, start: number, { weights }: Window): void {
  for (let to = 0, top = start; to < columns.length; to += 4, top += right) {
    let meanX = 0;
    let meanY = 0;
    let squares = 0;
    let products = 0;
    for (let i = 0, at = top; i < weights.length; i++, at += down) {
      const weight = weights[i];
      const a = x[at];
      const b = y[at];
      meanX += weight * a;
      meanY += weight * b;
      squares += weight * (a * a + b * b);
      products += weight * (a * b);
    }
    columns[to] = meanX;
    columns[to + 1] = meanY;
    columns[to + 2] = squares;
    columns[to + 3] = products;
  }
}

/** SSIM of each window in a row of windows, summed. */
function sumOverRow(columns: Float64Array, { weights, varianceFactor }: Window, c1: number, c2: number): number {
  let sum = 0;
  for (let left = 0; left <= columns.length - 4 * weights.length; left += 4) {
    let meanX = 0;
    let meanY = 0;
    let squares = 0;
    let products = 0;
    for (let i = 0, at = left; i < weights.length; i++, at += 4) {
      const weight = weights[i];
      meanX += weight * columns[at];
      meanY += weight * columns[at + 1];
      squares += weight * columns[at + 2];
      products += weight * columns[at + 3];
    }
    const productOfMeans = meanX * meanY;
    const squaresOfMeans = meanX * meanX + meanY * meanY;
    sum +=
      ((2 * productOfMeans + c1) * (2 * varianceFactor * (products - productOfMeans) + c2)) /
      ((squaresOfMeans + c1) * (varianceFactor * (squares - squaresOfMeans) + c2));
  }
  return sum;
}
