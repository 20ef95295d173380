// Rows of images below each other: the originals, their noisy versions, and what each method makes of them, with the
// PSNR of each image or, in colours, its errors.
import type { Data, Layout } from "plotly.js";
import { checkSameShape } from "../checks";
import { type Images, selectImages } from "../data/images";
import { psnr } from "../metrics/psnr";
import { baseLayout, type Figure, textWidth } from "./figure";
import { differenceScale, diverging, grey, imageStrip, largestDifference } from "./image-strip";
import { staticWidth } from "./static-svg";

export interface GridRow {
  readonly name: string;
  /** The images that belong to the originals, in the same order. */
  readonly images: Images;
  /** "images" with the PSNR of each below it, or "errors": in colours, how much they differ from the originals. */
  readonly shows?: "images" | "errors";
}

/** Indices of images, in groups that stand side by side with their names above; see `worstMedianBest`. */
export type ImageGroups = Readonly<Record<string, readonly number[]>>;

/** Neighbouring columns: `from` … `to - 1`. */
interface Group {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** A part of the figure, across its whole width. Lengths are in image widths; coordinates begin at its upper left. */
interface Band {
  readonly height: number;
  readonly picture?: { source: string; left: number; top: number; width: number; height: number };
  readonly name?: string;
  readonly texts?: { text: string; x: number; y: number }[];
}

/** The space between two groups, in image widths. */
const groupGap = 0.25;
/** In pixels of the static SVG. */
const margin = { t: 50, r: 10, b: 10 };

/**
 * A grid of images, one column per image.
 * @param clean the originals, the first row: [n, height, width, 1], values in [0, 1]
 * @param rows the rows below, of the same shape
 * @param columns how many images, from the first, or which
 * @throws {RangeError} when a row's shape differs from that of the originals, images are not grey, or an index does not
 *   exist
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
): Figure {
  for (const { name, images } of rows) checkSameShape(clean, images, ["clean", name]);
  const [n, , , channels] = clean.shape;
  if (channels !== 1) throw new RangeError(`the grid shows grey images: clean must have 1 channel, not ${channels}`);
  const first = (count: number) => ({ "": Array.from({ length: Math.min(count, n) }, (_, i) => i) });
  const indices = typeof columns === "number" ? first(columns) : columns;
  const choose = (images: Images) => selectImages(images, Object.values(indices).flat());
  const groups: Group[] = [];
  for (const [name, { length }] of Object.entries(indices)) {
    const from = groups.at(-1)?.to ?? 0;
    if (length > 0) groups.push({ name, from, to: from + length });
  }
  const chosen = rows.map((row) => ({ ...row, images: choose(row.images) }));
  return gridOf(choose(clean), chosen, title, groups);
}

function gridOf(clean: Images, rows: GridRow[], title: string, groups: Group[]): Figure {
  const lefts = groups.flatMap(({ from, to }, group) =>
    Array.from({ length: to - from }, (_, i) => from + i + group * groupGap),
  );
  const width = (lefts.at(-1) ?? 0) + 1;
  const left = Math.max(120, textWidth(rows.map(({ name }) => name)) + 16);
  /** Pixels of the static SVG per image width. */
  const unit = (staticWidth - left - margin.r) / width;
  const scores = rows.map(({ images }) => psnr(clean, images));

  const row = (name: string, source: string, numbers: string[] = []): Band => ({
    name,
    height: 1 + (numbers.length > 0 ? 25 : 4) / unit,
    picture: { source, left: 0, top: 0, width, height: 1 },
    texts: numbers.map((text, i) => ({ text, x: lefts[i] + 0.5, y: 1 + 11 / unit })),
  });
  const named = groups.filter(({ name }) => name);
  const groupNames: Band = {
    height: named.length > 0 ? 20 / unit : 0,
    texts: named.map(({ name, from, to }) => ({ text: name, x: (lefts[from] + lefts[to - 1] + 1) / 2, y: 8 / unit })),
  };
  const bands = [
    groupNames,
    row("original", imageStrip(clean, lefts, width, grey)),
    ...rows.map(({ name, images, shows }, i) =>
      shows === "errors"
        ? row(name, imageStrip(differences(images, clean), lefts, width, diverging))
        : row(name, imageStrip(images, lefts, width, grey), Array.from(scores[i], decibels)),
    ),
    ...(rows.some(({ shows }) => shows === "errors") ? [colorKey(width, unit)] : []),
  ];
  return { ...assemble(bands, title, width, left, unit), alt: describe(title, rows, scores, groups) };
}

