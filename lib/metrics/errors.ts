// The plain errors, per image: mean squared and mean absolute.
import { type Images, imageSize } from "../data/images";
import { checkPair } from "./checks";

/**
 * Mean squared error of each image, in squared units of the images' values.
 * @param clean [n, height, width, channels]
 * @param denoised the same shape
 * @throws {RangeError} when shapes differ or a value is not finite
 */
export const mse = (clean: Images, denoised: Images): Float64Array =>
  meanOf(clean, denoised, (difference) => difference * difference);

/** Mean absolute error of each image, in units of the images' values; otherwise as `mse`. */
export const mae = (clean: Images, denoised: Images): Float64Array => meanOf(clean, denoised, Math.abs);

function meanOf(clean: Images, denoised: Images, of: (difference: number) => number): Float64Array {
  checkPair(clean, denoised);
  const size = imageSize(clean);
  return Float64Array.from({ length: clean.shape[0] }, (_, image) => {
    let sum = 0;
    for (let i = image * size; i < (image + 1) * size; i++) sum += of(clean.data[i] - denoised.data[i]);
    return sum / size;
  });
}
