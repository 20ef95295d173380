// What denoisers take away, in numbers, beside what white noise of known deviation would be.
import { checkPositive } from "../checks";
import type { Images } from "../data/images";
import { largestCorrelation, type ResidualStatistics, residualStatistics } from "../metrics/residual";
import { formatNumber } from "../numbers";
import type { Method } from "./evaluate";
import type { Table } from "./table";

/**
 * One row per method: mean, standard deviation, the correlation of pixels side by side, and the largest of pixels that are at
 * most three apart, of noisy - denoised, below those of the noise itself:
 * Gaussian noise of deviation sigma, not clipped. Even the best denoiser takes away a little less than the noise, by its own
 * error: sigma² - error is its variance. What takes away more, or leaves neighbours correlated, takes parts of the images
 * with it.
 * @param noisy [n, height, width, channels], height and width at least 4
 * @param methods what each has made of them, of the same shape
 * @param sigma standard deviation of the noise, above 0
 * @throws {RangeError} when shapes differ, there are no pixels, images are too small, a value is not finite, or sigma is not
 *   above 0
 * @example
 * ```ts
 * import { gaussian, type Images, residualTable } from "image-denoiser";
 *
 * const grey: Images = { data: new Float32Array(784).fill(0.5), shape: [1, 28, 28, 1] };
 * const noisy = gaussian(grey, { sigma: 0.1, seed: 42, clip: false });
 * residualTable(noisy, [{ name: "all grey", images: grey }], 0.1).rows[1].slice(0, 3) // [ 'all grey', '0.0035', '0.101' ]
 * ```
 */
export function residualTable(
  noisy: Images,
  methods: readonly Pick<Method, "name" | "images">[],
  sigma: number,
): Table {
  checkPositive("sigma", sigma);
  const found = methods.map(({ name, images }) => ({ name, statistics: residualStatistics(noisy, images) }));
  const ofNoise = residualStatistics(noisy, { data: new Float32Array(noisy.data.length), shape: noisy.shape });
  const bound = ofNoise.bound[3][4];
  const within = (most: number) => `0 ± ${formatNumber(most, 4)}`;
  const error = (1.96 * sigma) / Math.sqrt(noisy.data.length);
  return {
    columns: ["taken away", "mean", "deviation", "neighbours' correlation", "largest correlation"],
    rows: [
      [
        "noise itself, in 95 % of cases",
        within(error),
        formatNumber(sigma, 3),
        within(bound),
        within(ofLargest * bound),
      ],
      ...found.map(({ name, statistics }) => [
        name,
        formatNumber(statistics.mean, 4),
        formatNumber(statistics.deviation, 3),
        formatNumber(ofNeighbours(statistics), 4),
        formatNumber(largestCorrelation(statistics), 4),
      ]),
    ],
  };
}

/** The largest of 24 correlations (48 neighbours, in opposite pairs) is in 95 % of cases within 3.07 deviations, not 1.96. */
const ofLargest = 3.07 / 1.96;

/** Of pixels beside and below each other. */
function ofNeighbours({ autocorrelation }: ResidualStatistics): number {
  const middle = (autocorrelation.length - 1) / 2;
  return (autocorrelation[middle][middle + 1] + autocorrelation[middle + 1][middle]) / 2;
}