const decibels = (value: number) => `${value.toFixed(1)} dB`;

const differences = ({ data, shape }: Images, from: Images): Images => ({
  data: data.map((value, i) => value - from.data[i]),
  shape,
});

/** What the colours of errors mean. */
function colorKey(width: number, unit: number): Band {
  const [from, to] = [0.3 * width, 0.7 * width];
  const label = (text: string, x: number) => ({ text, x, y: 30 / unit });
  return {
    height: 40 / unit,
    picture: { source: differenceScale(), left: from, top: 6 / unit, width: to - from, height: 10 / unit },
    texts: [
      label(`too dark by ${largestDifference} or more`, from),
      label("as the original", (from + to) / 2),
      label(`too bright by ${largestDifference} or more`, to),
    ],
  };
}

/** Bands below each other as one Plotly figure, whose unit on both axes is the width of an image. */
function assemble(bands: Band[], title: string, width: number, left: number, unit: number): Omit<Figure, "alt"> {
  let height = 0;
  const placed = bands.map((band) => {
    height += band.height;
    return { ...band, top: height - band.height };
  });
  const texts = placed.flatMap(({ top, texts = [] }) => texts.map(({ text, x, y }) => ({ text, x, y: top + y })));
  const named = placed.flatMap(({ name, top }) => (name ? [{ name, middle: top + 0.5 }] : []));
  const data: Data[] = [
    {
      type: "scatter",
      mode: "text",
      x: texts.map(({ x }) => x),
      y: texts.map(({ y }) => y),
      text: texts.map(({ text }) => text),
      textfont: { size: 11, color: "#444" },
      hoverinfo: "skip",
      showlegend: false,
    },
  ];
  const layout: Partial<Layout> = {
    ...baseLayout,
    title: { text: title, x: 0.02, xanchor: "left" },
    // images are square when the figure is as wide as its static SVG
    height: Math.round(margin.t + margin.b + height * unit),
    margin: { l: left, ...margin },
    xaxis: { range: [0, width], visible: false, fixedrange: true, constraintoward: "left" },
    yaxis: {
      range: [height, 0],
      tickvals: named.map(({ middle }) => middle),
      ticktext: named.map(({ name }) => name),
      ticks: "outside",
      ticklen: 6,
      tickcolor: "white",
      showgrid: false,
      zeroline: false,
      fixedrange: true,
      scaleanchor: "x",
      constraintoward: "top",
    },
    images: placed.flatMap(({ top, picture }) =>
      picture ? [layoutImage({ ...picture, top: top + picture.top })] : [],
    ),
  };
  return { data, layout };
}

const layoutImage = ({ source, left, top, width, height }: NonNullable<Band["picture"]>) => ({
  source,
  xref: "x" as const,
  yref: "y" as const,
  x: left,
  y: top,
  sizex: width,
  sizey: height,
  sizing: "stretch" as const,
  layer: "below" as const,
});

function describe(title: string, rows: GridRow[], scores: Float64Array[], groups: Group[]): string {
  const order = ["original", ...rows.map(({ name, shows }) => (shows === "errors" ? `${name} (in colours)` : name))];
  const means = groups.map(({ name: group, from, to }) => {
    const mean = (values: Float64Array) =>
      values.subarray(from, to).reduce((sum, value) => sum + value, 0) / (to - from);
    const ofRows = rows.flatMap(({ name, shows }, i) =>
      shows === "errors" ? [] : [`${name} ${decibels(mean(scores[i]))}`],
    );
    return `Mean PSNR of ${group ? `the ${group} ${to - from}` : "these images"}: ${ofRows.join(", ")}.`;
  });
  return `${title}: ${groups.at(-1)?.to ?? 0} images, rows from top to bottom: ${order.join(", ")}. ${means.join(" ")}`;
}
