// The picture that everybody looks at first: originals, their noisy versions and what each model makes of them.
import type { Data, Layout } from "plotly.js";
import { checkSameShape, type Images, imageSize, sliceImages } from "../data/images";
import { psnr } from "../metrics/psnr";
import { baseLayout, type Figure } from "./figure";
import { pngDataUri } from "./png";
import { stillWidth } from "./still";

export interface GridRow {
  readonly name: string;
  /** The same digits as the originals, in the same order. */
  readonly images: Images;
}

/** Pixels of the picture for each pixel of an image: browsers blur small pictures when they enlarge them. */
const enlargement = 4;
const gap = 1;
/** A row's share of a column's width, with the line of text below the image. */
const rowHeight = 1.32;
const margin = { l: 120, r: 10, t: 50, b: 10 };

/**
 * @param clean the originals, [n, height, width, 1], values in [0, 1]
 * @param rows what stands below them, of the same shape, with the PSNR of each image under it
 * @param count how many images, from the first: one column each
 * @throws {RangeError} when a row's shape is not that of the originals
 */
export function comparisonGrid(clean: Images, rows: GridRow[], title: string, count = 10): Figure {
  for (const { name, images } of rows) checkSameShape(clean, images, ["clean", name]);
  const first = (images: Images) => sliceImages(images, 0, count);
  return gridOf(
    first(clean),
    rows.map(({ name, images }) => ({ name, images: first(images) })),
    title,
  );
}

function gridOf(clean: Images, rows: GridRow[], title: string): Figure {
  const columns = clean.shape[0];
  const all = [{ name: "original", images: clean }, ...rows];
  const scores = rows.map(({ images }) => psnr(clean, images));
  const decibels = (row: number, column: number) => `${scores[row][column].toFixed(1)} dB`;
  const data: Data[] = [
    {
      type: "scatter",
      mode: "text",
      x: rows.flatMap(() => Array.from({ length: columns }, (_, column) => column + 0.5)),
      y: rows.flatMap((_, row) => Array.from({ length: columns }, () => (row + 1) * rowHeight + 1.14)),
      text: rows.flatMap((_, row) => Array.from({ length: columns }, (_value, column) => decibels(row, column))),
      textfont: { size: 11, color: "#444" },
      hoverinfo: "skip",
      showlegend: false,
    },
  ];
  const layout: Partial<Layout> = {
    ...baseLayout,
    title: { text: title, x: 0.02, xanchor: "left" },
    // so that images are square when the figure is as wide as its still picture
    height: Math.round(margin.t + margin.b + (all.length * rowHeight * (stillWidth - margin.l - margin.r)) / columns),
    margin,
    xaxis: { range: [0, columns], visible: false, fixedrange: true },
    yaxis: {
      range: [all.length * rowHeight, 0],
      tickvals: all.map((_, row) => row * rowHeight + 0.5),
      ticktext: all.map(({ name }) => name),
      ticks: "outside",
      ticklen: 6,
      tickcolor: "white",
      showgrid: false,
      zeroline: false,
      fixedrange: true,
      scaleanchor: "x",
    },
    images: all.map(({ images }, row) => ({
      source: strip(images),
      xref: "x" as const,
      yref: "y" as const,
      x: 0,
      y: row * rowHeight,
      sizex: columns,
      sizey: 1,
      sizing: "stretch" as const,
      layer: "below" as const,
    })),
  };
  const means = rows.map(
    ({ name }, row) => `${name} ${(scores[row].reduce((sum, value) => sum + value, 0) / columns).toFixed(1)} dB`,
  );
  const alt = `${title}: ${columns} digits, rows from top to bottom: original, ${rows.map(({ name }) => name).join(", ")}. Mean PSNR of these digits: ${means.join(", ")}.`;
  return { data, layout, alt };
}

/** The images side by side, as a PNG. */
function strip(images: Images): string {
  const [n, height, width, channels] = images.shape;
  if (channels !== 1) throw new RangeError(`the grid shows grey images, not images of ${channels} channels`);
  const size = imageSize(images);
  const cell = width * enlargement;
  const pixels = new Uint8Array(n * cell * height * enlargement).fill(255);
  const border = gap * enlargement;
  for (let image = 0; image < n; image++)
    for (let y = 0; y < height * enlargement; y++)
      for (let x = 0; x < cell; x++) {
        if (x < border / 2 || x >= cell - border / 2) continue;
        const value = images.data[image * size + Math.floor(y / enlargement) * width + Math.floor(x / enlargement)];
        pixels[y * n * cell + image * cell + x] = Math.round(255 * Math.min(1, Math.max(0, value)));
      }
  return pngDataUri(pixels, n * cell, height * enlargement);
}
