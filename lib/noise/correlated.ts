// Spatially correlated Gaussian noise: grain, as of film or of a camera's own processing.
import { checkNumber, checkPositive } from "../checks";
import { type Images, imageSize } from "../data/images";
import type { Random } from "../random";
import { drawEach, type NoiseDraw } from "./noise-model";

export interface CorrelatedGaussianOptions extends NoiseDraw {
  /** Standard deviation of the noise in each pixel, in units of the images' values, at least 0. */
  sigma: number;
  /** Standard deviation in pixels of the Gaussian filter that white noise passes through, above 0. */
  blur: number;
}

/**
 * Adds Gaussian noise whose pixels are correlated: white noise, filtered by a Gaussian of standard deviation `blur` and
 * scaled to `sigma`. Pixels at distance d are correlated by exp(-d² / (4 blur²)), for a blur of about 1 and above. The
 * noise is the same in kind up to the border; channels are independent.
 * @param clean [n, height, width, channels], values in [0, dataRange]
 * @returns new images of the same shape
 * @throws {RangeError} when sigma is negative or not finite, blur is not positive, dataRange is out of range, a value is
 *   not finite, or data and shape do not fit together
 * @example
 * ```ts
 * import { correlatedGaussian, type Images } from "image-denoiser";
 *
 * const grey: Images = { data: new Float32Array(4).fill(0.5), shape: [1, 2, 2, 1] };
 * correlatedGaussian(grey, { sigma: 0.1, blur: 2, seed: 42, stream: "test noise" }).data // Float32Array(4) [ 0.469343, 0.452009, 0.400516, 0.406549 ]
 * ```
 */
export function correlatedGaussian(clean: Images, { sigma, blur, ...draw }: CorrelatedGaussianOptions): Images {
  checkNumber("sigma", sigma, { least: 0 });
  checkPositive("blur", blur);
  const weights = unitEnergyGaussian(blur);
  const size = imageSize(clean);
  let grain: Float64Array = new Float64Array(0);
  return drawEach(clean, draw, (value, random, _, at) => {
    if (at % size === 0) grain = drawGrain(clean.shape, weights, random);
    return value + sigma * grain[at % size];
  });
}

/** Weights whose squares sum to 1, so that filtered white noise keeps its variance. */
function unitEnergyGaussian(blur: number): Float64Array {
  const radius = Math.ceil(4 * blur);
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-0.5 * ((i - radius) / blur) ** 2));
  const energy = weights.reduce((sum, weight) => sum + weight * weight, 0);
  return weights.map((weight) => weight / Math.sqrt(energy));
}

/** One image of filtered noise. White noise is drawn beyond the border too, as far as the filter reaches. */
function drawGrain([, height, width, channels]: Images["shape"], weights: Float64Array, random: Random): Float64Array {
  const taps = weights.length;
  const grain = new Float64Array(height * width * channels);
  const white = new Float64Array(width + taps - 1);
  for (let channel = 0; channel < channels; channel++)
    for (let row = 0; row < height + taps - 1; row++) {
      for (let x = 0; x < white.length; x++) white[x] = random.normal();
      for (let x = 0; x < width; x++) {
        let sum = 0;
        for (let tap = 0; tap < taps; tap++) sum += weights[tap] * white[x + tap];
        // this row of filtered noise counts for the rows that the filter reaches from it
        for (let y = Math.max(0, row - taps + 1); y <= Math.min(row, height - 1); y++)
          grain[(y * width + x) * channels + channel] += weights[row - y] * sum;
      }
    }
  return grain;
}
