// Speckle: noise in proportion to the value, as of coherent light.
import { checkNumber } from "../checks";
import type { Images } from "../data/images";
import { drawEach, type NoiseDraw } from "./noise-model";

export interface SpeckleOptions extends NoiseDraw {
  /** Standard deviation of the noise in a pixel of value 1, at least 0; scikit-image's `var` is its square. */
  sigma: number;
}

/**
 * Multiplies by 1 + sigma * N(0, 1), as scikit-image's `random_noise` in mode "speckle" with mean 0.
 * @param clean [n, height, width, channels], values in [0, dataRange]
 * @returns new images of the same shape
 * @throws {RangeError} when sigma is negative or not finite, dataRange is out of range, a value is not finite, or
 *   data and shape do not fit together
 * @example
 * ```ts
 * import { type Images, speckle } from "image-denoiser";
 *
 * const grey: Images = { data: new Float32Array(4).fill(0.5), shape: [1, 2, 2, 1] };
 * speckle(grey, { sigma: 0.1, seed: 42, stream: "test noise" }).data // Float32Array(4) [ 0.527488, 0.424324, 0.463935, 0.54524 ]
 * ```
 */
export function speckle(clean: Images, { sigma, ...draw }: SpeckleOptions): Images {
  checkNumber("sigma", sigma, { least: 0 });
  return drawEach(clean, draw, (value, random) => value + value * sigma * random.normal());
}
