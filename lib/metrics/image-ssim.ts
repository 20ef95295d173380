// SSIM as the npm package image-ssim computes it: on 8x8 windows that do not overlap. A different number from
// scikit-image's, shown beside it because people know the package.
import { compare, type IImage } from "image-ssim";
import { checkPositive, checkSameShape } from "../checks";
import { type Images, imageSize } from "../data/images";
import { checkScores } from "./checks";
import type { SsimOptions } from "./ssim";

const windowSize = 8;

/**
 * @param clean [n, height, width, channels], 1 to 4 channels
 * @param denoised the same shape
 * @returns one value an image
 * @throws {RangeError} when shapes differ, channels are more than 4, a value is not finite, dataRange is not positive, or
 *   height and width both leave one pixel over when divided by 8, for which the package has no number
 */
export function imageSsim(clean: Images, denoised: Images, { dataRange = 1 }: SsimOptions = {}): Float64Array {
  checkSameShape(clean, denoised, ["clean", "denoised"]);
  checkPositive("dataRange", dataRange);
  const [n, height, width, channels] = clean.shape;
  if (channels > 4) throw new RangeError(`image-ssim compares images of 1 to 4 channels, not ${channels}`);
  if (height % windowSize === 1 && width % windowSize === 1)
    throw new RangeError(`image-ssim cannot score ${height}x${width} pixels: its last window would be a single one`);
  const size = imageSize(clean);
  // Two pictures, filled anew for every pair of images: new arrays would take longer than the comparison.
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
  checkScores(scores, clean, denoised);
  return scores;
}
