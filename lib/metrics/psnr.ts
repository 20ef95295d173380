// Peak signal-to-noise ratio, per image.
import { checkPositive } from "../checks";
import type { Images } from "../data/images";
import { mse } from "./errors";

export interface PsnrOptions {
  /** The distance between the smallest and the largest possible value. */
  dataRange?: number;
}

/**
 * 10 log10(dataRange² / mean squared error), in dB, as scikit-image's `peak_signal_noise_ratio`; Infinity for two
 * identical images, as there.
 * @param clean [n, height, width, channels]
 * @param denoised the same shape
 * @returns one value an image
 * @throws {RangeError} when shapes differ, a value is not finite, or dataRange is not positive
 *
 * @example
 * ```ts
 * import { type Images, psnr } from "image-denoiser";
 *
 * const clean: Images = { data: new Float32Array(4), shape: [1, 2, 2, 1] };
 * const denoised: Images = { data: new Float32Array(4).fill(0.1), shape: [1, 2, 2, 1] };
 * psnr(clean, denoised)[0]; // 20
 * ```
 */
export function psnr(clean: Images, denoised: Images, { dataRange = 1 }: PsnrOptions = {}): Float64Array {
  checkPositive("dataRange", dataRange);
  return mse(clean, denoised).map((error) => 10 * Math.log10((dataRange * dataRange) / error));
}
