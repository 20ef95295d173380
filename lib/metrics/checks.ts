// What every metric refuses.
import { checkFinite, checkSameShape } from "../checks";
import type { Images } from "../data/images";

/**
 * @param clean [n, height, width, channels]
 * @param denoised the same shape
 * @throws {RangeError} when data and shape do not fit together, shapes differ, or images have no pixels
 */
export function checkPair(clean: Images, denoised: Images): void {
  checkSameShape(clean, denoised, ["clean", "denoised"]);
  const [n, ...size] = clean.shape;
  if (n > 0 && size.includes(0)) throw new RangeError(`images of ${size.join("x")} have no pixels to compare`);
}

/**
 * Refuses images whose scores are no numbers: a value that is not finite makes its image's score NaN or infinite,
 * whatever the metric, so the images are searched only when a score is.
 * @param scores one for each image
 * @throws {RangeError} that names the first value that is not finite, or says that values are too large for dataRange
 */
export function checkScores(scores: Float64Array, clean: Images, denoised: Images, dataRange = 1): void {
  if (scores.every(Number.isFinite)) return;
  checkFinite(clean, "clean");
  checkFinite(denoised, "denoised");
  const largest = [clean, denoised].reduce(
    (most, { data }) => data.reduce((a, b) => Math.max(a, Math.abs(b)), most),
    0,
  );
  throw new RangeError(`images with values of up to ${largest} are too large for a dataRange of ${dataRange}`);
}
