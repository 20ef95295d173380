// Denoises a picture that is too large to be in memory: read and written in regions, each row once, from top to bottom.
import { availableParallelism } from "node:os";
import type * as tf from "@tensorflow/tfjs";
import { checkCount, checkPositive } from "../checks";
import type { Images } from "../data/images";
import type { Region } from "../data/pixel-file";
import { receptiveField } from "../models/receptive-field";
import { estimateSigma, regionToEstimate } from "../noise/estimate";
import { takesLevelMap } from "../noise/level-map";
import { defaultMemory } from "./denoise";
import { denoiseTiles } from "./denoise-tiles";
import { checkShapes } from "./predict";
import { pixelsIn, type Span, type Tiling, tile } from "./tiles";

/** A picture that can be read in regions, as `openImage` gives it. */
export interface RegionSource {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** @returns [1, region.height, region.width, channels] */
  readRegion(region: Region): Images | Promise<Images>;
}

/** Where regions are written, as the writer of a picture from `openImage`. */
export interface RegionSink {
  writeRegion(region: Region, images: Images): void | Promise<void>;
}

export interface DenoiseRegionsOptions {
  /** Bytes that the engine may use, roughly. The rows of one band of tiles come on top. */
  memory?: number;
  /** The standard deviation of the noise, for a model that takes a noise-level map; by default estimated in the middle. */
  sigma?: number;
  /** Ends the work before the next batch of tiles. */
  signal?: AbortSignal;
  /** Gets the share of the picture that is done, up to 1. */
  onProgress?(share: number): void;
}

/**
 * Denoises a picture of any size in bounded memory, with the result that `denoise` gives. Regions are as wide as the
 * picture; they are read and written from top to bottom, without overlap.
 * @param model one input and one output of equal shape [n, any height, any width, channels], with a receptive field
 * @param source values in [0, 1]
 * @throws {RangeError} when the model takes images of one size only, of other channels, or mixes pixels from anywhere in
 *   the image; or when a region that was read has another shape
 * @throws what the signal was aborted with; what has been written until then is for the caller to discard
 * @example
 * ```ts no-run
 * import { denoiseRegions, loadModel, openImage } from "image-denoiser";
 *
 * const picture = await openImage("large.tif");
 * const writer = picture.writer("clean.tif");
 * await denoiseRegions(await loadModel("models/photographs"), picture, writer, {
 *   onProgress: (share) => console.log(`${Math.round(100 * share)} %`),
 *   signal: AbortSignal.timeout(60_000),
 * });
 * await writer.finish();
 * picture.close();
 * ```
 */
export async function denoiseRegions(
  model: tf.LayersModel,
  source: RegionSource,
  sink: RegionSink,
  { memory = defaultMemory, sigma, signal, onProgress }: DenoiseRegionsOptions = {},
): Promise<void> {
  checkPositive("memory", memory);
  const { height, width, channels } = source;
  for (const [name, value] of Object.entries({ height, width, channels })) checkCount(name, value);
  const size = [height, width, channels] as const;
  checkShapes(model, [1, ...size]);
  if (model.inputs[0].shape[1] !== null || model.inputs[0].shape[2] !== null)
    throw new RangeError(`the model ${model.name} takes images of one size only: use denoise`);
  const levelInMiddle = async () =>
    estimateSigma(await source.readRegion(regionToEstimate(source)), { clipped: true })[0];
  const level = takesLevelMap(model) ? { sigma: sigma ?? (await levelInMiddle()) } : {};
  const field = receptiveField(model);
  const tiling = tile(field, size, { pixels: pixelsIn(memory, field), parallel: availableParallelism() });
  const { rows, columns } = tiling;
  const tilesAtOnce = Math.max(1, Math.floor(pixelsIn(memory, field) / (rows.size * columns.size)));
  const noisy = new NoisyRows(source, tiling);

  for (const [index, band] of rows.spans.entries()) {
    signal?.throwIfAborted();
    await noisy.moveTo(band);
    const made = Math.min(band.to, height) - band.from;
    const denoised = { data: new Float32Array(made * width * channels), first: band.from };
    for (let next = 0; next < columns.spans.length; next += tilesAtOnce) {
      signal?.throwIfAborted();
      const tiles = columns.spans.slice(next, next + tilesAtOnce);
      denoiseTiles(
        model,
        tiles.map((span) => ({ noisy, denoised, rows: band, columns: span, ...level })),
        tiling,
        size,
      );
      const done = Math.min(next + tilesAtOnce, columns.spans.length) / columns.spans.length;
      onProgress?.((index + done) / rows.spans.length);
      await new Promise(setImmediate); // yields, so that output is flushed and an interrupt is seen
    }
    const region = { top: band.from, left: 0, height: made, width };
    await sink.writeRegion(region, { data: denoised.data, shape: [1, made, width, channels] });
  }
}

/** The rows that a band of tiles shows. Those that the next band shows too are kept. */
class NoisyRows {
  readonly data: Float32Array;
  /** The number of the first row in `data`. */
  first = 0;
  private end = 0;

  constructor(
    private readonly source: RegionSource,
    private readonly tiling: Tiling,
  ) {
    this.data = new Float32Array(tiling.rows.size * this.rowSize);
  }

  private get rowSize(): number {
    return this.source.width * this.source.channels;
  }

  async moveTo({ start }: Span): Promise<void> {
    const { source, rowSize } = this;
    this.data.copyWithin(0, (start - this.first) * rowSize, (this.end - this.first) * rowSize);
    this.first = start;
    const region = {
      top: this.end,
      left: 0,
      height: Math.min(start + this.tiling.rows.size, source.height) - this.end,
      width: source.width,
    };
    const { data, shape } = await source.readRegion(region);
    const expected = [1, region.height, region.width, source.channels];
    if (shape.join() !== expected.join() || data.length !== region.height * rowSize)
      throw new RangeError(`the region that was read is [${shape.join(", ")}], not [${expected.join(", ")}]`);
    this.data.set(data, (region.top - start) * rowSize);
    this.end = region.top + region.height;
  }
}
