// The first images of a stack side by side, grey or coloured, and a sentence on its shape and range.
import { type Images, imageSize, type LabelledImages } from "../data/images";
import { pngDataUri } from "../figures/png";
import { formatShortest } from "../numbers";
import type { Output } from "./display";

/** Pixels of the page. Browsers blur small pictures: images below `leastSize` get several pixels for each of their own. */
const pageWidth = 900;
const leastSize = 84;
const mostImages = 10;

/**
 * @param images [n, height, width, channels] with values of any range; labels are written below the images
 * @returns pictures of images with 1 or 3 channels, text of all
 */
export function imagesOutput(images: Images & Partial<Pick<LabelledImages, "labels">>): Output {
  const [n, height, width, channels] = images.shape;
  const range = valueRange(images.data);
  const scale = Math.max(1, Math.floor(leastSize / Math.max(1, height, width)));
  const fitting = Math.max(1, Math.floor(pageWidth / (scale * width + 4)));
  const visible = n > 0 && height * width > 0 && (channels === 1 || channels === 3);
  const shown = visible ? Math.min(n, mostImages, fitting) : 0;
  const sentences = describe(images, range, shown);
  const pictures = Array.from({ length: shown }, (_, i) => {
    const label = images.labels?.[i];
    const alt = `image ${i}${label === undefined ? "" : `, label ${label}`}`;
    const source = picture(images, i, scale, range);
    const image = `<img alt="${alt}" title="${alt}" src="${source}" style="max-width: 100%; margin: 0">`;
    // in one line, however narrow the page is
    const style = `display: inline-block; max-width: ${(100 / shown - 0.6).toFixed(1)}%; margin: 0.2%; text-align: center`;
    return `<div style="${style}">${image}${label === undefined ? "" : `<br>${label}`}</div>`;
  });
  return { "text/html": `<div>${sentences}</div><div>${pictures.join("")}</div>`, "text/plain": sentences };
}

interface Range {
  least: number;
  most: number;
  /** How many values are NaN or infinite. */
  notFinite: number;
}

function valueRange(data: Float32Array): Range {
  let [least, most, notFinite] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (const value of data) {
    if (!Number.isFinite(value)) notFinite++;
    else {
      if (value < least) least = value;
      if (value > most) most = value;
    }
  }
  return { least, most, notFinite };
}

/** What is black and what is white: 0 and 1, and what lies beyond. */
const blackAndWhite = ({ least, most }: Range) => [Math.min(0, least), Math.max(1, most)];

const digits = (value: number) => formatShortest(value, 4);

/** "12 images of 28 x 28 pixels, 1 channel, values from 0 to 1" */
export function describeImages({ data, shape }: Images, range = valueRange(data)): string {
  const [n, height, width, channels] = shape;
  const plural = (count: number, noun: string) => `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
  const facts = [`${plural(n, "image")} of ${height} x ${width} pixels`, plural(channels, "channel")];
  if (range.least <= range.most) facts.push(`values from ${digits(range.least)} to ${digits(range.most)}`);
  if (range.notFinite > 0) facts.push(`${plural(range.notFinite, "value")} NaN or infinite`);
  return facts.join(", ");
}

function describe(images: Images, range: Range, shown: number): string {
  const [n] = images.shape;
  const [black, white] = blackAndWhite(range);
  const sentences = [describeImages(images, range)];
  if (shown > 0 && shown < n) sentences.push(`Shown: the first${shown > 1 ? ` ${shown}` : ""}`);
  if (shown > 0 && (black < 0 || white > 1)) sentences.push(`Black is ${digits(black)}, white ${digits(white)}`);
  return `${sentences.join(". ")}.`;
}

/**
 * Image number `index` as a PNG: each pixel becomes scale x scale pixels; large images are reduced to the page's width by
 * averaging.
 */
function picture(images: Images, index: number, scale: number, range: Range): string {
  const [, height, width, channels] = images.shape;
  const step = Math.ceil(Math.max(height, width) / pageWidth);
  const [rows, columns] = [Math.ceil(height / step), Math.ceil(width / step)];
  const [black, white] = blackAndWhite(range);
  const image = images.data.subarray(index * imageSize(images), (index + 1) * imageSize(images));
  const byte = (row: number, column: number, channel: number) => {
    let [sum, count] = [0, 0];
    for (let y = row * step; y < Math.min(height, (row + 1) * step); y++)
      for (let x = column * step; x < Math.min(width, (column + 1) * step); x++, count++)
        sum += image[(y * width + x) * channels + channel];
    return Math.round((255 * (sum / count - black)) / (white - black));
  };
  const pixels = new Uint8ClampedArray(rows * scale * columns * scale * channels);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      for (let channel = 0; channel < channels; channel++) {
        const value = byte(row, column, channel);
        for (let y = row * scale; y < (row + 1) * scale; y++)
          for (let x = column * scale; x < (column + 1) * scale; x++)
            pixels[(y * columns * scale + x) * channels + channel] = value;
      }
  return pngDataUri(new Uint8Array(pixels.buffer), columns * scale, rows * scale);
}
