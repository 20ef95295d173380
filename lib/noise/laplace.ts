// Laplace noise: heavier tails than Gaussian noise.
import { checkNumber } from "../checks";
import type { Images } from "../data/images";
import { drawEach, type NoiseDraw } from "./noise-model";

export interface LaplaceOptions extends NoiseDraw {
  /** Mean distance from 0, in units of the images' values, at least 0. */
  scale: number;
}

/**
 * Adds noise of density exp(-|x| / scale) / (2 scale): mean 0, standard deviation sqrt(2) * scale.
 * @param clean [n, height, width, channels], values in [0, dataRange]
 * @returns new images of the same shape
 * @throws {RangeError} when scale is negative or not finite, dataRange is out of range, a value is not finite, or
 *   data and shape do not fit together
 * @example
 * ```ts
 * import { type Images, laplace } from "image-denoiser";
 *
 * const grey: Images = { data: new Float32Array(4).fill(0.5), shape: [1, 2, 2, 1] };
 * laplace(grey, { scale: 0.1, seed: 42, stream: "test noise" }).data // Float32Array(4) [ 0.383655, 0.530961, 0.628643, 0.448157 ]
 * ```
 */
export function laplace(clean: Images, { scale, ...draw }: LaplaceOptions): Images {
  checkNumber("scale", scale, { least: 0 });
  return drawEach(clean, draw, (value, random) => {
    const u = random.uniform() - 0.5;
    return value - scale * Math.sign(u) * Math.log(1 - 2 * Math.abs(u));
  });
}
