// How far from the best possible a denoiser is, without a better one to compare it with.
import { checkCount, checkPositive, checkSameShape } from "../checks";
import { type Images, imageSize } from "../data/images";
import { bootstrapMean, type Interval } from "../metrics/bootstrap";
import { formatNumber, formatSignificant } from "../numbers";
import { Random } from "../random";
import type { Table } from "./table";

export interface OptimalityOptions {
  /** Standard deviation of the noise, above 0. */
  sigma: number;
  /** A whole number, from which the probes are drawn. */
  seed: number;
  /** Probes an image: the more, the narrower the intervals. */
  probes?: number;
  /** Size of a probe in each pixel, in the images' units; sigma / 100 if not given. */
  step?: number;
}

/** Means over the images, per pixel, with intervals that cover the sampling of images, noise and probes. */
export interface Optimality {
  /** Mean squared error of the denoiser. */
  readonly error: Interval;
  /** sigma² times the mean of its divergence: equal to the error if the denoiser is the best one. */
  readonly divergence: Interval;
  /** error - divergence: zero for the best denoiser. */
  readonly gap: Interval;
}

/**
 * On Gaussian noise that is not clipped, the best denoiser D in mean squared error satisfies
 * E|x - D(y)|² = sigma² E[div D(y)], per pixel. It is D(y) = y + sigma² grad log p(y), where p is the density of the noisy
 * images (Tweedie's formula, Robbins 1956), so D(y) - y is sigma² times a score; what follows from Stein's identity (1981)
 * is the equation, for that denoiser. Others may satisfy it too: a gap that is surely not zero tells that a denoiser is not
 * the best one for these images; a gap of zero does not prove that it is.
 *
 * The divergence is not computed but estimated: with probes b of random signs, as the mean of
 * b · (D(y + h b) - D(y - h b)) / 2h (Ramani et al. 2008). That is right on average where D is linear within the step h; of
 * a network with kinks (ReLU, max-pooling) it is the mean slope over that step, and it is subject to rounding where the step
 * is small. The intervals cover the sampling of images, noise and probes, not the step: try another one.
 * @param denoise the same for equal input, and each image for itself
 * @param clean [n, height, width, channels], at least one image
 * @param noisy the clean images with Gaussian noise of `sigma`, not clipped
 * @throws {RangeError} when the shapes differ, there are no pixels, sigma or step is not positive, or probes is no whole
 *   number above 0
 * @example
 * ```ts
 * import { gaussian, type Images, optimality } from "image-denoiser";
 *
 * // pixels that are themselves Gaussian, of deviation 1: to halve them is best where the noise has deviation 1
 * const black: Images = { data: new Float32Array(100 * 64), shape: [100, 8, 8, 1] };
 * const clean = gaussian(black, { sigma: 1, seed: 1, clip: false });
 * const noisy = gaussian(clean, { sigma: 1, seed: 2, clip: false });
 * const halve = ({ data, shape }: Images): Images => ({ data: data.map((value) => value / 2), shape });
 * const { gap } = optimality(halve, { clean, noisy }, { sigma: 1, seed: 3 });
 * gap.low < 0 && gap.high > 0 // true
 * ```
 */
export function optimality(
  denoise: (noisy: Images) => Images,
  { clean, noisy }: { clean: Images; noisy: Images },
  { sigma, seed, probes = 1, step = sigma / 100 }: OptimalityOptions,
): Optimality {
  checkSameShape(clean, noisy, ["clean", "noisy"]);
  checkPositive("sigma", sigma);
  checkPositive("step", step);
  checkCount("probes", probes);
  const size = imageSize(clean);
  if (clean.data.length === 0) throw new RangeError("there are no pixels to denoise");
  const ofEach = (value: (at: number) => number): Float64Array => {
    const means = new Float64Array(clean.shape[0]);
    for (let at = 0; at < clean.data.length; at++) means[Math.floor(at / size)] += value(at) / size;
    return means;
  };
  const denoised = denoise(noisy).data;
  const errors = ofEach((at) => (clean.data[at] - denoised[at]) ** 2);
  const divergences = new Float64Array(clean.shape[0]);
  const random = new Random(seed, "divergence probes");
  for (let probe = 0; probe < probes; probe++) {
    const signs = Int8Array.from(noisy.data, () => (random.bits() < 0 ? -1 : 1));
    const moved = (by: number): Images => ({
      data: noisy.data.map((value, at) => value + by * signs[at]),
      shape: noisy.shape,
    });
    const [ahead, behind] = [moved(step), moved(-step)];
    const [upper, lower] = [denoise(ahead).data, denoise(behind).data];
    // the distance that is left after rounding to single precision
    const slopes = ofEach((at) => (upper[at] - lower[at]) / (ahead.data[at] - behind.data[at]));
    for (const [image, slope] of slopes.entries()) divergences[image] += (sigma * sigma * slope) / probes;
  }
  return {
    error: bootstrapMean(errors, seed),
    divergence: bootstrapMean(divergences, seed),
    gap: bootstrapMean(
      errors.map((error, image) => error - divergences[image]),
      seed,
    ),
  };
}

/** Denoisers whose optimality was measured on the same images. */
export interface OptimalityRow {
  readonly name: string;
  readonly optimality: Optimality;
}

/**
 * One row per denoiser: its error, what the error of the best denoiser would equal, and the gap between them.
 * @example
 * ```ts
 * import { optimalityTable } from "image-denoiser";
 *
 * const at = (mean: number) => ({ mean, low: mean - 0.0001, high: mean + 0.0001 });
 * const optimality = { error: at(0.0088), divergence: at(0.0085), gap: at(0.0003) };
 * optimalityTable([{ name: "U-Net", optimality }]).rows[0].slice(0, 3) // [ 'U-Net', '0.00880', '0.00850' ]
 * ```
 */
export const optimalityTable = (rows: readonly OptimalityRow[]): Table => ({
  columns: [
    "denoiser",
    "mean squared error",
    "sigma² × divergence",
    "gap · 10⁴ (95 % interval)",
    "gap, % of the error",
  ],
  rows: rows.map(({ name, optimality: { error, divergence, gap } }) => {
    const [mean, low, high] = [gap.mean, gap.low, gap.high].map((value) => formatNumber(1e4 * value, 2));
    return [
      name,
      formatNumber(error.mean, 5),
      formatNumber(divergence.mean, 5),
      `${mean} (${low} to ${high})`,
      formatNumber((100 * gap.mean) / error.mean, 1),
    ];
  }),
});

/**
 * What the gaps say, in a sentence for each denoiser.
 * @returns Markdown
 * @example
 * ```ts
 * import { optimalityText } from "image-denoiser";
 *
 * const at = (mean: number) => ({ mean, low: mean - 0.0001, high: mean + 0.0001 });
 * const optimality = { error: at(0.0088), divergence: at(0.0087), gap: at(0.00005) };
 * optimalityText([{ name: "U-Net", optimality }]).startsWith("- U-Net: no gap") // true
 * ```
 */
export const optimalityText = (rows: readonly OptimalityRow[]): string =>
  rows
    .map(({ name, optimality: { error, gap } }) => {
      if (gap.low <= 0 && gap.high >= 0)
        return `- ${name}: no gap that these images could show. It may be the best denoiser for them; this does not prove it.`;
      const share = formatSignificant((100 * Math.abs(gap.mean)) / error.mean, 2);
      const side = gap.mean > 0 ? "less" : "more";
      return `- ${name}: sigma² times its divergence is ${share} % ${side} than its error, so it is not the best one.`;
    })
    .join("\n");
