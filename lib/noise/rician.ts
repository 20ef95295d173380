// Rician noise, as of the magnitude images of magnetic resonance imaging.
import { checkNumber } from "../checks";
import type { Images } from "../data/images";
import { drawEach, type NoiseDraw } from "./noise-model";

export interface RicianOptions extends NoiseDraw {
  /** Standard deviation of the noise in the real and in the imaginary part, at least 0. */
  sigma: number;
}

/**
 * The magnitude of a complex number with Gaussian noise in both parts (Gudbjartsson & Patz 1995): sqrt((clean + sigma
 * * N(0, 1))² + (sigma * N(0, 1))²). Black becomes Rayleigh noise of mean sigma * sqrt(pi / 2).
 * @param clean [n, height, width, channels], values in [0, dataRange]
 * @returns new images of the same shape
 * @throws {RangeError} when sigma is negative or not finite, dataRange is out of range, a value is not finite, or
 *   data and shape do not fit together
 * @example
 * ```ts
 * import { type Images, rician } from "image-denoiser";
 *
 * const grey: Images = { data: new Float32Array(4).fill(0.5), shape: [1, 2, 2, 1] };
 * rician(grey, { sigma: 0.1, seed: 42, stream: "test noise" }).data // Float32Array(4) [ 0.575245, 0.437332, 0.624468, 0.518194 ]
 * ```
 */
export function rician(clean: Images, { sigma, ...draw }: RicianOptions): Images {
  checkNumber("sigma", sigma, { least: 0 });
  return drawEach(clean, draw, (value, random) => Math.hypot(value + sigma * random.normal(), sigma * random.normal()));
}
