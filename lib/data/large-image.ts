// Pictures that are too large to be in memory as numbers: read and written in regions.
import fs from "node:fs";
import path from "node:path";
import sharp, { type Sharp } from "sharp";
import {
  colourSpace,
  type FileOrBytes,
  formatOfName,
  type ImageFormat,
  type ImageInfo,
  inspect,
  shownPath,
} from "./image-file";
import type { Images } from "./images";
import { type PixelFile, type Region, unpack } from "./pixel-file";

/** A picture that is read in regions. Its pixels are as they are stored, whatever its orientation is. */
export interface OpenImage extends ImageInfo {
  /**
   * @returns [1, region.height, region.width, channels], values in [0, 1], without alpha
   * @throws {RangeError} when the region is not within the picture
   */
  readRegion(region: Region): Images;
  /**
   * Begins another file: this picture with other colours. All else is kept as by `writeImage`.
   * @param file whose ending says which format: .png, .jpg, .jpeg, .webp, .tif, .tiff
   */
  writer(file: string): ImageWriter;
  /** Removes the decoded pixels. */
  close(): void;
}

/** Writes a picture in regions. What is not written stays as in the picture that it was made from. */
export interface ImageWriter {
  /**
   * @param images [1, region.height, region.width, channels]; values are clipped to [0, 1]
   * @throws {RangeError} when the region is not within the picture, or the images have another shape
   */
  writeRegion(region: Region, images: Images): void;
  /** Encodes the picture; the file appears, or is replaced, in the moment when it is complete. */
  finish(): Promise<void>;
  /** Leaves the file as it was. */
  discard(): void;
}

/**
 * Opens a picture of any size, to read it in regions. It is decoded once, into a temporary file, which is deleted by
 * `close`, or when the process exits: 288 MB for 12,000 x 8,000 pixels in colour with 8 bit.
 * @param source a file, or its bytes: PNG, JPEG, WebP or TIFF
 * @throws {Error} that says why the file cannot be read, as of `readImage`
 * @example
 * ```ts
 * import { openImage, type Images, writeImage } from "image-denoiser";
 *
 * const ramp: Images = { data: Float32Array.of(0, 0.2, 0.4, 0.6, 0.8, 1), shape: [1, 2, 3, 1] };
 * await writeImage("ramp.png", ramp);
 * const picture = await openImage("ramp.png");
 * const writer = picture.writer("brighter.png");
 * for (let top = 0; top < picture.height; top++) {
 *   const region = { top, left: 0, height: 1, width: picture.width };
 *   const { data, shape } = picture.readRegion(region);
 *   writer.writeRegion(region, { data: data.map(Math.sqrt), shape });
 * }
 * await writer.finish();
 * picture.close();
 * ```
 */
export async function openImage(source: FileOrBytes): Promise<OpenImage> {
  const info = await inspect(source);
  const pixels = await unpack(source, info);
  return {
    ...info,
    readRegion: (region) => pixels.read(region),
    writer: (file) => imageWriter(file, pixels),
    close: () => pixels.close(),
  };
}

function imageWriter(file: string, original: PixelFile): ImageWriter {
  const { info } = original;
  const format = formatOfName(file);
  checkCanHold(file, format, info);
  const pixels = original.copy();
  return {
    writeRegion: (region, images) => pixels.write(region, images),
    async finish() {
      try {
        const colours = sharp(pixels.file, { ignoreIcc: true, limitInputPixels: false });
        await save(file, encoder(colours.keepMetadata().toColourspace(colourSpace(info)), format, info));
      } finally {
        pixels.close();
      }
    },
    discard: () => pixels.close(),
  };
}

/** The largest side in pixels, where that is less than what libvips can hold. */
const largest: Partial<Record<ImageFormat, readonly [name: string, side: number]>> = {
  jpeg: ["JPEG", 65535],
  webp: ["WebP", 16383],
};

/** @throws {RangeError} when the format cannot hold the picture, or there is no folder for the file */
export function checkCanHold(
  file: string,
  format: ImageFormat,
  { height, width, alpha }: Pick<ImageInfo, "height" | "width" | "alpha">,
): void {
  const [name, side] = largest[format] ?? ["", Number.POSITIVE_INFINITY];
  if (Math.max(height, width) > side)
    throw new RangeError(
      `${shownPath(file)}: ${name} holds at most ${side} pixels a side, not ${width} x ${height}: write PNG or TIFF`,
    );
  if (alpha && format === "jpeg")
    throw new RangeError(`${shownPath(file)}: JPEG holds no alpha channel: write PNG, WebP or TIFF`);
  if (!fs.existsSync(path.dirname(file)))
    throw new Error(`${shownPath(file)} cannot be written: there is no folder ${shownPath(path.dirname(file))}`);
}

/**
 * JPEG and WebP lose little: quality 95, JPEG with its colours in full resolution. PNG and TIFF lose nothing, nor does
 * WebP where the picture came from a WebP that was compressed without loss. Optimized Huffman codes would make JPEG a tenth
 * smaller, and need a gigabyte of memory for 12,000 x 8,000 pixels.
 */
export function encoder(
  pixels: Sharp,
  format: ImageFormat,
  { lossless, density }: Partial<Pick<ImageInfo, "lossless" | "density">> = {},
): Sharp {
  if (format === "jpeg") return pixels.jpeg({ quality: 95, chromaSubsampling: "4:4:4", optimiseCoding: false });
  if (format === "webp") return pixels.webp(lossless ? { lossless, exact: true } : { quality: 95, exact: true });
  if (format === "tiff") {
    const resolution = density ? { xres: density / 25.4, yres: density / 25.4 } : {}; // pixels a millimetre
    return pixels.tiff({ compression: "deflate", predictor: "horizontal", resolutionUnit: "inch", ...resolution });
  }
  return pixels.png();
}

/** Writes another file beside it, and renames it when it is complete. */
export async function save(file: string, encoded: Sharp): Promise<void> {
  const unfinished = path.join(path.dirname(file), `.${process.pid}-${Date.now()}.part`);
  try {
    await encoded.toFile(unfinished);
    const handle = await fs.promises.open(unfinished, "r+");
    await handle.sync();
    await handle.close();
    await fs.promises.rename(unfinished, file);
  } catch (error) {
    await fs.promises.rm(unfinished, { force: true });
    throw new Error(`${shownPath(file)} could not be written (${error instanceof Error ? error.message : error})`, {
      cause: error,
    });
  }
}
