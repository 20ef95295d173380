// Structural similarity (Wang, Bovik, Sheikh & Simoncelli 2004), per image.
import { checkSameShape, type Images, imageSize } from "../data/images";
import { checkDataRange, checkFinite } from "./checks";

export interface SsimOptions {
  /** The distance between the smallest and the largest possible value. */
  dataRange?: number;
}

const window = 7;
const k1 = 0.01;
const k2 = 0.03;

/**
 * Mean SSIM with a sliding uniform 7x7 window, as scikit-image's `structural_similarity` with its defaults
 * (win_size=7, sample covariance, K1 0.01, K2 0.03): the mean over all windows that lie within the image, and over
 * channels.
 * @param clean [n, height, width, channels], at least 7x7 pixels
 * @param denoised the same shape
 * @returns one value an image; 1 for identical images
 * @throws {RangeError} when shapes differ, images are too small, a value is not finite, or dataRange is not positive
 */
export function ssim(clean: Images, denoised: Images, { dataRange = 1 }: SsimOptions = {}): Float64Array {
  checkSameShape(clean, denoised, ["clean", "denoised"]);
  checkDataRange(dataRange);
  checkFinite(clean, "clean");
  checkFinite(denoised, "denoised");
  const [n, height, width, channels] = clean.shape;
  if (height < window || width < window)
    throw new RangeError(`SSIM needs images of at least ${window}x${window} pixels, not ${height}x${width}`);
  const c1 = (k1 * dataRange) ** 2;
  const c2 = (k2 * dataRange) ** 2;
  const pixels = window * window;
  const toSample = pixels / (pixels - 1);
  const rows = height - window + 1;
  const columns = width - window + 1;
  const size = imageSize(clean);
  // For each column of the image, the sums of x, y, xx + yy and xy over the window's seven rows.
  const sumX = new Float64Array(width);
  const sumY = new Float64Array(width);
  const sumSquares = new Float64Array(width);
  const sumProducts = new Float64Array(width);

  const meanOverWindows = (image: number, channel: number): number => {
    const x = clean.data;
    const y = denoised.data;
    const start = image * size + channel;
    const addRow = (row: number, sign: 1 | -1) => {
      for (let column = 0, at = start + row * width * channels; column < width; column++, at += channels) {
        const a = x[at];
        const b = y[at];
        sumX[column] += sign * a;
        sumY[column] += sign * b;
        sumSquares[column] += sign * (a * a + b * b);
        sumProducts[column] += sign * a * b;
      }
    };
    for (const sums of [sumX, sumY, sumSquares, sumProducts]) sums.fill(0);
    for (let row = 0; row < window - 1; row++) addRow(row, 1);
    let total = 0;
    for (let row = 0; row < rows; row++) {
      addRow(row + window - 1, 1);
      let a = 0;
      let b = 0;
      let squares = 0;
      let products = 0;
      for (let column = 0; column < width; column++) {
        a += sumX[column];
        b += sumY[column];
        squares += sumSquares[column];
        products += sumProducts[column];
        if (column < window - 1) continue;
        const meanX = a / pixels;
        const meanY = b / pixels;
        const variances = toSample * (squares / pixels - meanX * meanX - meanY * meanY);
        const covariance = toSample * (products / pixels - meanX * meanY);
        total +=
          ((2 * meanX * meanY + c1) * (2 * covariance + c2)) /
          ((meanX * meanX + meanY * meanY + c1) * (variances + c2));
        const left = column - window + 1;
        a -= sumX[left];
        b -= sumY[left];
        squares -= sumSquares[left];
        products -= sumProducts[left];
      }
      addRow(row, -1);
    }
    return total / (rows * columns);
  };

  return Float64Array.from({ length: n }, (_, image) => {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += meanOverWindows(image, channel);
    return sum / channels;
  });
}
