// How sure a mean is: 95 % confidence intervals by the bootstrap.
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
 * @param values at least one; infinite values give an infinite mean and interval
 * @param seed equal seeds give equal intervals
 * @throws {RangeError} when there are no values
 */
export function bootstrapMean(values: ArrayLike<number>, seed = 42): Interval {
  const n = values.length;
  if (n === 0) throw new RangeError("there are no values to average");
  const random = new Random(seed);
  const means = new Float64Array(resamples);
  let sum = 0;
  for (let i = 0; i < n; i++) sum += values[i];
  for (let r = 0; r < resamples; r++) {
    let drawn = 0;
    for (let i = 0; i < n; i++) drawn += values[random.below(n)];
    means[r] = drawn / n;
  }
  means.sort();
  return { mean: sum / n, low: means[Math.floor(0.025 * resamples)], high: means[Math.ceil(0.975 * resamples) - 1] };
}
