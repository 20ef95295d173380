// Structural similarity (Wang, Bovik, Sheikh & Simoncelli 2004), per image, with the two windows in common use.
// Means over a window are means over its rows, in each column of the image, then over its columns. The uniform window
// slides: what it leaves is subtracted and what it enters is added, as in the filter that scikit-image uses.
import { checkSameShape, type Images, imageSize } from "../data/images";
import { checkDataRange, checkFinite } from "./checks";

export interface SsimOptions {
  /** The distance between the smallest and the largest possible value. */
  dataRange?: number;
  /** "uniform": 7x7, each pixel alike. "gaussian": 11x11, weighted with a Gaussian of sigma 1.5, as in the paper. */
  window?: "uniform" | "gaussian";
}

/** A window is the product of a row of weights with itself; `normalization` turns means of squares into variances. */
interface Window {
  readonly weights: Float64Array;
  readonly slides: boolean;
  readonly normalization: number;
}

/** The values of two stacks of images, with the steps from a pixel to the next in its row and in its column. */
interface Pair {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly right: number;
  readonly down: number;
}

const gaussian = Float64Array.from({ length: 11 }, (_, i) => Math.exp(-((i - 5) ** 2) / (2 * 1.5 ** 2)));
const gaussianSum = gaussian.reduce((sum, weight) => sum + weight, 0);
const windows: Record<"uniform" | "gaussian", Window> = {
  uniform: { weights: new Float64Array(7).fill(1 / 7), slides: true, normalization: 49 / 48 },
  gaussian: { weights: gaussian.map((weight) => weight / gaussianSum), slides: false, normalization: 1 },
};
const k1 = 0.01;
const k2 = 0.03;

/**
 * Mean SSIM over all windows that lie within the image, and over channels; K1 0.01, K2 0.03. Equals scikit-image's
 * `structural_similarity`: "uniform" with its defaults (win_size=7, sample covariance), "gaussian" with
 * gaussian_weights=True, sigma=1.5, use_sample_covariance=False. Sliding costs digits only where values are far beyond
 * dataRange: the error stays below 1e-6 for values up to 1,000 times dataRange.
 * @param clean [n, height, width, channels], at least 7x7 pixels ("gaussian": 11x11)
 * @param denoised the same shape
 * @returns one value an image; 1 for identical images
 * @throws {RangeError} when shapes differ, images are too small, a value is not finite, or dataRange is not positive
 */
export function ssim(clean: Images, denoised: Images, options: SsimOptions = {}): Float64Array {
  const { dataRange = 1, window: name = "uniform" } = options;
  checkSameShape(clean, denoised, ["clean", "denoised"]);
  checkDataRange(dataRange);
  const window = windows[name];
  if (!window) throw new RangeError(`window must be "uniform" or "gaussian", not ${JSON.stringify(name)}`);
  const [n, height, width, channels] = clean.shape;
  const size = window.weights.length;
  if (height < size || width < size)
    throw new RangeError(`SSIM needs images of at least ${size}x${size} pixels, not ${height}x${width}`);
  const c1 = (k1 * dataRange) ** 2;
  const c2 = (k2 * dataRange) ** 2;
  const pair: Pair = { x: clean.data, y: denoised.data, right: channels, down: width * channels };
  const columns = new Float64Array(4 * width);
  const rows = height - size + 1;
  const scores = new Float64Array(n);
  for (let image = 0; image < n; image++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++)
      for (let row = 0; row < rows; row++) {
        const start = image * imageSize(clean) + row * pair.down + channel;
        if (window.slides && row > 0) slideColumns(columns, pair, start - pair.down, window);
        else fillColumns(columns, pair, start, window);
        sum += sumOverRow(columns, window, c1, c2);
      }
    scores[image] = sum / (rows * (width - size + 1) * channels);
  }
  checkFinite(scores, clean, denoised);
  return scores;
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

/** The same means one row further down: the row at `start` leaves the window, and the row below it enters. */
function slideColumns(columns: Float64Array, { x, y, right, down }: Pair, start: number, { weights }: Window): void {
  const weight = weights[0];
  const below = weights.length * down;
  for (let to = 0, at = start; to < columns.length; to += 4, at += right) {
    const a = x[at];
    const b = y[at];
    const c = x[at + below];
    const d = y[at + below];
    columns[to] += weight * (c - a);
    columns[to + 1] += weight * (d - b);
    columns[to + 2] += weight * (c * c + d * d - (a * a + b * b));
    columns[to + 3] += weight * (c * d - a * b);
  }
}

/** SSIM of each window in a row of windows, summed. */
function sumOverRow(columns: Float64Array, { weights, slides, normalization }: Window, c1: number, c2: number): number {
  const span = 4 * weights.length;
  let sum = 0;
  let meanX = 0;
  let meanY = 0;
  let squares = 0;
  let products = 0;
  for (let start = 0; start <= columns.length - span; start += 4) {
    if (slides && start > 0) {
      const weight = weights[0];
      const left = start - 4;
      const at = left + span;
      meanX += weight * (columns[at] - columns[left]);
      meanY += weight * (columns[at + 1] - columns[left + 1]);
      squares += weight * (columns[at + 2] - columns[left + 2]);
      products += weight * (columns[at + 3] - columns[left + 3]);
    } else {
      meanX = meanY = squares = products = 0;
      for (let i = 0, at = start; i < weights.length; i++, at += 4) {
        const weight = weights[i];
        meanX += weight * columns[at];
        meanY += weight * columns[at + 1];
        squares += weight * columns[at + 2];
        products += weight * columns[at + 3];
      }
    }
    const productOfMeans = meanX * meanY;
    const squaresOfMeans = meanX * meanX + meanY * meanY;
    const covariance = normalization * (products - productOfMeans);
    const variances = normalization * (squares - squaresOfMeans);
    sum += ((2 * productOfMeans + c1) * (2 * covariance + c2)) / ((squaresOfMeans + c1) * (variances + c2));
  }
  return sum;
}
