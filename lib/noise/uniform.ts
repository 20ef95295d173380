// Uniform noise, as of quantization.
import { checkNumber } from "../checks";
import type { Images } from "../data/images";
import { drawEach, type NoiseDraw } from "./noise-model";

export interface UniformNoiseOptions extends NoiseDraw {
  /** The noise is from -halfWidth to halfWidth, in units of the images' values, at least 0. */
  halfWidth: number;
}

/**
 * Adds noise that is uniform in (-halfWidth, halfWidth): mean 0, standard deviation halfWidth / sqrt(3).
 * @param clean [n, height, width, channels], values in [0, dataRange]
 * @returns new images of the same shape
 * @throws {RangeError} when halfWidth is negative or not finite, dataRange is out of range, a value is not finite, or
 *   data and shape do not fit together
 * @example
 * ```ts
 * import { type Images, uniformNoise } from "image-denoiser";
 *
 * const grey: Images = { data: new Float32Array(4).fill(0.5), shape: [1, 2, 2, 1] };
 * uniformNoise(grey, { halfWidth: 0.1, seed: 42, stream: "test noise" }).data // Float32Array(4) [ 0.431241, 0.526627, 0.572374, 0.459546 ]
 * ```
 */
export function uniformNoise(clean: Images, { halfWidth, ...draw }: UniformNoiseOptions): Images {
  checkNumber("halfWidth", halfWidth, { least: 0 });
  return drawEach(clean, draw, (value, random) => value + halfWidth * (2 * random.uniform() - 1));
}
