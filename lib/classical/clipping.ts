// What clipping does to noise: black pixels can only become brighter and white ones darker, so that even a perfect mean
// of noisy pixels is grey. Here is by how much, and the way back.
import { checkImages, checkPositive } from "../checks";
import type { Images } from "../data/images";

/**
 * The mean of clip(value + sigma N(0, 1), 0, 1): the integral over 0 < t < 1 of the probability that the noisy value
 * exceeds t, in closed form.
 * @param value of the clean pixel, usually in [0, 1]
 * @param sigma > 0
 */
export function meanOfClipped(value: number, sigma: number): number {
  checkPositive("sigma", sigma);
  return sigma * (cdfIntegral(value / sigma) - cdfIntegral((value - 1) / sigma));
}

/**
 * Undoes the bias of clipping on average: a straight line that takes the mean of noisy black to 0 and the mean of noisy
 * white to 1 (0.195 and 0.805 at sigma 0.5). Results may lie outside [0, 1].
 * @param noisy values in [0, 1], clipped Gaussian noise, or a mean of such
 * @param sigma of the noise, > 0
 * @returns new images of the same shape
 * @throws {RangeError} when sigma is not positive, or shape and data disagree
 */
export function correctClipping(noisy: Images, sigma: number): Images {
  checkImages(noisy, "noisy");
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
