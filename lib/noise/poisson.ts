// Poisson noise: what a sensor sees that counts photons; and with the Gaussian noise of its electronics.
import { checkNumber, checkPositive } from "../checks";
import type { Images } from "../data/images";
import type { Random } from "../random";
import { drawEach, type NoiseDraw } from "./noise-model";

export interface PoissonOptions extends NoiseDraw {
  /** Mean number of photons in a pixel of value dataRange, above 0: the fewer, the more noise. */
  photons: number;
}

export interface PoissonGaussianOptions extends PoissonOptions {
  /** Standard deviation of the Gaussian noise, in units of the images' values, at least 0. */
  sigma: number;
}

/**
 * Poisson(clean * photons) / photons, for values in [0, 1]: mean clean, variance clean / photons. scikit-image's
 * `random_noise` in mode "poisson" takes as `photons` the number of different values in the image, rounded up to a power
 * of two.
 * @param clean [n, height, width, channels], values in [0, dataRange]
 * @returns new images of the same shape
 * @throws {RangeError} when photons is not positive, dataRange is out of range, a value is negative or not finite, or
 *   data and shape do not fit together
 * @example
 * ```ts
 * import { type Images, poisson } from "image-denoiser";
 *
 * const grey: Images = { data: new Float32Array(4).fill(0.5), shape: [1, 2, 2, 1] };
 * poisson(grey, { photons: 10, seed: 42, stream: "test noise" }).data // Float32Array(4) [ 0.4, 0.3, 0.4, 0.4 ]
 * ```
 */
export function poisson(clean: Images, options: PoissonOptions): Images {
  return poissonGaussian(clean, { ...options, sigma: 0 });
}

/**
 * Poisson noise, then Gaussian noise, as of a camera (Foi et al. 2008): mean clean, variance clean / photons + sigma²
 * for values in [0, 1]. Values are clipped once, at the end.
 * @param clean [n, height, width, channels], values in [0, dataRange]
 * @returns new images of the same shape
 * @throws {RangeError} as `poisson`, and when sigma is negative or not finite
 * @example
 * ```ts
 * import { type Images, poissonGaussian } from "image-denoiser";
 *
 * const grey: Images = { data: new Float32Array(4).fill(0.5), shape: [1, 2, 2, 1] };
 * poissonGaussian(grey, { photons: 100, sigma: 0.02, seed: 42, stream: "test noise" }).data // Float32Array(4) [ 0.405574, 0.433422, 0.381941, 0.547773 ]
 * ```
 */
export function poissonGaussian(clean: Images, { photons, sigma, ...draw }: PoissonGaussianOptions): Images {
  checkPositive("photons", photons);
  checkNumber("sigma", sigma, { least: 0 });
  return drawEach(clean, draw, (value, random, dataRange) => {
    if (value < 0)
      throw new RangeError(`Poisson noise needs values of at least 0, not ${value}: clip the images first`);
    const count = drawPoisson((value / dataRange) * photons, random);
    return (count / photons) * dataRange + (sigma === 0 ? 0 : sigma * random.normal());
  });
}

function drawPoisson(mean: number, random: Random): number {
  if (mean >= 10) return transformedRejection(mean, random);
  const limit = Math.exp(-mean); // the number of uniforms whose product stays above (Knuth)
  let count = 0;
  for (let product = random.uniform(); product > limit; product *= random.uniform()) count++;
  return count;
}

/** Algorithm PTRS of Hörmann (1993), for means of at least 10; its constants are the paper's. */
function transformedRejection(mean: number, random: Random): number {
  const b = 0.931 + 2.53 * Math.sqrt(mean);
  const a = -0.059 + 0.02483 * b;
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
  const vr = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const u = random.uniform() - 0.5;
    const v = random.uniform();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= vr) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    const logRatio = Math.log((v * inverseAlpha) / (a / (us * us) + b));
    if (logRatio <= k * Math.log(mean) - mean - logFactorial(k)) return k;
  }
}

/** Stirling's series, exact to 1e-10 from 10 on; the product below. */
function logFactorial(k: number): number {
  if (k < 10) {
    let product = 1;
    for (let i = 2; i <= k; i++) product *= i;
    return Math.log(product);
  }
  const x = k + 1;
  return (
    (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * x) - 1 / (360 * x ** 3) + 1 / (1260 * x ** 5)
  );
}
