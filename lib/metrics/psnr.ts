// Peak signal-to-noise ratio, per image.
import { checkSameShape, type Images, imageSize } from "../data/images";
import { checkDataRange, checkFinite } from "./checks";

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
 */
export function psnr(clean: Images, denoised: Images, { dataRange = 1 }: PsnrOptions = {}): Float64Array {
  checkSameShape(clean, denoised, ["clean", "denoised"]);
  checkDataRange(dataRange);
  checkFinite(clean, "clean");
  checkFinite(denoised, "denoised");
  const size = imageSize(clean);
  return Float64Array.from({ length: clean.shape[0] }, (_, image) => {
    let sum = 0;
    for (let i = image * size; i < (image + 1) * size; i++) {
      const difference = clean.data[i] - denoised.data[i];
      sum += difference * difference;
    }
    return 10 * Math.log10((dataRange * dataRange * size) / sum);
  });
}
