// How certain a mean is, and a difference between two methods: 95 % confidence intervals by the bootstrap.
import { Random } from "../random";

/** A mean with its 95 % confidence interval. */
export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

const resamples = 1000;
/** Of `resamples` sorted numbers, those between which 95 % lie. */
const [lowest, highest] = [Math.floor(0.025 * resamples), Math.ceil(0.975 * resamples) - 1];

/**
 * The mean with its 95 % interval by the studentized bootstrap (bootstrap-t; Efron 1982, DiCiccio & Efron 1996): the
 * values are drawn with replacement 1,000 times, and how far the drawn means lie from the mean, in units of their own
 * standard errors, gives the bounds. They stay between the smallest and the largest value.
 *
 * How often the interval holds the true mean, in % of 5,000 samples; in brackets the percentile bootstrap:
 *
 * | distribution | 20 values | 50 | 200 |
 * |---|---|---|---|
 * | normal | 94.6 (92.4) | 94.8 (94.3) | 94.5 (94.4) |
 * | exponential | 94.0 (89.6) | 94.9 (93.1) | 95.1 (95.0) |
 * | lognormal | 91.6 (85.5) | 92.8 (89.3) | 94.2 (93.0) |
 *
 * Of 10,000 values, both hold it about 95 times in 100.
 *
 * @param values [n], at least one. An infinite value makes the mean infinite; each bound is then infinite if more than
 *   2.5 % of the drawn means are (percentile bootstrap)
 * @param seed equal seeds give equal intervals
 * @throws {RangeError} when there are no values, or they have no mean: one is NaN, or some are Infinity, some -Infinity
 * @example
 * ```ts
 * import { bootstrapMean } from "image-denoiser";
 *
 * bootstrapMean([18, 21, 22, 24, 25]) // { mean: 22, low: 18, high: 24.5281 }
 * ```
 */
export function bootstrapMean(values: ArrayLike<number>, seed = 42): Interval {
  const n = values.length;
  if (n === 0) throw new RangeError("there are no values to average");
  const sum = sumOf(values, (value) => value);
  if (Number.isNaN(sum))
    throw new RangeError("the values have no mean: one is NaN, or they are infinite in both directions");
  const mean = sum / n;
  const finite = Number.isFinite(mean);
  const centered = Float64Array.from(values, (value) => (finite ? value - mean : value));
  const [least, most] = [centered.reduce(smaller), centered.reduce(larger)];
  if (least === most) return { mean, low: mean, high: mean };

  const random = new Random(seed, "bootstrap");
  const means = new Float64Array(resamples);
  const ratios = new Float64Array(resamples);
  for (let r = 0; r < resamples; r++) {
    let drawn = 0;
    let squares = 0;
    for (let i = 0; i < n; i++) {
      const value = centered[random.below(n)];
      drawn += value;
      squares += value * value;
    }
    means[r] = drawn / n;
    ratios[r] = means[r] === 0 ? 0 : means[r] / deviationOf(means[r], squares / n);
  }
  means.sort();
  if (!finite) return { mean, low: means[lowest], high: means[highest] };
  ratios.sort();
  const deviation = deviationOf(0, sumOf(centered, (value) => value * value) / n);
  // Where many samples hold only one of the values, they have no standard error: the percentile then is the bound.
  const bound = (ratio: number, percentile: number) =>
    mean + (Number.isFinite(ratio) ? -ratio * deviation : percentile);
  return {
    mean,
    low: Math.max(bound(ratios[highest], means[lowest]), mean + least),
    high: Math.min(bound(ratios[lowest], means[highest]), mean + most),
  };
}

/**
 * The mean of a[i] - b[i] with its 95 % interval: two methods on the same images. Each sample takes the same images for
 * both, so that what makes an image hard for both cancels out, and the interval is narrower than those of the two means
 * suggest. Equal scores differ by 0, infinite ones too (two perfect images); a single infinite score makes the mean
 * infinite.
 * @param a [n], scores of n images
 * @param b [n], scores of the same images, in the same order
 * @param seed equal seeds give equal intervals
 * @throws {RangeError} when lengths differ, there are no scores, or the differences have no mean (see `bootstrapMean`)
 * @example
 * ```ts
 * import { pairedDifference } from "image-denoiser";
 *
 * const a = Float64Array.of(21, 24, 25, 28);
 * const b = Float64Array.of(20, 22, 24, 26);
 * pairedDifference(a, b) // { mean: 1.5, low: 1, high: 2 }
 * ```
 */
export function pairedDifference(a: Float64Array, b: Float64Array, seed = 42): Interval {
  if (a.length !== b.length)
    throw new RangeError(`scores of the same images are compared, not ${a.length} with ${b.length}`);
  return bootstrapMean(
    a.map((score, i) => (score === b[i] ? 0 : score - b[i])),
    seed,
  );
}

function sumOf(values: ArrayLike<number>, term: (value: number) => number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += term(values[i]);
  return sum;
}

/** The standard deviation, 0 where it is nothing but rounding error. */
function deviationOf(mean: number, meanOfSquares: number): number {
  const variance = meanOfSquares - mean * mean;
  return variance > 1e-12 * meanOfSquares ? Math.sqrt(variance) : 0;
}

const smaller = (a: number, b: number): number => Math.min(a, b);
const larger = (a: number, b: number): number => Math.max(a, b);
