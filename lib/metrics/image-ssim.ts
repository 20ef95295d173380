// SSIM as the npm package image-ssim computes it: on 8x8 windows that do not overlap. A different number from
// scikit-image's, shown beside it because people know the package.
import { compare, type IImage } from "image-ssim";
import { type Images, imageSize } from "../data/images";
import { checkDataRange, checkPair } from "./checks";
import type { SsimOptions } from "./ssim";

/**
 * @param clean [n, height, width, channels], 1 to 4 channels
 * @param denoised the same shape
 * @returns one value an image
 * @throws {RangeError} as `ssim`
 */
export function imageSsim(clean: Images, denoised: Images, { dataRange = 1 }: SsimOptions = {}): Float64Array {
  checkPair(clean, denoised);
  checkDataRange(dataRange);
  const [n, height, width, channels] = clean.shape;
  const size = imageSize(clean);
  // the package counts in bytes: 0 to 255
  const picture = ({ data }: Images, image: number): IImage => ({
    data: Array.from(data.subarray(image * size, (image + 1) * size), (value) => (value * 255) / dataRange),
    width,
    height,
    channels,
  });
  return Float64Array.from({ length: n }, (_, image) => compare(picture(clean, image), picture(denoised, image)).ssim);
}
