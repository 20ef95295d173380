// Denoises a batch of tiles: copies them out of pictures, applies the model, and copies back what is right of the result.
import type * as tf from "@tensorflow/tfjs";
import { predict } from "./predict";
import { type PictureSize, reflectedIndices, type Span, type Tiling } from "./tiles";

/** Some rows of a picture. */
export interface Strip {
  readonly data: Float32Array;
  /** The number of the first of them in the picture. */
  readonly first: number;
}

export interface Tile {
  /** The rows that the tile shows, or more. */
  readonly noisy: Strip;
  /** Gets the tile's part of the result. */
  readonly denoised: Strip;
  readonly rows: Span;
  readonly columns: Span;
  /** The level of the noise, for a model that takes a noise-level map. */
  readonly sigma?: number;
}

export function denoiseTiles(model: tf.LayersModel, tiles: readonly Tile[], tiling: Tiling, size: PictureSize): void {
  const shape = [tiles.length, tiling.rows.size, tiling.columns.size, size[2]] as const;
  const tileSize = shape[1] * shape[2] * shape[3];
  const data = new Float32Array(tiles.length * tileSize);
  const part = (values: Float32Array, i: number) => values.subarray(i * tileSize, (i + 1) * tileSize);
  for (const [i, tile] of tiles.entries()) copyFromPicture(tile, part(data, i), tiling, size);
  const levels = tiles.flatMap(({ sigma }) => (sigma === undefined ? [] : [sigma]));
  const result = predict(model, { data, shape }, levels.length > 0 ? levels : undefined);
  for (const [i, tile] of tiles.entries()) copyToPicture(part(result, i), tile, tiling, size);
}

function copyFromPicture({ noisy, rows, columns }: Tile, result: Float32Array, tiling: Tiling, size: PictureSize) {
  const [height, width, channels] = size;
  const { start } = columns;
  const inside = Math.min(tiling.columns.size, width - start); // columns that are not beyond the picture
  const reflected = reflectedIndices(start, tiling.columns.size, width).subarray(inside);
  for (const [row, shown] of reflectedIndices(rows.start, tiling.rows.size, height).entries()) {
    const from = (shown - noisy.first) * width * channels;
    const to = row * tiling.columns.size * channels;
    result.set(noisy.data.subarray(from + start * channels, from + (start + inside) * channels), to);
    for (const [i, column] of reflected.entries()) {
      const at = from + column * channels;
      result.set(noisy.data.subarray(at, at + channels), to + (inside + i) * channels);
    }
  }
}

function copyToPicture(result: Float32Array, { denoised, rows, columns }: Tile, tiling: Tiling, size: PictureSize) {
  const [height, width, channels] = size;
  const [lastRow, lastColumn] = [Math.min(rows.to, height), Math.min(columns.to, width)];
  for (let row = rows.from; row < lastRow; row++) {
    const at = ((row - rows.start) * tiling.columns.size - columns.start) * channels;
    const part = result.subarray(at + columns.from * channels, at + lastColumn * channels);
    denoised.data.set(part, ((row - denoised.first) * width + columns.from) * channels);
  }
}
