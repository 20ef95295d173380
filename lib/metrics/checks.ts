// What every metric refuses: a wrong number is worse than an error.
import type { Images } from "../data/images";

/** @throws {RangeError} */
export function checkDataRange(dataRange: number): void {
  if (!(dataRange > 0 && Number.isFinite(dataRange)))
    throw new RangeError(`dataRange must be a positive number, not ${dataRange}`);
}

/**
 * Refuses images that hold a value that is not a finite number. Such a value makes its image's score NaN or infinite,
 * whatever the metric, so the images are searched only when a score is.
 * @param scores one an image
 * @throws {RangeError} that names the first such value
 */
export function checkFinite(scores: Float64Array, clean: Images, denoised: Images): void {
  if (scores.every(Number.isFinite)) return;
  for (const [name, { data, shape }] of Object.entries({ clean, denoised })) {
    const at = data.findIndex((value) => !Number.isFinite(value));
    if (at >= 0) throw new RangeError(`${name} holds ${data[at]} (image ${Math.floor(at / (data.length / shape[0]))})`);
  }
}
