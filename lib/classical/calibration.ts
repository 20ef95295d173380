// Parameters of filters chosen from noisy images alone: J-invariant calibration (Batson & Royer 2019), as scikit-image's.
import { checkFinite, checkImages, checkNumber } from "../checks";
import type { Images } from "../data/images";
import { filterChannels } from "./channels";

export interface InvariantOptions {
  /** Distance of the pixels that are hidden together, a whole number of at least 2. */
  readonly stride?: number;
}

/**
 * Denoises each pixel without its own noisy value: the pixels of a grid are replaced by the mean of their four neighbours,
 * and the filter's result is taken there; so for all stride² grids. Equal to scikit-image's `denoise_invariant`.
 * @param noisy [n, height, width, channels], finite values
 * @param filter gives images of the same shape
 * @returns new images of the same shape
 * @throws {RangeError} when stride is no whole number of at least 2, data and shape do not fit together, or a value is not
 *   finite
 * @example
 * ```ts
 * import { denoiseInvariant, type Images } from "image-denoiser";
 *
 * const noisy: Images = { data: Float32Array.of(0, 1, 0, 0.5), shape: [1, 2, 2, 1] };
 * denoiseInvariant(noisy, (images) => images).data // Float32Array(4) [ 0.5, 0.25, 0.25, 0.5 ]
 * ```
 */
export function denoiseInvariant(
  noisy: Images,
  filter: (noisy: Images) => Images,
  { stride = 4 }: InvariantOptions = {},
): Images {
  checkStride(noisy, stride);
  const neighbours = meanOfNeighbours(noisy);
  const data = new Float32Array(noisy.data.length);
  for (let grid = 0; grid < stride * stride; grid++) {
    const hidden = valuesOfGrid(noisy, { stride, grid });
    const denoised = filter(replaced(noisy, neighbours, hidden)).data;
    for (const at of hidden) data[at] = denoised[at];
  }
  return { data, shape: noisy.shape };
}

/** What calibration has found. */
export interface Calibration<Options> {
  /** Those of the grid with the lowest loss. */
  readonly parameters: Options;
  /**
   * For each of the grid: mean squared difference between noisy pixels and what the filter makes of them without seeing
   * them. Up to the variance of the noise, it is the error against the clean images, if the noise has mean 0 and is
   * independent from pixel to pixel.
   */
  readonly losses: Float64Array;
}

/**
 * The parameters of a filter that suit noisy images best, found without clean ones: each pixel is denoised without its own
 * noisy value, and compared with it. One grid of pixels is hidden, as scikit-image's `calibrate_denoiser` does by default.
 * With these parameters, use the filter by itself or with `denoiseInvariant`.
 * @param noisy [n, height, width, channels], finite values; noise of mean 0, independent from pixel to pixel
 * @param filter gives images of the same shape
 * @param grid parameters to choose from, at least one
 * @throws {RangeError} when there are no pixels or parameters to choose from, stride is no whole number of at least 2, data
 *   and shape do not fit together, or a value is not finite
 * @example
 * ```ts
 * import { calibrateFilter, gaussian, gaussianFilter, type Images } from "image-denoiser";
 *
 * const data = Float32Array.from({ length: 4096 }, (_, i) => 0.5 + 0.3 * Math.sin(i / 200));
 * const noisy = gaussian({ data, shape: [1, 64, 64, 1] }, { sigma: 0.2, seed: 42, clip: false });
 * const grid = [0.5, 1, 2, 4].map((sigma) => ({ sigma }));
 * calibrateFilter(noisy, gaussianFilter, grid).parameters // { sigma: 2 }
 * ```
 */
export function calibrateFilter<Options>(
  noisy: Images,
  filter: (noisy: Images, options: Options) => Images,
  grid: readonly Options[],
  { stride = 4 }: InvariantOptions = {},
): Calibration<Options> {
  checkStride(noisy, stride);
  if (grid.length === 0) throw new RangeError("there are no parameters to choose from");
  const hidden = valuesOfGrid(noisy, { stride, grid: Math.floor((stride * stride) / 2) });
  if (hidden.length === 0)
    throw new RangeError("there are no pixels to compare: the images are smaller than the stride");
  const input = replaced(noisy, meanOfNeighbours(noisy), hidden);
  const losses = Float64Array.from(grid, (options) => {
    const { data } = filter(input, options);
    return hidden.reduce((sum, at) => sum + (data[at] - noisy.data[at]) ** 2, 0) / hidden.length;
  });
  return { parameters: grid[losses.indexOf(losses.reduce((a, b) => Math.min(a, b)))], losses };
}

function checkStride(noisy: Images, stride: number): void {
  checkImages(noisy, "noisy");
  checkFinite(noisy, "noisy");
  checkNumber("stride", stride, { least: 2, whole: true });
}

/** Indices of the values of a grid's pixels, all channels; grids are counted row by row of their first pixel. */
function valuesOfGrid({ shape }: Images, { stride, grid }: { stride: number; grid: number }): number[] {
  const [n, height, width, channels] = shape;
  const found: number[] = [];
  for (let image = 0; image < n; image++)
    for (let y = Math.floor(grid / stride); y < height; y += stride)
      for (let x = grid % stride; x < width; x += stride)
        for (let channel = 0; channel < channels; channel++)
          found.push(((image * height + y) * width + x) * channels + channel);
  return found;
}

function replaced({ data, shape }: Images, by: Float32Array, indices: readonly number[]): Images {
  const changed = data.slice();
  for (const at of indices) changed[at] = by[at];
  return { data: changed, shape };
}

/** Of the four next to each pixel; beyond the border the image is reflected. */
const meanOfNeighbours = (images: Images): Float32Array =>
  filterChannels(images, { padding: 1, mode: "mirror" }, (height, width) => (padded, means) => {
    const stride = width + 2;
    for (let y = 0, to = 0; y < height; y++)
      for (let at = (y + 1) * stride + 1, end = at + width; at < end; at++, to++)
        means[to] = (padded[at - stride] + padded[at + stride] + padded[at - 1] + padded[at + 1]) / 4;
  }).data;
