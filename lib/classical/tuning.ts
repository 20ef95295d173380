// Classical methods with their parameters tuned on training images and the bias of clipping corrected, for a fair
// comparison with a network.
import { checkNumber, checkSameShape } from "../checks";
import { clipImages, type Images } from "../data/images";
import { psnr } from "../metrics/psnr";
import { correctClipping } from "./clipping";
import { gaussianFilter, meanFilter } from "./linear";
import { medianFilter } from "./median";
import { nonLocalMeans } from "./non-local-means";
import { totalVariation } from "./total-variation";

/** A method with its parameters fixed. */
export interface ClassicalMethod {
  /** For tables and figures: "mean 3x3". */
  readonly name: string;
  /** The name without parameters, for figures over several noise levels: "mean". */
  readonly family: string;
  /** The best parameters, by the names of the method's options. */
  readonly parameters: Readonly<Record<string, number>>;
  /**
   * @param noisy [n, height, width, channels], values in [0, 1] before the noise that the method was tuned for
   * @returns new images of the same shape, values in [0, 1]
   */
  denoise(noisy: Images): Images;
}

interface Candidates<Options> {
  readonly filter: (noisy: Images, options: Options) => Images;
  /** Rows in order of how much is smoothed: along each, the score rises and then falls. */
  readonly grid: readonly (readonly Options[])[];
  readonly family: string;
  /** With the parameters that tell variants apart; the family where there are none. */
  readonly name?: (options: Options) => string;
}

// Wide enough for clipped noise of sigma 0.1 to 1 on digits. 3 x 3 is the smallest window of a filter.
const sizes = [[3, 5, 7].map((size) => ({ size }))];
const sigmas = [0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.4, 1.7, 2];
const weights = [0.025, 0.05, 0.075, 0.1, 0.125, 0.15, 0.175, 0.2, 0.225, 0.25, 0.275, 0.3, 0.35, 0.4, 0.5, 0.6];
const hs = [0.05, 0.075, 0.1, 0.125, 0.15, 0.175, 0.2, 0.225, 0.25, 0.275, 0.3, 0.35, 0.4, 0.5];
const patches = [3, 5].map((patchDistance) => hs.map((h) => ({ h, patchSize: 5, patchDistance, sigma: 0 })));

// For noise that is not clipped, in units of its sigma: wide enough for photographs, grey and in colour.
const relativeWeights = [0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.4, 1.6, 1.8, 2, 2.4];
const relativeHs = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8];
const relativePatches = [5, 7, 9].flatMap((patchSize) =>
  [4, 7, 10].map((patchDistance) => relativeHs.map((h) => ({ h, patchSize, patchDistance }))),
);

/** Images without noise and with it, of the same shape. */
export interface TuningImages {
  readonly clean: Images;
  readonly noisy: Images;
}

export interface TuningOptions {
  /** Whether the noisy values were clipped to [0, 1]: then the bias of that is corrected after each filter. */
  readonly clipped?: boolean;
}

/**
 * For each classical method, the parameters that give the best mean PSNR on the given images, where the noise is clipped
 * after `correctClipping`. The result depends only on the images and the options. The search takes seconds for 200 digits,
 * and some ten seconds for 10 colour patches of 96 x 96 pixels, most of it for non-local means.
 * @param pairs training images without noise and with it, [n, height, width, channels] in [0, 1]; 200 digits are enough, or 10 patches
 *   of photographs
 * @param sigma of the noise, from 1e-9 to 1e6
 * @throws {RangeError} when there are no images, shapes differ, a value is not finite, or sigma is out of range
 * @example
 * ```ts
 * import { gaussian, type Images, tuneClassical } from "image-denoiser";
 *
 * const stripes = Float32Array.from({ length: 64 }, (_, i) => (i % 8 < 4 ? 0 : 1));
 * const clean: Images = { data: stripes, shape: [1, 8, 8, 1] };
 * const noisy = gaussian(clean, { sigma: 0.3, seed: 42, stream: "tuning noise" });
 * const methods = tuneClassical({ clean, noisy }, 0.3);
 * methods.map(({ name }) => name)[1] // 'Gaussian, sigma 0.7'
 * methods[1].denoise(noisy).shape // [ 1, 8, 8, 1 ]
 * ```
 */
