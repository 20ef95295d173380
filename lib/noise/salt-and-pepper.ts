// Salt-and-pepper noise: some values become the largest (salt) or the smallest (pepper).
import { checkNumber } from "../checks";
import type { Images } from "../data/images";
import { drawEach, type NoiseDraw } from "./noise-model";

export interface SaltAndPepperOptions extends NoiseDraw {
  /** Share of the values that are replaced, from 0 to 1; scikit-image's default is 0.05. */
  amount: number;
  /** Share of salt among the replaced values, from 0 (pepper only) to 1 (salt only); 0.5 if not given. */
  saltVsPepper?: number;
}

/**
 * Replaces a share of the values by dataRange (salt) or 0 (pepper), as scikit-image's `random_noise` in the modes "s&p",
 * "salt" (`saltVsPepper: 1`) and "pepper" (`saltVsPepper: 0`).
 * @param clean [n, height, width, channels], values in [0, dataRange]
 * @returns new images of the same shape
 * @throws {RangeError} when amount or saltVsPepper is not from 0 to 1, dataRange is out of range, a value is not finite,
 *   or data and shape do not fit together
 * @example
 * ```ts
 * import { type Images, saltAndPepper } from "image-denoiser";
 *
 * const grey: Images = { data: new Float32Array(6).fill(0.5), shape: [1, 2, 3, 1] };
 * saltAndPepper(grey, { amount: 0.5, seed: 42, stream: "test noise" }).data // Float32Array(6) [ 1, 0.5, 0.5, 0, 1, 0.5 ]
 * ```
 */
export function saltAndPepper(clean: Images, { amount, saltVsPepper = 0.5, ...draw }: SaltAndPepperOptions): Images {
  checkNumber("amount", amount, { least: 0, most: 1 });
  checkNumber("saltVsPepper", saltVsPepper, { least: 0, most: 1 });
  return drawEach(clean, draw, (value, random, dataRange) => {
    const u = random.uniform();
    if (u >= amount) return value;
    return u < amount * saltVsPepper ? dataRange : 0;
  });
}
