// How sure a mean is, and how sure a difference between two methods is: 95 % confidence intervals by the bootstrap.
import { Random } from "../random";

/** A mean with its 95 % confidence interval. */
export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

const resamples = 1000;

/**
 * Percentile bootstrap (Efron 1979) of the mean: the values are drawn anew with replacement 1,000 times, and the
 * interval holds the middle 95 % of the means.
 * @param values at least one; an infinite value makes the mean infinite, and each bound of the interval that more than
 *   2.5 % of the drawn samples reach with it
 * @param seed equal seeds give equal intervals
 * @throws {RangeError} when there are no values, or they have no mean: one is NaN, or some are Infinity, some -Infinity
 */
export function bootstrapMean(values: ArrayLike<number>, seed = 42): Interval {
  const n = values.length;
  if (n === 0) throw new RangeError("there are no values to average");
  const random = new Random(seed, "bootstrap");
  const means = new Float64Array(resamples);
  let sum = 0;
  for (let i = 0; i < n; i++) sum += values[i];
  if (Number.isNaN(sum))
    throw new RangeError("the values have no mean: one is NaN, or they are infinite in both directions");
  for (let r = 0; r < resamples; r++) {
    let drawn = 0;
    for (let i = 0; i < n; i++) drawn += values[random.below(n)];
    means[r] = drawn / n;
  }
  means.sort();
  return { mean: sum / n, low: means[Math.floor(0.025 * resamples)], high: means[Math.ceil(0.975 * resamples) - 1] };
}

/**
 * Mean of a[i] - b[i] with its interval: two methods on the same images. Each draw takes the same images for both, so
 * what makes an image hard for both cancels out, and the interval is narrower than those of the two means suggest.
 * Equal scores differ by 0, infinite ones too (two perfect pictures); a single infinite score makes the mean infinite.
 * @param a one score an image
 * @param b the scores of the same images, in the same order
 * @param seed equal seeds give equal intervals
 * @throws {RangeError} when lengths differ, there are no scores, or the differences have no mean (see `bootstrapMean`)
 */
export function pairedDifference(a: Float64Array, b: Float64Array, seed = 42): Interval {
  if (a.length !== b.length)
    throw new RangeError(`scores of the same images are compared, not ${a.length} with ${b.length}`);
  return bootstrapMean(
    a.map((score, i) => (score === b[i] ? 0 : score - b[i])),
    seed,
  );
}
