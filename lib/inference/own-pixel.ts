// What a denoiser that has learned with blind spots leaves unused: each pixel's own noisy value.
import { checkFinite, checkPositive, checkSameShape } from "../checks";
import type { Images } from "../data/images";

/** Groups of equally many predictions, whose errors are estimated together. */
const groups = 50;

/**
 * Adds each pixel's own noisy value to a prediction that was made without it, as after Noise2Self or Noise2Void: the mean of
 * both, weighted by how certain each is, as in Laine et al. (2019). The variance of the noise is known. That of the
 * prediction is estimated from the noisy images themselves: for predictions of about the same value, the mean of
 * (noisy - predicted)² is the variance of both together. No clean images are needed.
 * @param noisy [n, height, width, channels], with Gaussian noise that is not clipped; the more images, the better
 * @param predicted from them, each pixel without its own noisy value; of the same shape
 * @param sigma standard deviation of the noise, above 0
 * @returns new images of the same shape
 * @throws {RangeError} when shapes differ, a value is not finite, or sigma is not above 0
 * @example
 * ```ts
 * import { gaussian, type Images, withOwnPixels } from "image-denoiser";
 *
 * const clean = gaussian({ data: new Float32Array(2500), shape: [1, 50, 50, 1] }, { sigma: 1, seed: 1, clip: false });
 * const noisy = gaussian(clean, { sigma: 1, seed: 2, clip: false });
 * // nothing but black is known of a pixel from its neighbours; half of its own value is best
 * const black: Images = { data: new Float32Array(2500), shape: [1, 50, 50, 1] };
 * const { data } = withOwnPixels(noisy, black, 1);
 * (data[0] / noisy.data[0]).toFixed(1) // '0.5'
 * ```
 */
export function withOwnPixels(noisy: Images, predicted: Images, sigma: number): Images {
  checkSameShape(noisy, predicted, ["noisy", "predicted"]);
  checkFinite(noisy, "noisy");
  checkFinite(predicted, "predicted");
  checkPositive("sigma", sigma);
  const { length } = predicted.data;
  const order = Uint32Array.from(predicted.data.keys()).sort((a, b) => predicted.data[a] - predicted.data[b]);
  const data = new Float32Array(length);
  const size = Math.max(1, Math.ceil(length / groups));
  for (let from = 0; from < length; from += size) {
    const group = order.subarray(from, from + size);
    const distance = group.reduce((sum, at) => sum + (noisy.data[at] - predicted.data[at]) ** 2, 0) / group.length;
    const ofPrediction = Math.max(0, distance - sigma ** 2);
    const weight = ofPrediction / (ofPrediction + sigma ** 2);
    for (const at of group) data[at] = predicted.data[at] + weight * (noisy.data[at] - predicted.data[at]);
  }
  return { data, shape: noisy.shape };
}
