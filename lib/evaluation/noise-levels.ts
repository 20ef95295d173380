// Methods side by side on the same images with little noise to much.
import type { Images } from "../data/images";
import { bootstrapMean, type Interval } from "../metrics/bootstrap";
import { psnr } from "../metrics/psnr";
import { ssim } from "../metrics/ssim";

/** A method's mean scores, one for each level. */
export interface NoiseLevelScores {
  readonly name: string;
  /** In dB. */
  readonly psnr: readonly Interval[];
  readonly ssim: readonly Interval[];
}

/** A method that may be told the level of the noise. */
export interface LevelMethod {
  readonly name: string;
  /**
   * @param noisy [n, height, width, channels]
   * @param sigma the level of its noise
   * @returns images of the same shape
   */
  denoise(noisy: Images, sigma: number): Images;
}

/**
 * Scores of methods at each level of noise, on the same noisy images. The noisy images themselves come first.
 * @param clean [n, height, width, channels], values in [0, 1], at least one image
 * @param sigmas levels of the noise
 * @param addNoise makes the noisy images of a level
 * @throws {RangeError} when a method gives images of another shape
 * @example
 * ```ts
 * import { gaussian, type Images, meanFilter, scoreLevels } from "image-denoiser";
 *
 * const clean: Images = { data: new Float32Array(784).fill(0.5), shape: [1, 28, 28, 1] };
 * const methods = [{ name: "mean 3x3", denoise: (noisy: Images) => meanFilter(noisy, { size: 3 }) }];
 * const scores = scoreLevels(clean, [0.1, 0.2], methods, (sigma) => gaussian(clean, { sigma, seed: 42 }));
 * scores.map(({ name, psnr }) => [name, psnr.length]) // [ [ 'noisy', 2 ], [ 'mean 3x3', 2 ] ]
 * ```
 */
export function scoreLevels(
  clean: Images,
  sigmas: readonly number[],
  methods: readonly LevelMethod[],
  addNoise: (sigma: number) => Images,
): NoiseLevelScores[] {
  const noisy = sigmas.map(addNoise);
  const unchanged: LevelMethod = { name: "noisy", denoise: (images) => images };
  return [unchanged, ...methods].map(({ name, denoise }) => {
    const denoised = sigmas.map((sigma, at) => denoise(noisy[at], sigma));
    return {
      name,
      psnr: denoised.map((images) => bootstrapMean(psnr(clean, images))),
      ssim: denoised.map((images) => bootstrapMean(ssim(clean, images))),
    };
  });
}
