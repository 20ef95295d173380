// Methods side by side on whole pictures in files: one picture after the other, so that any number fits into memory.
import { createHash } from "node:crypto";
import path from "node:path";
import type { PictureSet } from "../data/image-folder";
import { readPictures } from "../data/image-folder";
import { clipImages, type Images } from "../data/images";
import type { Region } from "../data/pixel-file";
import { type ImageScores, scoreImages } from "../metrics/scores";
import { type NoiseKind, noiseModel } from "../noise/kinds";
import { formatNumber } from "../numbers";
import type { ScoredMethod } from "./comparison";
import type { Parameters } from "./results";
import type { Table } from "./table";
import { digestOf } from "./test-images";

/** A method that denoises pictures of any size. */
export interface PictureMethod {
  readonly name: string;
  /**
   * @param noisy [1, height, width, channels]
   * @returns the same shape; values are clipped to [0, 1] before they are scored
   */
  denoise(noisy: Images): Images | Promise<Images>;
  /** The parameters of its training, if it was trained. */
  readonly training?: Parameters;
}

/** A picture, its noisy version, and what each method makes of it, all of shape [1, height, width, channels]. */
export interface DenoisedPicture {
  readonly name: string;
  readonly clean: Images;
  readonly noisy: Images;
  readonly denoised: readonly { readonly name: string; readonly images: Images }[];
}

export interface EvaluatedPictures {
  /** The noisy pictures themselves, then each method: a score for each picture. */
  readonly evaluated: readonly ScoredMethod[];
  /** The first few pictures. */
  readonly shown: readonly DenoisedPicture[];
  /** SHA-256 of the pictures, clean and noisy: equal where scores are comparable. */
  readonly digest: string;
}

export interface EvaluatePicturesOptions {
  /** Standard deviation of the noise, for pictures in [0, 1]. */
  readonly sigma: number;
  /** "gaussian" if not given; see `noiseModel` for what sigma means for other kinds. */
  readonly noiseKind?: NoiseKind | readonly NoiseKind[];
  readonly seed: number;
  /** Whether noisy values are clipped to [0, 1]. Publications on photographs do not clip. */
  readonly clip?: boolean;
  /** How many pictures are returned with what the methods make of them. */
  readonly shown?: number;
}

/**
 * Adds noise to each picture, denoises it by each method, and scores the results: whole pictures, borders included, not
 * rounded to 8 bit. A picture gets the same noise whatever set it is in.
 * @param set clean pictures
 * @throws {Error} when a picture can no longer be read
 * @throws {RangeError} when there are no pictures, or a method returns another shape
 * @example
 * ```ts
 * import { evaluatePictures, gaussianFilter, type Images, loadPhotographs } from "image-denoiser";
 *
 * const { validation } = loadPhotographs({ channels: 3 });
 * const blur = { name: "Gaussian", denoise: (noisy: Images) => gaussianFilter(noisy, { sigma: 0.8 }) };
 * const { evaluated, shown } = await evaluatePictures(validation, [blur], { sigma: 25 / 255, seed: 42 });
 * evaluated.map(({ name, scores }) => `${name} ${scores.psnr[0].toFixed(1)}`) // [ 'noisy 20.2', 'Gaussian 27.1' ]
 * shown[0].name // 'rocket'
 * ```
 */
