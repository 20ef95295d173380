// Applies a model to images: small ones a batch at a time, large ones tile by tile, so that memory stays bounded for any
// number and any size.
import { availableParallelism } from "node:os";
import type * as tf from "@tensorflow/tfjs";
import { checkCount, checkImages, checkPositive } from "../checks";
import { type Images, imageSize, sliceImages } from "../data/images";
import { type ReceptiveField, receptiveField } from "../models/receptive-field";
import { estimateSigma } from "../noise/estimate";
import { type ImageLevels, takesLevelMap } from "../noise/level-map";
import { denoiseTiles, type Tile } from "./denoise-tiles";
import { checkShapes, predict } from "./predict";
import { type PictureSize, pixelsIn, type Tiling, tile, untiled } from "./tiles";

export interface DenoiseOptions {
  /** Images that are in the engine at once, at most; fewer where they would take more than `memory`. */
  batchSize?: number;
  /** Bytes that the engine may use, roughly. Images that need more are denoised tile by tile. */
  memory?: number;
  /**
   * The standard deviation of the noise, for all images or for each, for a model that takes a noise-level map; others do not
   * need it. By default each image's is estimated, by `estimateSigma`.
   */
  sigma?: ImageLevels;
}

export const defaultMemory = 2 ** 29;

/**
 * Denoises images with a trained model. Where a model takes images of any size, theirs is made a multiple of the model's
 * total stride by reflection at the lower and right edge, and the result is cropped. Large images are denoised in tiles
 * that overlap by the model's receptive field, so that the result is that of the whole image. A model whose layers mix
 * pixels from anywhere in the image (see `receptiveField`) gets whole images of exactly the size that they have.
 * @param model one input and one output of equal shape [n, height, width, channels]
 * @param noisy of the channels that the model takes, without a noise-level map, and of its height and width where these are fixed; values in [0, 1]
 * @returns denoised images of the same shape; in the range of the model's output, which may be more than [0, 1]
 * @throws {RangeError} when the images and the model's input and output differ in shape, or an option is out of range
 * @example
 * ```ts
 * import { denoise, gaussian, simpleAutoencoder } from "image-denoiser";
 *
 * const clean = { data: new Float32Array(2 * 3 * 101), shape: [2, 3, 101, 1] as const };
 * const noisy = gaussian(clean, { sigma: 0.5, seed: 42 });
 * denoise(simpleAutoencoder({ height: null, width: null }), noisy).shape // [ 2, 3, 101, 1 ]
 * ```
 */
export function denoise(
  model: tf.LayersModel,
  noisy: Images,
  { batchSize = 256, memory = defaultMemory, sigma }: DenoiseOptions = {},
): Images {
  checkImages(noisy, "noisy");
  checkCount("batchSize", batchSize);
  checkPositive("memory", memory);
  checkShapes(model, noisy.shape);
  const [n, ...size] = noisy.shape;
  const [height, width] = size;
  const data = new Float32Array(noisy.data.length);
  if (data.length === 0) return { data, shape: noisy.shape };
  const levels = takesLevelMap(model) ? levelsOf(noisy, sigma) : undefined;
  const { tiling, pixels } = tilingOf(model, size, memory);
  const { rows, columns } = tiling;
  const together = Math.min(batchSize, Math.max(1, Math.floor(pixels / (rows.size * columns.size))));
  if (rows.size === height && columns.size === width) {
    for (let start = 0; start < n; start += together) {
      const end = Math.min(start + together, n);
      const batch = predict(model, sliceImages(noisy, start, end), levels?.subarray(start, end));
      data.set(batch, start * imageSize(noisy));
    }
    return { data, shape: noisy.shape };
  }
  let tiles: Tile[] = [];
  const finish = () => {
    denoiseTiles(model, tiles, tiling, size);
    tiles = [];
  };
  for (let image = 0; image < n; image++) {
    const [own, result] = [noisy.data, data].map((values) => ({
      data: values.subarray(image * imageSize(noisy), (image + 1) * imageSize(noisy)),
      first: 0,
    }));
    for (const row of rows.spans)
      for (const column of columns.spans) {
        tiles.push({
          noisy: own,
          denoised: result,
          rows: row,
          columns: column,
          ...(levels && { sigma: levels[image] }),
        });
        if (tiles.length === together) finish();
      }
  }
  if (tiles.length > 0) finish();
  return { data, shape: noisy.shape };
}

/** The level of each image's noise: as given, or estimated. */
function levelsOf(noisy: Images, sigma: ImageLevels = estimateSigma(noisy, { clipped: true })): Float64Array {
  return typeof sigma === "number" ? new Float64Array(noisy.shape[0]).fill(sigma) : Float64Array.from(sigma);
}

/**
 * The tiles of images, and how many pixels may be in the engine at once. Images are not tiled where the model takes
 * images of one size only, or its receptive field is not known.
 */
function tilingOf(model: tf.LayersModel, size: PictureSize, memory: number): { tiling: Tiling; pixels: number } {
  const field = knownField(model);
  if (!field) return { tiling: untiled(size), pixels: Number.POSITIVE_INFINITY };
  const pixels = pixelsIn(memory, field);
  const [, height, width] = model.inputs[0].shape;
  const anySize = height === null && width === null;
  return { tiling: anySize ? tile(field, size, { pixels, parallel: availableParallelism() }) : untiled(size), pixels };
}

function knownField(model: tf.LayersModel): ReceptiveField | undefined {
  try {
    return receptiveField(model);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
