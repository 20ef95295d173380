// What denoisers take away, noisy - denoised, as pictures: from a good one it looks like noise, from others the images show
// through. Beside them the autocorrelation, which shows structure that is too faint to be seen.
import { checkChoice, checkPositive, checkSameShape } from "../checks";
import { type Images, sliceImages } from "../data/images";
import type { Method } from "../evaluation/evaluate";
import { largestCorrelation, residualStatistics } from "../metrics/residual";
import { formatNumber, formatShortest } from "../numbers";
import { diverging, largestDifference } from "./diverging";
import { differenceScale, pictures } from "./picture";
import type { PictureGrid } from "./picture-grid";

export interface ResidualPanelOptions {
  /** Standard deviation of the noise, above 0, for the scale of the colours. */
  readonly sigma: number;
  /** How many images, from the first. */
  readonly columns?: number;
}

/** The largest distance in pixels whose correlation is shown. */
const maxLag = 3;
/** Differences and correlations that get the colours of the ends. */
const ends = { deviations: 3, correlation: 0.1 };

/**
 * One row per method: noisy - denoised of the first images, and the autocorrelation over all images.
 * @param noisy [n, height, width, 1]
 * @param methods what each has made of them, of the same shape
 * @throws {RangeError} when shapes differ, images are not grey or too small, there are none, or sigma is not above 0
 * @example
 * ```ts
 * import { gaussian, type Images, meanFilter, residualPanel } from "image-denoiser";
 *
 * const black: Images = { data: new Float32Array(784), shape: [1, 28, 28, 1] };
 * const noisy = gaussian(black, { sigma: 0.5, seed: 42, clip: false });
 * const methods = [{ name: "mean 5x5", images: meanFilter(noisy, { size: 5 }) }];
 * residualPanel(noisy, methods, "Residuals", { sigma: 0.5 }).rows.length // 1
 * ```
 */
export function residualPanel(
  noisy: Images,
  methods: readonly Pick<Method, "name" | "images">[],
  title: string,
  { sigma, columns = 8 }: ResidualPanelOptions,
): PictureGrid {
  checkPositive("sigma", sigma);
  checkChoice("channels", noisy.shape[3], [1]);
  const shown = Math.min(columns, noisy.shape[0]);
  const rows = methods.map(({ name, images }) => {
    checkSameShape(noisy, images, ["noisy", name]);
    const statistics = residualStatistics(noisy, images, maxLag);
    const { mean, deviation, autocorrelation } = statistics;
    const residuals = differences(sliceImages(noisy, 0, shown), sliceImages(images, 0, shown));
    const ofEach = Array.from({ length: shown }, (_, i) => {
      const [before, after] = [noisy, images].map((all) => sliceImages(all, i, i + 1));
      return residualStatistics(before, after, 0).deviation;
    });
    const map: Images = {
      data: Float32Array.from(autocorrelation.flatMap((row) => [...row])),
      shape: [1, autocorrelation.length, autocorrelation.length, 1],
    };
    const strongest = largestCorrelation(statistics);
    return {
      mean,
      deviation,
      strongest,
      row: {
        name,
        pictures: [
          ...pictures(scaled(residuals, ends.deviations * sigma), diverging),
          ...pictures(scaled(map, ends.correlation), diverging),
        ],
        numbers: {
          are: "deviation",
          texts: [...ofEach, strongest].map((value) => formatNumber(value, 2)),
        },
      },
    };
  });
  const [, height, width] = noisy.shape;
  const described = rows.map(
    ({ row: { name }, mean, deviation, strongest }) =>
      `${name}: mean ${formatNumber(mean, 3)}, standard deviation ${formatNumber(deviation, 3)}, largest correlation of pixels at most ${maxLag} apart ${formatNumber(strongest, 3)}`,
  );
  const end = formatShortest(ends.deviations * sigma, 3);
  return {
    title,
    groups: [
      { name: "noisy − denoised", columns: shown },
      { name: "largest correlation", columns: 1 },
    ],
    rows: rows.map(({ row }) => row),
    colorKey: {
      picture: differenceScale(),
      texts: [
        `−${end} or less; correlation −${ends.correlation}`,
        "0",
        `${end} or more; correlation ${ends.correlation}`,
      ],
    },
    aspect: height / width,
    alt: `${title}: what each method takes away of ${shown} images. ${described.join("; ")}.`,
  };
}

function differences(noisy: Images, denoised: Images): Images {
  return { data: noisy.data.map((value, at) => value - denoised.data[at]), shape: noisy.shape };
}

/** Values so that `end` gets the last colour. */
const scaled = ({ data, shape }: Images, end: number): Images => ({
  data: data.map((value) => (value / end) * largestDifference),
  shape,
});
