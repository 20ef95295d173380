// Per-image scores and their summaries: every metric for every image, means with confidence intervals, overall and per
// digit, and paired differences.
import { checkLabels } from "../checks";
import type { Images } from "../data/images";
import { bootstrapMean, type Interval, pairedDifference } from "./bootstrap";
import { imageSsim } from "./image-ssim";
import { psnr } from "./psnr";
import { ssim } from "./ssim";

/** For each metric, one value for each image. PSNR in dB. */
export interface ImageScores {
  readonly psnr: Float64Array;
  readonly ssim: Float64Array;
  readonly imageSsim: Float64Array;
}

/** Mean scores with 95 % intervals. PSNR in dB. */
export interface Scores {
  readonly psnr: Interval;
  readonly ssim: Interval;
  readonly imageSsim: Interval;
}

/**
 * All metrics, image by image; see `psnr`, `ssim` and `imageSsim`.
 * @param clean [n, height, width, channels], at least 7x7 pixels, values in [0, 1]
 * @param denoised the same shape
 * @throws {RangeError} as the metrics do
 * @example
 * ```ts
 * import { type Images, scoreImages } from "image-denoiser";
 *
 * const clean: Images = { data: new Float32Array(3 * 64).fill(0.5), shape: [3, 8, 8, 1] };
 * const brighter: Images = { data: clean.data.map((value) => value + 0.1), shape: clean.shape };
 * const scores = scoreImages(clean, brighter);
 * scores.psnr.length // 3
 * scores.psnr[0].toFixed(2) // '20.00'
 * ```
 */
export function scoreImages(clean: Images, denoised: Images): ImageScores {
  return { psnr: psnr(clean, denoised), ssim: ssim(clean, denoised), imageSsim: imageSsim(clean, denoised) };
}

/**
 * The mean of each metric with its 95 % interval; see `bootstrapMean`.
 * @throws {RangeError} when there are no images
 * @example
 * ```ts
 * import { summarize } from "image-denoiser";
 *
 * const scores = {
 *   psnr: Float64Array.of(20, 22, 24),
 *   ssim: Float64Array.of(0.8, 0.9, 1),
 *   imageSsim: Float64Array.of(0.7, 0.8, 0.9),
 * };
 * summarize(scores).psnr.mean // 22
 * ```
 */
export function summarize(scores: ImageScores): Scores {
  return {
    psnr: bootstrapMean(scores.psnr),
    ssim: bootstrapMean(scores.ssim),
    imageSsim: bootstrapMean(scores.imageSsim),
  };
}

/**
 * By how much `a` scores more than `b` on the same images, in each metric; see `pairedDifference`.
 * @throws {RangeError} when numbers of images differ, or there are none
 * @example
 * ```ts
 * import { pairedDifferences } from "image-denoiser";
 *
 * const a = { psnr: Float64Array.of(21, 24), ssim: Float64Array.of(0.9, 1), imageSsim: Float64Array.of(0.9, 1) };
 * const b = { psnr: Float64Array.of(20, 22), ssim: Float64Array.of(0.8, 1), imageSsim: Float64Array.of(0.8, 1) };
 * pairedDifferences(a, b).psnr.mean // 1.5
 * ```
 */
export function pairedDifferences(a: ImageScores, b: ImageScores): Scores {
  return {
    psnr: pairedDifference(a.psnr, b.psnr),
    ssim: pairedDifference(a.ssim, b.ssim),
    imageSsim: pairedDifference(a.imageSsim, b.imageSsim),
  };
}

/**
 * Mean scores of each digit 0 to 9, undefined for a digit that is not among the labels.
 * @param scores of n images
 * @param labels [n], the digit on each image
 * @throws {RangeError} when there is not one label for each image
 * @example
 * ```ts
 * import { summarizeByDigit } from "image-denoiser";
 *
 * const scores = { psnr: Float64Array.of(20, 22, 24), ssim: new Float64Array(3), imageSsim: new Float64Array(3) };
 * const byDigit = summarizeByDigit(scores, Uint8Array.of(7, 1, 7));
 * byDigit[7]?.psnr.mean // 22
 * byDigit[2] // undefined
 * ```
 */
export function summarizeByDigit(scores: ImageScores, labels: Uint8Array): (Scores | undefined)[] {
  checkLabels(labels, scores.psnr.length);
  return Array.from({ length: 10 }, (_, digit) => {
    const ofDigit = (values: Float64Array) => values.filter((_value, image) => labels[image] === digit);
    const own = { psnr: ofDigit(scores.psnr), ssim: ofDigit(scores.ssim), imageSsim: ofDigit(scores.imageSsim) };
    return own.psnr.length > 0 ? summarize(own) : undefined;
  });
}
