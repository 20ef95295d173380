// What a denoiser takes away from images, noisy - denoised, in numbers: it should be noise and nothing else.
import { checkFinite, checkNumber, checkSameShape } from "../checks";
import { type Images, imageSize } from "../data/images";

export interface ResidualStatistics {
  readonly mean: number;
  /** Standard deviation over all values. */
  readonly deviation: number;
  /**
   * [2 maxLag + 1][2 maxLag + 1]: correlation of values that are row - maxLag rows and column - maxLag columns apart. 1
   * in the middle; where white noise is taken away, 0 elsewhere.
   */
  readonly autocorrelation: readonly Float64Array[];
  /**
   * White noise of as many values has correlations within ± this in 95 of 100 cases, for each distance: 1.96 divided by
   * the square root of the number of pairs.
   */
  readonly bound: readonly Float64Array[];
}

/**
 * Mean, spread and autocorrelation of noisy - denoised. The mean and spread that the noise model promises are 0 and sigma
 * for Gaussian noise of deviation sigma that is not clipped; a denoiser that leaves some of the noise takes away less.
 * Correlations far out of the bounds are structure of the images that the denoiser removes, or noise that it keeps.
 * @param noisy [n, height, width, channels], finite values
 * @param denoised of the same shape
 * @param maxLag the largest distance in pixels, a whole number, smaller than the images' height and width
 * @throws {RangeError} when the shapes differ, there are no pixels, a value is not finite, or maxLag is out of range
 * @example
 * ```ts
 * import { type Images, residualStatistics } from "image-denoiser";
 *
 * const noisy: Images = { data: Float32Array.of(1, 0, 1, 0), shape: [1, 2, 2, 1] };
 * const grey: Images = { data: new Float32Array(4).fill(0.5), shape: [1, 2, 2, 1] };
 * residualStatistics(noisy, grey, 1).autocorrelation[1] // Float64Array(3) [ -1, 1, -1 ]
 * ```
 */
export function residualStatistics(noisy: Images, denoised: Images, maxLag = 3): ResidualStatistics {
  checkSameShape(noisy, denoised, ["noisy", "denoised"]);
  checkFinite(noisy, "noisy");
  checkFinite(denoised, "denoised");
  const [n, height, width, channels] = noisy.shape;
  const count = noisy.data.length;
  if (count === 0) throw new RangeError("there are no pixels");
  checkNumber("maxLag", maxLag, { least: 0, most: Math.min(height, width) - 1, whole: true });
  const centered = Float64Array.from(noisy.data, (value, at) => value - denoised.data[at]);
  const mean = centered.reduce((sum, value) => sum + value, 0) / count;
  for (let at = 0; at < count; at++) centered[at] -= mean;
  const variance = centered.reduce((sum, value) => sum + value * value, 0) / count;
  const lags = 2 * maxLag + 1;
  const autocorrelation = Array.from({ length: lags }, () => new Float64Array(lags));
  const bound = Array.from({ length: lags }, () => new Float64Array(lags));
  for (let down = -maxLag; down <= maxLag; down++)
    for (let right = -maxLag; right <= maxLag; right++) {
      const shift = (down * width + right) * channels;
      let sum = 0;
      for (let image = 0; image < n; image++)
        for (let y = Math.max(0, -down); y < Math.min(height, height - down); y++) {
          const row = image * imageSize(noisy) + y * width * channels;
          const end = row + Math.min(width, width - right) * channels;
          for (let at = row + Math.max(0, -right) * channels; at < end; at++)
            sum += centered[at] * centered[at + shift];
        }
      const pairs = n * (height - Math.abs(down)) * (width - Math.abs(right)) * channels;
      autocorrelation[down + maxLag][right + maxLag] = variance === 0 ? 0 : sum / pairs / variance;
      bound[down + maxLag][right + maxLag] = 1.96 / Math.sqrt(pairs);
    }
  return { mean, deviation: Math.sqrt(variance), autocorrelation, bound };
}

/** The correlation of a pixel with others that is farthest from 0. */
export function largestCorrelation({ autocorrelation }: ResidualStatistics): number {
  const middle = (autocorrelation.length - 1) / 2;
  const others = autocorrelation.flatMap((row, y) => [...row].filter((_, x) => y !== middle || x !== middle));
  return others.reduce((largest, value) => (Math.abs(value) > Math.abs(largest) ? value : largest), 0);
}
