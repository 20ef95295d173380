// Whole pictures from files and to files.
import sharp from "sharp";
import { checkFinite, checkImages } from "../checks";
import { type FileOrBytes, formatOfName, type ImageInfo, inspect, nameOf, readPictureFile } from "./image-file";
import type { Images } from "./images";
import { checkCanHold, encoder, openImage, save } from "./large-image";
import { fromUnitRange } from "./pixel-file";
import { decode, toImages } from "./pixels";
import { inverseOf, orientations, transform } from "./symmetry";

/** One picture from a file, upright: [1, height, width, channels], grey or colour, values in [0, 1], without alpha. */
export interface Picture extends Images, Omit<ImageInfo, "height" | "width"> {
  /** The file's bytes: `writeImage` takes from them what is not in the values. */
  readonly source: Buffer;
}

/** More pixels than these are not held in memory as numbers. */
const mostPixels = 2 ** 28;

/**
 * Reads a picture: PNG, JPEG, WebP or TIFF, grey or colour, 8 or 16 bit. Values are those that the file stores, divided by
 * 255 or 65,535; a colour profile does not change them. A picture that a camera has stored lying on its side is turned
 * upright. Palettes become colour, CMYK is converted to sRGB by its profile, alpha is left out.
 * @param source a file, or its bytes
 * @throws {Error} when there is no such file, it may not be read, it is empty, damaged or cut off, holds several pictures,
 *   or is of another kind; the message says which
 * @throws {RangeError} when the picture has more than 268 million pixels: use `openImage`
 * @example
 * ```ts
 * import { type Images, readImage, writeImage } from "image-denoiser";
 *
 * const gradient: Images = { data: Float32Array.of(0, 0.2, 0.4, 0.6, 0.8, 1), shape: [1, 2, 3, 1] };
 * await writeImage("gradient.png", gradient);
 * const picture = await readImage("gradient.png");
 * [picture.shape, picture.format, picture.bitDepth] // [ [ 1, 2, 3, 1 ], 'png', 8 ]
 * picture.data[2] // 0.4
 * ```
 */
export async function readImage(source: FileOrBytes): Promise<Picture> {
  const name = nameOf(source);
  const content = typeof source === "string" ? await readPictureFile(source) : source;
  const { height, width, ...info } = await inspect(content, name);
  if (height * width > mostPixels)
    throw new RangeError(`${name} has ${width} x ${height} pixels, too many to hold in memory: read it with openImage`);
  const pixels = await decode(content, { ...info, height, width }, name);
  return { ...info, ...toImages(pixels, info.channels), source: content };
}

export interface WriteImageOptions {
  /**
   * The picture that the images were made from. Its bit depth, alpha channel, colour profile, orientation, resolution and
   * other metadata are kept, as far as the format can hold them. Without it, 8 bit and nothing else are written.
   */
  readonly like?: Picture;
}

/**
 * Writes one image to a file. The file appears, or is replaced, in the moment when it is complete.
 *
 * JPEG and WebP are written with quality 95, JPEG with its colours in full resolution (4:4:4). PNG and TIFF lose nothing;
 * neither does WebP, if `like` is a WebP without loss. JPEG and WebP hold 8 bit. A palette becomes full colour, CMYK
 * becomes sRGB.
 * @param file its ending says which format: .png, .jpg, .jpeg, .webp, .tif or .tiff
 * @param images [1, height, width, 1 or 3]; values are clipped to [0, 1]
 * @throws {RangeError} when there are several images, the values are not all finite, `like` has another shape, or the
 *   format cannot hold the picture: no alpha channel in JPEG, at most 16,383 pixels a side in WebP, 65,535 in JPEG
 * @throws {Error} when the file cannot be written
 * @example
 * ```ts no-run
 * import { denoise, loadModel, readImage, writeImage } from "image-denoiser";
 *
 * const noisy = await readImage("photo.jpg");
 * await writeImage("clean.jpg", denoise(await loadModel("models/photos"), noisy), { like: noisy });
 * ```
 */
export async function writeImage(file: string, images: Images, { like }: WriteImageOptions = {}): Promise<void> {
  const format = formatOfName(file);
  checkImages(images);
  const [n, height, width, channels] = images.shape;
  if (n !== 1) throw new RangeError(`a file takes one image at a time, not ${n}`);
  if (channels !== 1 && channels !== 3)
    throw new RangeError(`images must have 1 channel (grey) or 3 (colour), not ${channels}`);
  checkFinite(images);
  if (like) return writeLike(file, images, like);
  checkCanHold(file, format, { height, width, alpha: false });
  const bytes = new Uint8Array(images.data.length);
  fromUnitRange(images.data, channels, bytes);
  const pixels = sharp(bytes, { raw: { height, width, channels }, limitInputPixels: false });
  await save(file, encoder(pixels.toColourspace(channels === 1 ? "b-w" : "srgb"), format));
}

async function writeLike(file: string, images: Images, like: Picture): Promise<void> {
  const shown = ({ shape: [, height, width, channels] }: Images) =>
    `${width} x ${height} pixels with ${channels} channel${channels === 1 ? "" : "s"}`;
  if (shown(images) !== shown(like))
    throw new RangeError(
      `images of ${shown(images)} cannot replace those of the picture that it is like: ${shown(like)}`,
    );
  const original = await openImage(like.source);
  try {
    const writer = original.writer(file);
    const stored = transform(images, inverseOf(orientations[like.orientation]));
    writer.writeRegion({ top: 0, left: 0, height: original.height, width: original.width }, stored);
    await writer.finish();
  } finally {
    original.close();
  }
}
