// What all classical filters share: they see one channel of one image at a time, in double precision and padded.
import { checkFinite, checkImages } from "../checks";
import { type Images, imageSize } from "../data/images";

/**
 * How a row a b c d is padded, in SciPy's names: "nearest" a a [a b c d] d d, "reflect" b a [a b c d] d c,
 * "mirror" c b [a b c d] c b. Columns likewise.
 */
export type PaddingMode = "nearest" | "reflect" | "mirror";

/**
 * Reads `padded`, rows of width + 2 padding, and fills `result`, rows of width. Both arrays are used again for the next
 * channel.
 */
export type ChannelFilter = (padded: Float64Array, result: Float64Array) => void;

/**
 * Applies a filter to every channel of every image.
 * @param noisy [n, height, width, channels]
 * @param padding pixels that are added on each side
 * @param create makes the filter for channels of one size: the place to allocate the arrays that it needs
 * @returns new images of the same shape
 * @throws {RangeError} when data and shape do not fit together, or a value is not finite
 */
export function filterChannels(
  noisy: Images,
  { padding, mode }: { padding: number; mode: PaddingMode },
  create: (height: number, width: number) => ChannelFilter,
): Images {
  checkImages(noisy, "noisy");
  const { data, shape } = noisy;
  const [n, height, width, channels] = shape;
  const denoised = new Float32Array(data.length);
  if (data.length === 0) return { data: denoised, shape };
  checkFinite(noisy, "noisy");
  const size = imageSize(noisy);

  const filter = create(height, width);
  const rows = paddedIndices(height, padding, mode);
  const columns = paddedIndices(width, padding, mode);
  const padded = new Float64Array(rows.length * columns.length);
  const result = new Float64Array(height * width);
  for (let image = 0; image < n; image++)
    for (let channel = 0; channel < channels; channel++) {
      const start = image * size + channel;
      for (let row = 0, to = 0; row < rows.length; row++) {
        const from = rows[row] * width;
        for (let column = 0; column < columns.length; column++, to++)
          padded[to] = data[start + (from + columns[column]) * channels];
      }
      filter(padded, result);
      for (let i = 0; i < result.length; i++) denoised[start + i * channels] = result[i];
    }
  return { data: denoised, shape };
}

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
