// An image as a PNG: as it is, or as differences in colours that colour-blind readers can distinguish.
import { type Images, imageSize } from "../data/images";
import { pngDataUri } from "./png";

/** The bytes of a pixel for the value of an image there: one for grey, or red, green and blue. */
export type Colors = (value: number) => readonly number[];

/** [0, 1] from black to white; values outside are drawn as the nearer end. Of a colour picture: each channel. */
export const brightness: Colors = (value) => [Math.round(255 * Math.min(1, Math.max(0, value)))];

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

/** Differences that are closer to each other than this have one colour: it halves the size of the PNG. */
const step = 0.025;

/** Blue below 0, near-white at 0, red above; differences beyond `largestDifference` have the colours of the ends. */
export const diverging: Colors = (value) => {
  const rounded = step * Math.round(value / step);
  const share = Math.min(1, Math.max(0, 0.5 + rounded / (2 * largestDifference)));
  const position = share * (stops.length - 1);
  const below = Math.min(Math.floor(position), stops.length - 2);
  return stops[below].map((from, channel) =>
    Math.round(from + (position - below) * (stops[below + 1][channel] - from)),
  );
};

/**
 * One PNG for each image, of the same size, as a data URI.
 * @param images [n, height, width, 1]; for `brightness` also [n, height, width, 3], red, green and blue
 */
export function pictures(images: Images, colors: Colors): string[] {
  const [n, height, width] = images.shape;
  const size = imageSize(images);
  return Array.from({ length: n }, (_, image) => {
    const values = Array.from(images.data.subarray(image * size, (image + 1) * size));
    return pngDataUri(Uint8Array.from(values.flatMap((value) => [...colors(value)])), width, height);
  });
}

/** The colours of `diverging` from left to right, as a PNG. */
export function differenceScale(): string {
  const width = 256;
  const row = Array.from({ length: width }, (_, x) => diverging(((2 * x) / (width - 1) - 1) * largestDifference));
  return pngDataUri(Uint8Array.from(row.flat()), width, 1);
}
