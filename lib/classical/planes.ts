// What all classical filters share: they see one channel of one image at a time, as a plane of doubles with a margin
// around it, and refuse what would give a wrong picture.
import { checkFinite, checkImages } from "../checks";
import { type Images, imageSize } from "../data/images";

/**
 * What continues a row a b c d beyond its ends, in SciPy's names: "nearest" a a [a b c d] d d, "reflect"
 * b a [a b c d] d c, "mirror" c b [a b c d] c b. Columns likewise.
 */
export type Border = "nearest" | "reflect" | "mirror";

/** Reads `padded`, rows of width + 2 margin, and fills `result`, rows of width. Both are used again for the next plane. */
export type PlaneFilter = (padded: Float64Array, result: Float64Array) => void;

/**
 * Applies a filter to every channel of every image.
 * @param margin pixels that are added on each side
 * @param create makes the filter for planes of one size: the place to allocate what it works with
 * @returns new images of the same shape
 * @throws {RangeError} when shape and data disagree or a value is not finite
 */
export function filterPlanes(
  noisy: Images,
  { margin, border }: { margin: number; border: Border },
  create: (height: number, width: number) => PlaneFilter,
): Images {
  checkImages(noisy, "noisy");
  const { data, shape } = noisy;
  const [n, height, width, channels] = shape;
  const denoised = new Float32Array(data.length);
  if (data.length === 0) return { data: denoised, shape };
  checkFinite(noisy, "noisy");
  const size = imageSize(noisy);

  const filter = create(height, width);
  const rows = sources(height, margin, border);
  const columns = sources(width, margin, border);
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

/** For each place of a row with its margins, the place in the row that it repeats. */
function sources(length: number, margin: number, border: Border): Int32Array {
  const inside = (at: number): number => {
    if (border === "nearest") return Math.min(Math.max(at, 0), length - 1);
    // there and back again: "reflect" shows the end twice, "mirror" once
    const period = border === "reflect" ? 2 * length : Math.max(1, 2 * length - 2);
    const place = ((at % period) + period) % period;
    return Math.min(place, border === "reflect" ? period - 1 - place : period - place);
  };
  return Int32Array.from({ length: length + 2 * margin }, (_, i) => inside(i - margin));
}
