// The bias of clipped noise, and its correction: black pixels can only become brighter and white ones darker, so that
// the mean of noisy pixels is pulled towards grey.
import { checkFinite, checkImages, checkNumber } from "../checks";
import type { Images } from "../data/images";

/**
 * The mean of clip(value + sigma N(0, 1), 0, 1): the integral over 0 < t < 1 of the probability that the noisy value
 * exceeds t, in closed form.
 * @param value of the clean pixel, usually in [0, 1]
 * @param sigma of the noise, from 1e-9 to 1e6
 * @throws {RangeError} when value is not finite, or sigma out of range
 * @example
 * ```ts
 * import { meanOfClipped } from "image-denoiser";
 *
 * meanOfClipped(0, 0.5) // 0.195226
 * ```
 */
export function meanOfClipped(value: number, sigma: number): number {
  checkNumber("value", value);
  checkNumber("sigma", sigma, { least: 1e-9, most: 1e6 });
  return sigma * (cdfIntegral(value / sigma) - cdfIntegral((value - 1) / sigma));
}

/**
 * Undoes the bias of clipping on average: a straight line that takes the mean of noisy black to 0 and the mean of noisy
 * white to 1 (0.195 and 0.805 at sigma 0.5). Results may lie outside [0, 1].
 * @param noisy [n, height, width, channels], values in [0, 1] with clipped Gaussian noise, or means of such
 * @param sigma of the noise, from 1e-9 to 1e6
 * @returns new images of the same shape
 * @throws {RangeError} when sigma is out of range, data and shape do not fit together, or a value is not finite
 * @example
 * ```ts
 * import { correctClipping, type Images } from "image-denoiser";
 *
 * const smoothed: Images = { data: Float32Array.of(0.195226, 0.5, 0.804774), shape: [1, 1, 3, 1] };
 * Array.from(correctClipping(smoothed, 0.5).data, (value) => value.toFixed(2)) // [ '0.00', '0.50', '1.00' ]
 * ```
 */
export function correctClipping(noisy: Images, sigma: number): Images {
  checkImages(noisy, "noisy");
  checkFinite(noisy, "noisy");
  const black = meanOfClipped(0, sigma);
  const white = meanOfClipped(1, sigma);
  return { data: noisy.data.map((value) => (value - black) / (white - black)), shape: noisy.shape };
}

/** The integral of the standard normal distribution function from -infinity to z. */
const cdfIntegral = (z: number): number => z * normalCdf(z) + Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);

/** The probability that a standard normal variate is below z: Marsaglia's series (2004), to 15 digits after the point. */
function normalCdf(z: number): number {
  if (Math.abs(z) > 9) return z > 0 ? 1 : 0;
  let term = z;
  let sum = z;
  for (let i = 3; Math.abs(term) > 1e-18 * Math.abs(sum); i += 2) {
    term *= (z * z) / i;
    sum += term;
  }
  return 0.5 + (sum * Math.exp(-0.5 * z * z)) / Math.sqrt(2 * Math.PI);
}
