// An image as a PNG: as it is, or as differences in colours that colour-blind readers can distinguish.
import { type Images, imageSize } from "../data/images";
import { type Colors, diverging, largestDifference } from "./diverging";
import { pngDataUri } from "./png";

/** [0, 1] from black to white; values outside are drawn as the nearer end. Of a colour picture: each channel. */
export const brightness: Colors = (value) => [Math.round(255 * Math.min(1, Math.max(0, value)))];

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
