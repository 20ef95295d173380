// Peak signal-to-noise ratio of each image.
import { checkDataRange } from "../checks";
import type { Images } from "../data/images";
import { mse } from "./errors";

export interface PsnrOptions {
  /** The distance between the smallest and the largest possible value, from 1e-38 to 3e38. */
  dataRange?: number;
}

/**
 * 10 log10(dataRange² / mean squared error), in dB, as scikit-image's `peak_signal_noise_ratio`; Infinity for two
 * identical images, as there.
 * @param clean [n, height, width, channels]
 * @param denoised the same shape
 * @returns [n]
 * @throws {RangeError} when shapes differ, images have no pixels, a value is not finite, or dataRange is out of range
 * @example
 * ```ts
 * import { type Images, psnr } from "image-denoiser";
 *
 * const clean: Images = { data: Float32Array.of(0, 1, 1, 0), shape: [1, 2, 2, 1] };
 * const denoised: Images = { data: Float32Array.of(0.1, 0.9, 0.9, 0.1), shape: [1, 2, 2, 1] };
 * psnr(clean, denoised)[0] // 20
 * ```
 */
export function psnr(clean: Images, denoised: Images, { dataRange = 1 }: PsnrOptions = {}): Float64Array {
  checkDataRange(dataRange);
  return mse(clean, denoised).map((error) => 10 * Math.log10((dataRange * dataRange) / error));
}
