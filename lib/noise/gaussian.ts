// Noise models: seeded noise, added to clean images.
import { checkDataRange, checkFinite, checkImages, checkNumber } from "../checks";
import { type Images, imageSize } from "../data/images";
import { Random } from "../random";
import type { NoiseDraw } from "./noise-model";

/** Normal variates that are drawn at once: few enough to stay in the cache. */
const drawnAtOnce = 1024;

export interface GaussianOptions extends NoiseDraw {
  /**
   * Standard deviation, in units of the images' values, at least 0; or a range, from which each image's own is drawn
   * uniformly.
   */
  sigma: number | readonly [low: number, high: number];
}

/**
 * Adds white Gaussian noise and clips: clip(clean + sigma * N(0, 1), 0, dataRange), as the original does,
 * or does not clip.
 * Equal seeds and streams give equal noise. Name a stream for each set of images ("training noise", "validation noise",
 * "test noise"), so that whatever the seeds are, no set gets the noise of another.
 * @param clean [n, height, width, channels], values in [0, dataRange]
 * @returns new images of the same shape
 * @throws {RangeError} when sigma is negative, not finite or no range, dataRange is out of range, a value is not finite,
 *   or data and shape do not fit together
 * @example
 * ```ts
 * import { gaussian, type Images } from "image-denoiser";
 *
 * const clean: Images = { data: new Float32Array(4).fill(0.5), shape: [1, 2, 2, 1] };
 * const noisy = gaussian(clean, { sigma: 0.1, seed: 42, stream: "test noise" });
 * noisy.data // Float32Array(4) [ 0.554976, 0.348648, 0.42787, 0.59048 ]
 * ```
 */
export function gaussian(clean: Images, { sigma, seed, stream, dataRange = 1, clip = true }: GaussianOptions): Images {
  checkImages(clean, "clean");
  const [low, high] = typeof sigma === "number" ? [sigma, sigma] : sigma;
  if (typeof sigma === "number") checkNumber("sigma", sigma, { least: 0 });
  else if (!(low >= 0 && high >= low && Number.isFinite(high)))
    throw new RangeError(
      `sigma must be a range of numbers of at least 0, the smaller one first, not [${sigma.join(", ")}]`,
    );
  checkDataRange(dataRange);
  const random = new Random(seed, stream);
  const { data, shape } = clean;
  const noisy = new Float32Array(data.length);
  const size = imageSize(clean);
  const normals = new Float64Array(Math.min(size, drawnAtOnce));
  let sum = 0;
  for (let image = 0; image < data.length; image += size) {
    const own = high > low ? low + (high - low) * random.uniform() : low;
    for (let first = image; first < image + size; first += drawnAtOnce) {
      const n = Math.min(drawnAtOnce, image + size - first);
      random.fillNormal(normals.subarray(0, n));
      for (let i = 0; i < n; i++) {
        const pixel = data[first + i];
        const value = pixel + own * normals[i];
        noisy[first + i] = !clip ? value : value < 0 ? 0 : value > dataRange ? dataRange : value;
        sum += pixel;
      }
    }
  }
  if (!Number.isFinite(sum)) checkFinite(clean, "clean"); // one value that is not finite makes the sum so
  return { data: noisy, shape };
}