export function tuneClassical(pairs: TuningImages, sigma: number, options: TuningOptions = {}): ClassicalMethod[] {
  return tuned(pairs, sigma, options).map(({ method }) => method);
}

/** A method with the sum of its PSNR over the images that it was tuned on. */
interface Tuned {
  readonly method: ClassicalMethod;
  readonly score: number;
}

function tuned({ clean, noisy }: TuningImages, sigma: number, { clipped = true }: TuningOptions): Tuned[] {
  checkSameShape(clean, noisy, ["clean", "noisy"]);
  checkNumber("sigma", sigma, { least: 1e-9, most: 1e6 });
  if (clean.shape[0] === 0) throw new RangeError("there are no images to tune on");

  function best<Options extends Record<string, number>>(candidates: Candidates<Options>): Tuned {
    const { filter, grid, family, name = () => family } = candidates;
    const denoise = (images: Images, options: Options) => {
      const filtered = filter(images, options);
      return clipImages(clipped ? correctClipping(filtered, sigma) : filtered);
    };
    const score = (options: Options) => psnr(clean, denoise(noisy, options)).reduce((sum, value) => sum + value);
    const top = highest(grid, score);
    const parameters = top.options;
    const method = {
      name: name(parameters),
      family,
      parameters,
      denoise: (images: Images) => denoise(images, parameters),
    };
    return { method, score: top.score };
  }

  const totalVariationGrid = clipped ? weights : relativeWeights.map((weight) => weight * sigma);
  const nonLocalMeansGrid = clipped
    ? patches
    : relativePatches.map((row) => row.map(({ h, ...rest }) => ({ h: h * sigma, ...rest, sigma })));
  return [
    best({ filter: meanFilter, grid: sizes, family: "mean", name: ({ size }) => `mean ${size}x${size}` }),
    best({
      filter: gaussianFilter,
      grid: [sigmas.map((sigma) => ({ sigma }))],
      family: "Gaussian",
      name: ({ sigma }) => `Gaussian, sigma ${sigma}`,
    }),
    best({ filter: medianFilter, grid: sizes, family: "median", name: ({ size }) => `median ${size}x${size}` }),
    best({
      filter: totalVariation,
      grid: totalVariationGrid.map((weight) => [{ weight }]), // each a row: where it stops makes the score uneven
      family: "total variation",
    }),
    best({ filter: nonLocalMeans, grid: nonLocalMeansGrid, family: "non-local means" }),
  ];
}

/**
 * Of the methods of `tuneClassical`, the one with the highest mean PSNR on the given images.
 * @throws {RangeError} as `tuneClassical` does
 * @example
 * ```ts
 * import { bestClassical, type Images, saltAndPepper } from "image-denoiser";
 *
 * const stripes = Float32Array.from({ length: 1024 }, (_, i) => (i % 32 < 16 ? 0.2 : 0.8));
 * const clean: Images = { data: stripes, shape: [1, 32, 32, 1] };
 * const noisy = saltAndPepper(clean, { amount: 0.2, seed: 42, stream: "tuning noise" });
 * bestClassical({ clean, noisy }, 0.2, { clipped: false }).family // 'median'
 * ```
 */
export function bestClassical(pairs: TuningImages, sigma: number, options: TuningOptions = {}): ClassicalMethod {
  return tuned(pairs, sigma, options).reduce((best, each) => (each.score > best.score ? each : best)).method;
}

/** The candidate with the highest score, and that score. Each row is climbed from where the row before it was highest. */
function highest<Options>(
  grid: readonly (readonly Options[])[],
  score: (options: Options) => number,
): { options: Options; score: number } {
  const scores = new Map<Options, number>();
  const scoreOf = (options: Options): number => {
    const known = scores.get(options) ?? score(options);
    scores.set(options, known);
    return known;
  };
  let at = Math.floor(grid[0].length / 2);
  const tops = grid.map((row) => {
    for (const step of [1, -1]) while (at + step in row && scoreOf(row[at + step]) > scoreOf(row[at])) at += step;
    return row[at];
  });
  const options = tops.reduce((best, top) => (scoreOf(top) > scoreOf(best) ? top : best));
  return { options, score: scoreOf(options) };
}
