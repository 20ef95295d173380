// SSIM as the npm package image-ssim computes it: on 8x8 windows that do not overlap. A different number from
// scikit-image's, shown beside it because people know the package.
import { compare, type IImage } from "image-ssim";
import { checkDataRange } from "../checks";
import { type Images, imageSize } from "../data/images";
import { checkPair, checkScores } from "./checks";
import type { SsimOptions } from "./ssim";

const windowSize = 8;

/**
 * SSIM by the npm package image-ssim: windows of 8x8 pixels that do not overlap, of three channels their luminance.
 * @param clean [n, height, width, channels], 1 to 4 channels
 * @param denoised the same shape
 * @returns [n]
 * @throws {RangeError} when shapes differ, images have no pixels or more than 4 channels, a value is not finite,
 *   dataRange is out of range, or height and width both leave one pixel over when divided by 8, for which the package
 *   has no number
 * @example
 * ```ts
 * import { type Images, imageSsim } from "image-denoiser";
 *
 * const clean: Images = { data: Float32Array.from({ length: 64 }, (_, i) => i / 63), shape: [1, 8, 8, 1] };
 * const brighter: Images = { data: clean.data.map((value) => value + 0.1), shape: clean.shape };
 * imageSsim(clean, brighter)[0] // 0.983609
 * ```
 */
export function imageSsim(
  clean: Images,
  denoised: Images,
  { dataRange = 1 }: Pick<SsimOptions, "dataRange"> = {},
): Float64Array {
  checkPair(clean, denoised);
  checkDataRange(dataRange);
  const [n, height, width, channels] = clean.shape;
  if (channels > 4) throw new RangeError(`image-ssim compares images of 1 to 4 channels, not ${channels}`);
  if (height % windowSize === 1 && width % windowSize === 1)
    throw new RangeError(`image-ssim cannot score ${height}x${width} pixels: its last window would be a single one`);
  const size = imageSize(clean);
  // Two pictures, filled again for every pair of images: new arrays would take longer than the comparison.
  const picture = (): IImage => ({ data: new Array<number>(size).fill(0), width, height, channels });
  const [first, second] = [picture(), picture()];
  // the package counts in bytes: 0 to 255
  const fill = ({ data }: IImage, values: Float32Array, start: number) => {
    for (let i = 0; i < size; i++) data[i] = (values[start + i] * 255) / dataRange;
  };
  const scores = new Float64Array(n);
  for (let image = 0; image < n; image++) {
    fill(first, clean.data, image * size);
    fill(second, denoised.data, image * size);
    scores[image] = compare(first, second).ssim;
  }
  checkScores(scores, clean, denoised, dataRange);
  return scores;
}
