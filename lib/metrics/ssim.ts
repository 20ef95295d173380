// Structural similarity (Wang, Bovik, Sheikh & Simoncelli 2004), per image, with the two windows in common use.
import { type Images, imageSize } from "../data/images";
import { checkDataRange, checkPair } from "./checks";

export interface SsimOptions {
  /** The distance between the smallest and the largest possible value. */
  dataRange?: number;
  /** "uniform": 7x7, each pixel alike. "gaussian": 11x11, weighted with a Gaussian of sigma 1.5, as in the paper. */
  window?: "uniform" | "gaussian";
}

/** A window is the product of a row of weights with itself; `normalization` turns means of squares into variances. */
const windows = {
  uniform: { weights: new Float64Array(7).fill(1 / 7), normalization: 49 / 48 },
  gaussian: { weights: gaussianWeights(5, 1.5), normalization: 1 },
};
const k1 = 0.01;
const k2 = 0.03;

function gaussianWeights(radius: number, sigma: number): Float64Array {
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/**
 * Mean SSIM over all windows that lie within the image, and over channels; K1 0.01, K2 0.03. Equals scikit-image's
 * `structural_similarity`: "uniform" with its defaults (win_size=7, sample covariance), "gaussian" with
 * gaussian_weights=True, sigma=1.5, use_sample_covariance=False.
 * @param clean [n, height, width, channels], at least 7x7 pixels ("gaussian": 11x11)
 * @param denoised the same shape
 * @returns one value an image; 1 for identical images
 * @throws {RangeError} when shapes differ, images are too small, a value is not finite, or dataRange is not positive
 */
export function ssim(clean: Images, denoised: Images, options: SsimOptions = {}): Float64Array {
  const { dataRange = 1, window = "uniform" } = options;
  checkPair(clean, denoised);
  checkDataRange(dataRange);
  const { weights, normalization } = windows[window] ?? unknownWindow(window);
  const [n, height, width, channels] = clean.shape;
  const size = weights.length;
  if (height < size || width < size)
    throw new RangeError(`SSIM needs images of at least ${size}x${size} pixels, not ${height}x${width}`);
  const c1 = (k1 * dataRange) ** 2;
  const c2 = (k2 * dataRange) ** 2;
  const rows = height - size + 1;
  const columns = width - size + 1;
  const { data: x } = clean;
  const { data: y } = denoised;
  // Weighted sums over the window's rows, for each column of the image: of x, y, xx + yy and xy.
  const sums = new Float64Array(4 * width);

  const meanOverWindows = (start: number): number => {
    let total = 0;
    for (let row = 0; row < rows; row++) {
      sums.fill(0);
      for (let i = 0; i < size; i++) {
        const weight = weights[i];
        for (let column = 0, at = start + (row + i) * width * channels; column < width; column++, at += channels) {
          const a = x[at];
          const b = y[at];
          sums[4 * column] += weight * a;
          sums[4 * column + 1] += weight * b;
          sums[4 * column + 2] += weight * (a * a + b * b);
          sums[4 * column + 3] += weight * a * b;
        }
      }
      for (let column = 0; column < columns; column++) {
        let meanX = 0;
        let meanY = 0;
        let squares = 0;
        let products = 0;
        for (let i = 0, at = 4 * column; i < size; i++, at += 4) {
          const weight = weights[i];
          meanX += weight * sums[at];
          meanY += weight * sums[at + 1];
          squares += weight * sums[at + 2];
          products += weight * sums[at + 3];
        }
        const meanSquares = meanX * meanX + meanY * meanY;
        const variances = normalization * (squares - meanSquares);
        const covariance = normalization * (products - meanX * meanY);
        total += ((2 * meanX * meanY + c1) * (2 * covariance + c2)) / ((meanSquares + c1) * (variances + c2));
      }
    }
    return total / (rows * columns);
  };

  return Float64Array.from({ length: n }, (_, image) => {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += meanOverWindows(image * imageSize(clean) + channel);
    return sum / channels;
  });
}

function unknownWindow(window: string): never {
  throw new RangeError(`window must be "uniform" or "gaussian", not ${JSON.stringify(window)}`);
}
