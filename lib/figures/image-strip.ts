// Images side by side in one PNG: in grey, or as differences in colours that colour-blind readers tell apart.
import { type Images, imageSize } from "../data/images";
import { pngDataUri } from "./png";

/** Pixels of the PNG for each pixel of an image: browsers blur small pictures when they enlarge them. */
const enlargement = 4;
/** Pixels of the PNG that stay white between two images, half of them at the edge of each. */
const gap = 4;

/** Bytes of a pixel from the value of an image there: one for grey, or red, green and blue. */
export type Colors = (value: number) => readonly number[];

/** [0, 1] from black to white; what lies outside is drawn as the nearer end. */
export const grey: Colors = (value) => [Math.round(255 * Math.min(1, Math.max(0, value)))];

/** The largest difference that has a colour of its own. */
export const largestDifference = 0.5;
/** From blue over near-white to red: ColorBrewer's RdBu with seven classes, backwards. */
const stops = [
  [33, 102, 172],
  [103, 169, 207],
  [209, 229, 240],
  [247, 247, 247],
  [253, 219, 199],
  [239, 138, 98],
  [178, 24, 43],
];

/** Blue below 0, near-white at 0, red above; all of `largestDifference` and more has the colours of the ends. */
export const diverging: Colors = (value) => {
  const share = Math.min(1, Math.max(0, 0.5 + value / (2 * largestDifference)));
  const at = share * (stops.length - 1);
  const below = Math.min(Math.floor(at), stops.length - 2);
  return stops[below].map((from, channel) => Math.round(from + (at - below) * (stops[below + 1][channel] - from)));
};

/**
 * @param images [n, height, width, 1]
 * @param lefts where each image begins, in widths of an image
 * @param width of the whole strip, in widths of an image
 * @returns a PNG as a data URI
 */
export function imageStrip(images: Images, lefts: readonly number[], width: number, colors: Colors): string {
  const [, height, columns] = images.shape;
  const cell = columns * enlargement;
  const channels = colors(0).length;
  const stride = Math.round(width * cell) * channels;
  const pixels = new Uint8Array(stride * height * enlargement).fill(255);
  for (const [image, left] of lefts.entries())
    for (let y = 0; y < height * enlargement; y++)
      for (let x = gap / 2; x < cell - gap / 2; x++) {
        const inImage = Math.floor(y / enlargement) * columns + Math.floor(x / enlargement);
        const value = images.data[image * imageSize(images) + inImage];
        pixels.set(colors(value), y * stride + (Math.round(left * cell) + x) * channels);
      }
  return pngDataUri(pixels, stride / channels, height * enlargement);
}

/** The colours of `diverging` from left to right, as a PNG. */
export function differenceScale(): string {
  const width = 256;
  const row = Array.from({ length: width }, (_, x) => diverging(((2 * x) / (width - 1) - 1) * largestDifference));
  return pngDataUri(Uint8Array.from(row.flat()), width, 1);
}
