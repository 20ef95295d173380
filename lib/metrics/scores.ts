// A model's marks: every metric for every image, and their means with confidence intervals, overall and per digit.
import type { Images } from "../data/images";
import { bootstrapMean, type Interval, pairedDifference } from "./bootstrap";
import { imageSsim } from "./image-ssim";
import { psnr } from "./psnr";
import { ssim } from "./ssim";

/** One value an image, for each metric. */
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

/** All metrics of images in [0, 1]; see `psnr`, `ssim` and `imageSsim`. */
export function scoreImages(clean: Images, denoised: Images): ImageScores {
  return { psnr: psnr(clean, denoised), ssim: ssim(clean, denoised), imageSsim: imageSsim(clean, denoised) };
}

/** @throws {RangeError} when there are no images */
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
 */
export function pairedDifferences(a: ImageScores, b: ImageScores): Scores {
  return {
    psnr: pairedDifference(a.psnr, b.psnr),
    ssim: pairedDifference(a.ssim, b.ssim),
    imageSsim: pairedDifference(a.imageSsim, b.imageSsim),
  };
}

/**
 * Scores of each digit 0 … 9, undefined for a digit that is not among the labels.
 * @param labels the digit on each image
 */
export function summarizeByDigit(scores: ImageScores, labels: Uint8Array): (Scores | undefined)[] {
  return Array.from({ length: 10 }, (_, digit) => {
    const ofDigit = (values: Float64Array) => values.filter((_value, image) => labels[image] === digit);
    const own = { psnr: ofDigit(scores.psnr), ssim: ofDigit(scores.ssim), imageSsim: ofDigit(scores.imageSsim) };
    return own.psnr.length > 0 ? summarize(own) : undefined;
  });
}
