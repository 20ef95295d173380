// Decoded pictures as training holds them: the values that the file stores, of which rectangles are cut as images.
import { decoder, type ImageInfo, inspect, nameOf, readPictureFile, undecodable } from "./image-file";
import type { Images } from "./images";
import type { Region } from "./pixel-file";
import { orientations, type PixelView, turned } from "./symmetry";

export interface Pixels {
  /** Row by row, as stored. */
  readonly values: Uint8Array | Uint16Array;
  /** Values of a pixel: colours, and alpha if there is one. */
  readonly bands: number;
  readonly info: ImageInfo;
  /** The upright picture. */
  readonly view: PixelView;
}

/** The values as they are stored, alpha included. @throws {Error} when the picture is damaged or cut off */
export async function decode(content: Buffer, info: ImageInfo, name: string): Promise<Pixels> {
  const { height, width, bitDepth } = info;
  try {
    const bytes = await decoder(content, info)
      .raw({ depth: bitDepth === 16 ? "ushort" : "uchar" })
      .toBuffer();
    const values = bitDepth === 16 ? toUint16(bytes) : bytes;
    return {
      values,
      bands: values.length / (height * width), // sharp leaves out the alpha of grey pictures with 8 bit
      info,
      view: turned({ start: 0, stepY: width, stepX: 1, height, width }, orientations[info.orientation]),
    };
  } catch (error) {
    throw undecodable(error, name);
  }
}

const toUint16 = (bytes: Buffer): Uint16Array =>
  bytes.byteOffset % 2 === 0
    ? new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2)
    : new Uint16Array(new Uint8Array(bytes).buffer);

/** @throws {Error} that says in a sentence why the file cannot be read */
export async function readPixels(file: string): Promise<Pixels> {
  const content = await readPictureFile(file);
  return decode(content, await inspect(content, nameOf(file)), nameOf(file));
}

/** Pixels of the upright picture. */
export const wholeOf = ({ view: { height, width } }: Pixels): Region => ({ top: 0, left: 0, height, width });

/**
 * Copies a rectangle of the upright picture, turned by a symmetry, with values in [0, 1]. Grey becomes colour with three
 * equal values; colour becomes grey by the weights of ITU-R BT.601 (0.299, 0.587, 0.114), rounded to the picture's bit
 * depth, as in Pillow, OpenCV and MATLAB.
 * @param data receives height * width * channels values from `at` on
 */
export function cut(
  { values, bands, info, view }: Pixels,
  { top, left, height, width }: Region,
  { channels, symmetry = 0, data, at = 0 }: { channels: 1 | 3; symmetry?: number; data: Float32Array; at?: number },
): void {
  const part = { ...view, start: view.start + top * view.stepY + left * view.stepX, height, width };
  const { start, stepY, stepX, height: rows, width: columns } = turned(part, symmetry);
  const quotient = info.bitDepth === 16 ? sixteenBit : eightBit;
  const [green, blue] = info.channels === 3 ? [1, 2] : [0, 0];
  let to = at;
  for (let y = 0; y < rows; y++) {
    let from = bands * (start + y * stepY);
    if (channels === 3)
      for (let x = 0; x < columns; x++, from += bands * stepX) {
        data[to++] = quotient[values[from]];
        data[to++] = quotient[values[from + green]];
        data[to++] = quotient[values[from + blue]];
      }
    else if (info.channels === 1)
      for (let x = 0; x < columns; x++, from += bands * stepX) data[to++] = quotient[values[from]];
    else
      for (let x = 0; x < columns; x++, from += bands * stepX)
        data[to++] = quotient[luma(values[from], values[from + 1], values[from + 2])];
  }
}

/** Each value, divided by the largest. */
const quotients = (most: number) => new Float32Array(most + 1).map((_, value) => value / most);
const [eightBit, sixteenBit] = [quotients(255), quotients(65535)];

/** The weights in units of 1 / 65536, as Pillow has them. */
const luma = (red: number, green: number, blue: number): number =>
  Math.floor((19595 * red + 38470 * green + 7471 * blue + 32768) / 65536);

/** The upright picture. */
export function toImages(pixels: Pixels, channels: 1 | 3): Images {
  const region = wholeOf(pixels);
  const data = new Float32Array(region.height * region.width * channels);
  cut(pixels, region, { channels, data });
  return { data, shape: [1, region.height, region.width, channels] };
}
