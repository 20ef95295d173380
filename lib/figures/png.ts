// Grey pixels as a PNG that fits into a figure or a page.
import { PNG } from "pngjs";

/** @param pixels width x height bytes, row by row, 0 black to 255 white */
export function pngDataUri(pixels: Uint8Array, width: number, height: number): string {
  const image = new PNG({ width, height });
  const grey = { colorType: 0, inputColorType: 0, inputHasAlpha: false, bitDepth: 8 } as const;
  image.data = Buffer.from(pixels);
  return `data:image/png;base64,${PNG.sync.write(image, grey).toString("base64")}`;
}
