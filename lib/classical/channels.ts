// What all classical filters share: they see one image at a time, a plane for each channel, in double precision and
// padded. Most filters treat each channel by itself.
import { checkFinite, checkImages } from "../checks";
import { type Images, imageSize } from "../data/images";

/**
 * How a row a b c d is padded, in SciPy's names: "nearest" a a [a b c d] d d, "reflect" b a [a b c d] d c,
 * "mirror" c b [a b c d] c b. Columns likewise.
 */
export type PaddingMode = "nearest" | "reflect" | "mirror";

/**
 * Reads `padded`, a plane for each channel in rows of width + 2 padding, and fills `results`, planes in rows of width. All
 * arrays are used again for the next image.
 */
export type ImageFilter = (padded: readonly Float64Array[], results: readonly Float64Array[]) => void;

/** The same for one channel. */
export type ChannelFilter = (padded: Float64Array, result: Float64Array) => void;

export interface Padding {
  /** Pixels that are added on each side. */
  readonly padding: number;
  readonly mode: PaddingMode;
}

/**
 * Applies a filter to every image, with its channels together.
 * @param noisy [n, height, width, channels]
 * @param create makes the filter for images of one size: the place to allocate the arrays that it needs
 * @returns new images of the same shape
 * @throws {RangeError} when data and shape do not fit together, or a value is not finite
 */
export function filterImages(
  noisy: Images,
  { padding, mode }: Padding,
  create: (height: number, width: number, channels: number) => ImageFilter,
): Images {
  checkImages(noisy, "noisy");
  const { data, shape } = noisy;
  const [n, height, width, channels] = shape;
  const denoised = new Float32Array(data.length);
  if (data.length === 0) return { data: denoised, shape };
  checkFinite(noisy, "noisy");
  const size = imageSize(noisy);

  const filter = create(height, width, channels);
  const rows = paddedIndices(height, padding, mode);
  const columns = paddedIndices(width, padding, mode);
  const planes = (length: number) => Array.from({ length: channels }, () => new Float64Array(length));
  const padded = planes(rows.length * columns.length);
  const results = planes(height * width);
  for (let image = 0; image < n; image++) {
    for (let channel = 0; channel < channels; channel++) {
      const plane = padded[channel];
      const start = image * size + channel;
      for (let row = 0, to = 0; row < rows.length; row++) {
        const from = rows[row] * width;
        for (let column = 0; column < columns.length; column++, to++)
          plane[to] = data[start + (from + columns[column]) * channels];
      }
    }
    filter(padded, results);
    for (let channel = 0; channel < channels; channel++) {
      const plane = results[channel];
      for (let i = 0, to = image * size + channel; i < plane.length; i++, to += channels) denoised[to] = plane[i];
    }
  }
  return { data: denoised, shape };
}

/**
 * Applies a filter to every channel of every image.
 * @param noisy [n, height, width, channels]
 * @param create makes the filter for channels of one size
 * @returns new images of the same shape
 * @throws {RangeError} when data and shape do not fit together, or a value is not finite
 */
export const filterChannels = (
  noisy: Images,
  padding: Padding,
  create: (height: number, width: number) => ChannelFilter,
): Images =>
  filterImages(noisy, padding, (height, width) => {
    const filter = create(height, width);
    return (padded, results) => {
      for (const [channel, plane] of padded.entries()) filter(plane, results[channel]);
    };
  });

/** For each pixel of a padded row, the pixel of the row whose value it has. */
function paddedIndices(length: number, padding: number, mode: PaddingMode): Int32Array {
  const inside = (at: number): number => {
    if (mode === "nearest") return Math.min(Math.max(at, 0), length - 1);
    // the row and its reflection alternate: "reflect" shows the last pixel twice, "mirror" once
    const period = mode === "reflect" ? 2 * length : Math.max(1, 2 * length - 2);
    const index = ((at % period) + period) % period;
    return Math.min(index, mode === "reflect" ? period - 1 - index : period - index);
  };
  return Int32Array.from({ length: length + 2 * padding }, (_, i) => inside(i - padding));
}
