// How a picture is cut into tiles: overlapping, all of one size, at multiples of the model's total stride, so that each
// pixel of the result is taken from a tile in which it does not depend on anything beyond the tile.
import type { AxisField, ReceptiveField } from "../models/receptive-field";

/** A tile along one axis: it begins at `start`, and its result is right from `from` to `to` - 1. In pixels. */
export interface Span {
  readonly start: number;
  readonly from: number;
  readonly to: number;
}

/** Along one axis. */
export interface TiledAxis {
  /** Pixels of every tile, a multiple of the stride. */
  readonly size: number;
  /** Their results, one after the other, make up the picture, padded to a multiple of the stride. */
  readonly spans: readonly Span[];
}

export interface Tiling {
  readonly rows: TiledAxis;
  readonly columns: TiledAxis;
}

/** Height, width and channels of one image. */
export type PictureSize = readonly [height: number, width: number, channels: number];

/** What the engine holds for each number that a layer computes, bytes; its working memory included. */
const bytesPerNumber = 4;

/** How many pixels the engine can work on at once in so much memory. */
export const pixelsIn = (memory: number, { numbersPerPixel }: ReceptiveField): number =>
  memory / (bytesPerNumber * numbersPerPixel);

/** A size that the model takes: the next multiple of its stride. */
export const padded = (length: number, { stride }: AxisField): number => Math.ceil(length / stride) * stride;

/**
 * Tiles of a picture, as large as memory allows: the larger they are, the less is computed twice.
 * @param pixels that may be in the engine at once
 * @param parallel tiles that the engine works on at the same time; each takes one core
 */
export function tile(
  { rows, columns }: ReceptiveField,
  [height, width]: PictureSize,
  { pixels, parallel }: { pixels: number; parallel: number },
): Tiling {
  const own = pixels / parallel;
  const tall = padded(height, rows);
  const across = tileAxis(padded(width, columns), columns, Math.max(Math.sqrt(own), own / tall), parallel);
  return { rows: tileAxis(tall, rows, own / across.size, 1), columns: across };
}

/**
 * @param most pixels of a tile; at least half of each is no margin
 * @param multiple of which the number of tiles is to be one, as long as most of each tile is no margin
 */
function tileAxis(length: number, { stride, margin }: AxisField, most: number, multiple: number): TiledAxis {
  const fewest = Math.max(4 * stride, 4 * margin);
  const kept = Math.max(Math.floor(Math.max(most, fewest) / stride) * stride - 2 * margin, stride);
  const needed = length <= most ? 1 : Math.ceil(Math.max(length - 2 * margin, 1) / kept);
  const even = Math.ceil(needed / multiple) * multiple;
  const sizeOf = (count: number) => Math.ceil((length - 2 * margin) / count / stride) * stride + 2 * margin;
  const size = sizeOf(even) >= Math.max(6 * margin, fewest) ? sizeOf(even) : Math.max(sizeOf(needed), fewest);
  return size >= length ? single(length) : { size, spans: spans(length, size, margin) };
}

function spans(length: number, size: number, margin: number): Span[] {
  const found: Span[] = [];
  for (let from = 0; from < length; ) {
    const start = from === 0 ? 0 : Math.min(from - margin, length - size);
    const to = start + size === length ? length : start + size - margin;
    found.push({ start, from, to });
    from = to;
  }
  return found;
}

/** One tile of the size of the image, for models whose result depends on all of it. */
export const untiled = ([height, width]: PictureSize): Tiling => ({ rows: single(height), columns: single(width) });

const single = (length: number): TiledAxis => ({ size: length, spans: [{ start: 0, from: 0, to: length }] });

/**
 * The pixels of a picture that a tile shows along one axis. Beyond its end the picture goes on with its reflection, which
 * does not show the last pixel twice: a b c d [c b a b c …].
 * @param length of the picture
 */
export function reflectedIndices(start: number, size: number, length: number): Int32Array {
  const period = Math.max(1, 2 * length - 2);
  return Int32Array.from({ length: size }, (_, i) => {
    const index = (start + i) % period;
    return Math.min(index, period - index);
  });
}
