// Pixels, grey or coloured, as a PNG in a data URI.
import { pngBytes } from "../data/png";

/**
 * @param pixels width x height, row by row: one byte a pixel, 0 black to 255 white, or three: red, green and blue
 * @returns a data URI
 */
export const pngDataUri = (pixels: Uint8Array, width: number, height: number): string =>
  `data:image/png;base64,${pngBytes(pixels, width, height).toString("base64")}`;
