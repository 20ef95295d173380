// What every metric refuses: a wrong number is worse than an error.
import { checkFinite } from "../checks";
import type { Images } from "../data/images";

/**
 * Refuses images that hold a value that is not a finite number. Such a value makes its image's score NaN or infinite,
 * whatever the metric, so the images are searched only when a score is.
 * @param scores one an image
 * @throws {RangeError} that names the first such value
 */
export function checkScores(scores: Float64Array, clean: Images, denoised: Images): void {
  if (scores.every(Number.isFinite)) return;
  checkFinite(clean, "clean");
  checkFinite(denoised, "denoised");
}
