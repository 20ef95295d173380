// Structural similarity (Wang, Bovik, Sheikh & Simoncelli 2004), per image, with the two windows in common use. The
// uniform one, by which results are compared, is the engine's.
import { checkPositive, checkSameShape } from "../checks";
import { type Images, imageSize } from "../data/images";
import { tf } from "../engine";
import { uniformSsim, uniformWindowSize } from "../engine/kernels";
import { checkScores } from "./checks";

export interface SsimOptions {
  /** The distance between the smallest and the largest possible value. */
  dataRange?: number;
  /** "uniform": 7x7, each pixel alike. "gaussian": 11x11, weighted with a Gaussian of sigma 1.5, as in the paper. */
  window?: "uniform" | "gaussian";
}

const gaussian = Float64Array.from({ length: 11 }, (_, i) => Math.exp(-((i - 5) ** 2) / (2 * 1.5 ** 2)));
const gaussianSum = gaussian.reduce((sum, weight) => sum + weight, 0);
const gaussianWeights = gaussian.map((weight) => weight / gaussianSum);

const sizes = { uniform: uniformWindowSize, gaussian: gaussianWeights.length };
const k1 = 0.01;
const k2 = 0.03;

/**
 * Mean SSIM over all windows that lie within the image, and over channels; K1 0.01, K2 0.03. Equals scikit-image's
 * `structural_similarity`: "uniform" with its defaults (win_size=7, sample covariance), "gaussian" with
 * gaussian_weights=True, sigma=1.5, use_sample_covariance=False. Differences of large sums cost digits only where values
 * are far beyond dataRange: the error stays below 1e-6 for values up to 1,000 times dataRange.
 * @param clean [n, height, width, channels], at least 7x7 pixels ("gaussian": 11x11)
 * @param denoised the same shape
 * @returns one value an image; 1 for identical images
 * @throws {RangeError} when shapes differ, images are too small, a value is not finite, or dataRange is not positive
 */
export function ssim(clean: Images, denoised: Images, options: SsimOptions = {}): Float64Array {
  const { dataRange = 1, window = "uniform" } = options;
  checkSameShape(clean, denoised, ["clean", "denoised"]);
  checkPositive("dataRange", dataRange);
  const size = sizes[window];
  if (!size) throw new RangeError(`window must be "uniform" or "gaussian", not ${JSON.stringify(window)}`);
  const [, height, width] = clean.shape;
  if (height < size || width < size)
    throw new RangeError(`SSIM needs images of at least ${size}x${size} pixels, not ${height}x${width}`);
  const c1 = (k1 * dataRange) ** 2;
  const c2 = (k2 * dataRange) ** 2;
  const scores = window === "uniform" ? slidingSsim(clean, denoised, c1, c2) : weightedSsim(clean, denoised, c1, c2);
  checkScores(scores, clean, denoised);
  return scores;
}

function slidingSsim(clean: Images, denoised: Images, c1: number, c2: number): Float64Array {
  const tensor = ({ data, shape }: Images) => tf.tensor4d(data, [...shape]);
  const halves = tf.tidy(() => {
    return uniformSsim(tensor(clean), tensor(denoised), c1, c2).dataSync();
  });
  return Float64Array.from({ length: clean.shape[0] }, (_, i) => halves[2 * i] + halves[2 * i + 1]);
}

function weightedSsim(clean: Images, denoised: Images, c1: number, c2: number): Float64Array {
  const [n, height, width, channels] = clean.shape;
  const size = gaussianWeights.length;
  const pair: Pair = { x: clean.data, y: denoised.data, right: channels, down: width * channels };
  const columns = new Float64Array(4 * width);
  const rows = height - size + 1;
  const scores = new Float64Array(n);
  for (let image = 0; image < n; image++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++)
      for (let row = 0; row < rows; row++) {
        fillColumns(columns, pair, image * imageSize(clean) + row * pair.down + channel);
        sum += sumOverRow(columns, c1, c2);
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
function fillColumns(columns: Float64Array, { x, y, right, down }: Pair, start: number): void {
  for (let to = 0, top = start; to < columns.length; to += 4, top += right) {
    let meanX = 0;
    let meanY = 0;
    let squares = 0;
    let products = 0;
    for (let i = 0, at = top; i < gaussianWeights.length; i++, at += down) {
      const weight = gaussianWeights[i];
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
function sumOverRow(columns: Float64Array, c1: number, c2: number): number {
  let sum = 0;
  for (let left = 0; left <= columns.length - 4 * gaussianWeights.length; left += 4) {
    let meanX = 0;
    let meanY = 0;
    let squares = 0;
    let products = 0;
    for (let i = 0, at = left; i < gaussianWeights.length; i++, at += 4) {
      const weight = gaussianWeights[i];
      meanX += weight * columns[at];
      meanY += weight * columns[at + 1];
      squares += weight * columns[at + 2];
      products += weight * columns[at + 3];
    }
    const productOfMeans = meanX * meanY;
    const squaresOfMeans = meanX * meanX + meanY * meanY;
    sum +=
      ((2 * productOfMeans + c1) * (2 * (products - productOfMeans) + c2)) /
      ((squaresOfMeans + c1) * (squares - squaresOfMeans + c2));
  }
  return sum;
}