export async function evaluatePictures(
  set: PictureSet,
  methods: readonly PictureMethod[],
  { sigma, noiseKind = "gaussian", seed, clip = false, shown: most = 4 }: EvaluatePicturesOptions,
): Promise<EvaluatedPictures> {
  if (set.pictures.length === 0) throw new RangeError("there are no pictures to evaluate");
  const addNoise = noiseModel({ kind: noiseKind, sigma });
  const each: ImageScores[][] = [{ name: "noisy" }, ...methods].map(() => []);
  const shown: DenoisedPicture[] = [];
  const hash = createHash("sha256");
  for await (const { name, file, images: clean } of readPictures(set)) {
    const noisy = addNoise(clean, { seed, clip, stream: pictureNoise(file) });
    hash.update(digestOf({ clean, noisy }));
    const denoised: { name: string; images: Images }[] = [];
    for (const method of methods) denoised.push({ name: method.name, images: clipImages(await method.denoise(noisy)) });
    for (const [i, { images }] of [{ images: noisy }, ...denoised].entries()) each[i].push(scoreImages(clean, images));
    if (shown.length < most) shown.push({ name, clean, noisy, denoised });
    await new Promise(setImmediate); // yields, so that output is flushed and an interrupt is seen
  }
  const scored = (i: number) => ({ scores: joinScores(each[i]) });
  return {
    evaluated: [
      { name: "noisy", ...scored(0) },
      ...methods.map(({ name, training }, i) => ({ name, ...(training && { training }), ...scored(i + 1) })),
    ],
    shown,
    digest: hash.digest("hex"),
  };
}

/**
 * The scores of each picture, one column a method: "29.62 (0.8123)" for PSNR in dB and SSIM.
 * @param set the pictures that were scored
 * @param evaluated scores of these pictures, in their order
 * @example
 * ```ts
 * import { loadPhotographs, pictureScoreTable } from "image-denoiser";
 *
 * const { validation } = loadPhotographs({ channels: 3 });
 * const [psnr, ssim] = [Float64Array.of(26.5), Float64Array.of(0.6)];
 * const { columns, rows } = pictureScoreTable(validation, [{ name: "median", scores: { psnr, ssim, imageSsim: ssim } }]);
 * [columns, ...rows] // [ [ 'PSNR, dB (SSIM)', 'median' ], [ 'rocket', '26.50 (0.6000)' ] ]
 * ```
 */
export const pictureScoreTable = ({ pictures }: PictureSet, evaluated: readonly ScoredMethod[]): Table => ({
  columns: ["PSNR, dB (SSIM)", ...evaluated.map(({ name }) => name)],
  rows: pictures.map(({ name }, i) => [
    name,
    ...evaluated.map(({ scores: { psnr, ssim } }) => `${formatNumber(psnr[i], 2)} (${formatNumber(ssim[i], 4)})`),
  ]),
});

/**
 * The square with the most detail in a picture, where neighbouring pixels differ most: there a close-up shows most.
 * @param images [1, height, width, channels]
 * @param size pixels a side; less where the picture is smaller
 * @example
 * ```ts
 * import { regionOfDetail } from "image-denoiser";
 *
 * const data = Float32Array.from({ length: 100 * 100 }, (_, i) => (i % 100 > 60 ? i % 2 : 0.5));
 * regionOfDetail({ data, shape: [1, 100, 100, 1] }, 32) // { top: 0, left: 64, height: 32, width: 32 }
 * ```
 */
export function regionOfDetail({ data, shape }: Images, size = 84): Region {
  const [, rows, columns, channels] = shape;
  const [height, width] = [Math.min(size, rows), Math.min(size, columns)];
  const [right, down] = [channels, columns * channels];
  let best = { detail: -1, top: 0, left: 0 };
  const step = Math.max(1, size >> 2);
  for (let top = 0; top + height <= rows; top += step)
    for (let left = 0; left + width <= columns; left += step) {
      let detail = 0;
      for (let row = top; row < top + height - 1; row++) {
        const first = (row * columns + left) * channels;
        for (let at = first; at < first + (width - 1) * channels; at++)
          detail += Math.abs(data[at + right] - data[at]) + Math.abs(data[at + down] - data[at]);
      }
      if (detail > best.detail) best = { detail, top, left };
    }
  return { top: best.top, left: best.left, height, width };
}

/** The stream of the random numbers for a picture's noise. */
export const pictureNoise = (file: string): string => `test noise of ${path.basename(file)}`;

/** Scores of several stacks, as one. */
export const joinScores = (each: readonly ImageScores[]): ImageScores => ({
  psnr: Float64Array.from(each.flatMap(({ psnr }) => [...psnr])),
  ssim: Float64Array.from(each.flatMap(({ ssim }) => [...ssim])),
  imageSsim: Float64Array.from(each.flatMap(({ imageSsim }) => [...imageSsim])),
});
