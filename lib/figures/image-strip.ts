// Images side by side in one PNG: in grey, or as differences in colours that colour-blind readers can distinguish.
import { type Images, imageSize } from "../data/images";
import { pngDataUri } from "./png";

/** Each pixel of an image becomes a square of this many pixels of the PNG: browsers blur small pictures. */
const scale = 4;
/** White pixels of the PNG between two images, half of them at the edge of each. */
const gap = 4;

/** The bytes of a pixel for the value of an image there: one for grey, or red, green and blue. */
export type Colors = (value: number) => readonly number[];

/** [0, 1] from black to white; values outside are drawn as the nearer end. */
export const grey: Colors = (value) => [Math.round(255 * Math.min(1, Math.max(0, value)))];

/** The largest difference that has a colour of its own. */
export const largestDifference = 0.5;
/** From blue over near-white to red: ColorBrewer's RdBu with seven classes, reversed. */
const stops = [
  [33, 102, 172],
  [103, 169, 207],
  [209, 229, 240],
  [247, 247, 247],
  [253, 219, 199],
  [239, 138, 98],
  [178, 24, 43],
];

/** Blue below 0, near-white at 0, red above; differences beyond `largestDifference` have the colours of the ends. */
export const diverging: Colors = (value) => {
  const share = Math.min(1, Math.max(0, 0.5 + value / (2 * largestDifference)));
  const position = share * (stops.length - 1);
  const below = Math.min(Math.floor(position), stops.length - 2);
  return stops[below].map((from, channel) =>
    Math.round(from + (position - below) * (stops[below + 1][channel] - from)),
  );
};

/**
 * @param images [n, height, width, 1]
 * @param lefts where each image begins, in image widths
 * @param width of the whole strip, in image widths
 * @returns a PNG as a data URI
 */
export function imageStrip(images: Images, lefts: readonly number[], width: number, colors: Colors): string {
  const [, height, columns] = images.shape;
  const imageWidth = columns * scale;
  const channels = colors(0).length;
  const stride = Math.round(width * imageWidth) * channels;
  const pixels = new Uint8Array(stride * height * scale).fill(255);
  for (const [image, left] of lefts.entries())
    for (let y = 0; y < height * scale; y++)
      for (let x = gap / 2; x < imageWidth - gap / 2; x++) {
        const index = Math.floor(y / scale) * columns + Math.floor(x / scale);
        const value = images.data[image * imageSize(images) + index];
        pixels.set(colors(value), y * stride + (Math.round(left * imageWidth) + x) * channels);
      }
  return pngDataUri(pixels, stride / channels, height * scale);
}

/** The colours of `diverging` from left to right, as a PNG. */
export function differenceScale(): string {
  const width = 256;
  const row = Array.from({ length: width }, (_, x) => diverging(((2 * x) / (width - 1) - 1) * largestDifference));
  return pngDataUri(Uint8Array.from(row.flat()), width, 1);
}
