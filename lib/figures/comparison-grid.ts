// Rows of images below each other: the originals, their noisy versions, and what each method makes of them, with the
// PSNR of each image or, in colours, its errors.
import { checkChoice, checkSameShape } from "../checks";
import { type Images, selectImages } from "../data/images";
import { psnr } from "../metrics/psnr";
import { formatNumber } from "../numbers";
import { diverging, largestDifference } from "./diverging";
import { brightness, differenceScale, pictures } from "./picture";
import type { PictureGrid, PictureRow } from "./picture-grid";

export interface GridRow {
  readonly name: string;
  /** The images that belong to the originals, in the same order. */
  readonly images: Images;
  /** "images" with the PSNR of each below it, or "errors": in colours, how much brighter or darker than the originals. */
  readonly shows?: "images" | "errors";
}

/** Indices of images, in groups that stand side by side with their names above; see `worstMedianBest`. */
export type ImageGroups = Readonly<Record<string, readonly number[]>>;

/**
 * A grid of images of one size, one column per image. Pictures of different sizes: see `closeUps`.
 * @param clean the originals, the first row: [n, height, width, 1 or 3], values in [0, 1]
 * @param rows the rows below, of the same shape
 * @param columns how many images, from the first, or which
 * @throws {RangeError} when a row's shape differs from that of the originals, images are neither grey nor in colour, or an
 *   index does not exist
 * @example
 * ```ts
 * import { comparisonGrid } from "image-denoiser";
 * const clean = { data: new Float32Array(2 * 784), shape: [2, 28, 28, 1] as const };
 * const noisy = { data: clean.data.map(() => 0.1), shape: clean.shape };
 * const { alt } = comparisonGrid(clean, [{ name: "noisy", images: noisy }], "Black");
 * alt // 'Black: 2 images, rows from top to bottom: original, noisy. Mean PSNR of these images: noisy 20.0 dB.'
 * ```
 */
export function comparisonGrid(
  clean: Images,
  rows: GridRow[],
  title: string,
  columns: number | ImageGroups = 10,
): PictureGrid {
  for (const { name, images } of rows) checkSameShape(clean, images, ["clean", name]);
  const [n, , , channels] = clean.shape;
  checkChoice("channels", channels, [1, 3]);
  const first = (count: number) => ({ "": Array.from({ length: Math.min(count, n) }, (_, i) => i) });
  const indices = typeof columns === "number" ? first(columns) : columns;
  const choose = (images: Images) => selectImages(images, Object.values(indices).flat());
  const groups = Object.entries(indices)
    .map(([name, { length }]) => ({ name, columns: length }))
    .filter(({ columns }) => columns > 0);
  const chosen = rows.map((row) => ({ ...row, images: choose(row.images) }));
  return gridOf(choose(clean), chosen, title, groups);
}

function gridOf(clean: Images, rows: GridRow[], title: string, groups: PictureGrid["groups"]): PictureGrid {
  const [, height, width] = clean.shape;
  const scores = rows.map(({ images }) => psnr(clean, images));
  const row = ({ name, images, shows }: GridRow, i: number): PictureRow =>
    shows === "errors"
      ? { name, pictures: pictures(differences(images, clean), diverging) }
      : {
          name,
          pictures: pictures(images, brightness),
          numbers: { are: "PSNR, dB", texts: Array.from(scores[i], (score) => formatNumber(score, 1)) },
        };
  return {
    title,
    groups,
    rows: [{ name: "original", pictures: pictures(clean, brightness) }, ...rows.map(row)],
    ...(rows.some(({ shows }) => shows === "errors") && { colorKey }),
    aspect: height / width,
    alt: describe(title, rows, scores, groups),
  };
}

/** In colour: the mean of the channels' differences. */
function differences({ data, shape: [n, height, width, channels] }: Images, from: Images): Images {
  const means = new Float32Array(n * height * width);
  for (let i = 0; i < data.length; i++) means[Math.floor(i / channels)] += (data[i] - from.data[i]) / channels;
  return { data: means, shape: [n, height, width, 1] };
}

const colorKey: NonNullable<PictureGrid["colorKey"]> = {
  picture: differenceScale(),
  texts: [`too dark by ${largestDifference} or more`, "as the original", `too bright by ${largestDifference} or more`],
};

function describe(title: string, rows: GridRow[], scores: Float64Array[], groups: PictureGrid["groups"]): string {
  const order = ["original", ...rows.map(({ name, shows }) => (shows === "errors" ? `${name} (in colours)` : name))];
  let shown = 0;
  const means = groups.map(({ name: group, columns }) => {
    const from = shown;
    shown += columns;
    const mean = (values: Float64Array) =>
      values.subarray(from, from + columns).reduce((sum, value) => sum + value, 0) / columns;
    const ofRows = rows.flatMap(({ name, shows }, i) =>
      shows === "errors" ? [] : [`${name} ${formatNumber(mean(scores[i]), 1)} dB`],
    );
    return `Mean PSNR of ${group ? `the ${group} ${columns}` : "these images"}: ${ofRows.join(", ")}.`;
  });
  return `${title}: ${shown} image${shown === 1 ? "" : "s"}, rows from top to bottom: ${order.join(", ")}.${rows.length > 0 ? ` ${means.join(" ")}` : ""}`;
}
