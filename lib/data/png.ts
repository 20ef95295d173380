// Pixels, grey or coloured, as the bytes of a PNG file.
import { PNG } from "pngjs";

/** @param pixels width x height, row by row: one byte a pixel, 0 black to 255 white, or three: red, green and blue */
export function pngBytes(pixels: Uint8Array, width: number, height: number): Buffer {
  const image = new PNG({ width, height });
  const colorType = pixels.length === 3 * width * height ? 2 : 0;
  image.data = Buffer.from(pixels);
  // few colours are smaller without a filter
  const compression = { bitDepth: 8, deflateLevel: 9, filterType: colorType === 2 ? 0 : -1 } as const;
  return PNG.sync.write(image, { colorType, inputColorType: colorType, inputHasAlpha: false, ...compression });
}
