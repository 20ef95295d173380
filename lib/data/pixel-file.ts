// A picture, decoded into a temporary file, whose pixels can be read and written in rectangles. The file has libvips' own
// format: 64 bytes, the values row by row, then everything else that the picture's file held (profile, EXIF, XMP,
// resolution), so that what is written from it keeps that.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { checkImages, checkNumber } from "../checks";
import { decoder, type FileOrBytes, type ImageInfo, nameOf, undecodable } from "./image-file";
import type { Images } from "./images";

/** A rectangle of pixels. */
export interface Region {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

const headerSize = 64;

/** Removed when the process exits, if not before. */
const folders = new Set<string>();
process.on("exit", () => {
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
});

export class PixelFile {
  private readonly descriptor: number;
  private readonly bands: number;
  private readonly bytes: number;

  constructor(
    private readonly folder: string,
    readonly info: ImageInfo,
  ) {
    this.bands = info.channels + Number(info.alpha);
    this.bytes = info.bitDepth / 8;
    this.descriptor = fs.openSync(this.file, "r+");
    const header = new Int32Array(4);
    fs.readSync(this.descriptor, header, 0, header.byteLength, 0);
    const [, width, height, bands] = header;
    if (width !== info.width || height !== info.height || bands !== this.bands)
      throw new Error(
        `libvips decoded ${width} x ${height} x ${bands}, not ${info.width} x ${info.height} x ${this.bands}`,
      );
  }

  get file(): string {
    return path.join(this.folder, "pixels.v");
  }

  /** @returns [1, region.height, region.width, channels] in [0, 1], without alpha */
  read(region: Region): Images {
    this.check(region);
    const { channels } = this.info;
    const data = new Float32Array(region.height * region.width * channels);
    const row = this.newRow(region.width);
    for (let y = 0, at = 0; y < region.height; y++, at += region.width * channels) {
      fs.readSync(this.descriptor, row, 0, row.byteLength, this.position(region, y));
      toUnitRange(row, this.bands, channels, data.subarray(at, at + region.width * channels));
    }
    return { data, shape: [1, region.height, region.width, channels] };
  }

  /** Replaces colours and leaves alpha alone. Values are clipped to [0, 1] and rounded. */
  write(region: Region, images: Images): void {
    this.check(region);
    checkImages(images);
    const { channels } = this.info;
    const wanted = [1, region.height, region.width, channels];
    if (images.shape.some((size, axis) => size !== wanted[axis]))
      throw new RangeError(`a region [${wanted.join(", ")}] cannot take images [${images.shape.join(", ")}]`);
    const row = this.newRow(region.width);
    for (let y = 0, at = 0; y < region.height; y++, at += region.width * channels) {
      if (this.info.alpha) fs.readSync(this.descriptor, row, 0, row.byteLength, this.position(region, y));
      fromUnitRange(images.data.subarray(at, at + region.width * channels), channels, row, this.bands);
      fs.writeSync(this.descriptor, row, 0, row.byteLength, this.position(region, y));
    }
  }

  copy(): PixelFile {
    requireSpace(fs.fstatSync(this.descriptor).size);
    const folder = newFolder();
    fs.copyFileSync(this.file, path.join(folder, "pixels.v"));
    return new PixelFile(folder, this.info);
  }

  close(): void {
    fs.closeSync(this.descriptor);
    remove(this.folder);
  }

  private newRow(width: number): Uint8Array | Uint16Array {
    return this.bytes === 2 ? new Uint16Array(width * this.bands) : new Uint8Array(width * this.bands);
  }

  private position({ top, left }: Region, y: number): number {
    return headerSize + ((top + y) * this.info.width + left) * this.bands * this.bytes;
  }

  private check({ top, left, height, width }: Region): void {
    checkNumber("region.top", top, { least: 0, most: this.info.height - 1, whole: true });
    checkNumber("region.left", left, { least: 0, most: this.info.width - 1, whole: true });
    checkNumber("region.height", height, { least: 1, most: this.info.height - top, whole: true });
    checkNumber("region.width", width, { least: 1, most: this.info.width - left, whole: true });
  }
}

/**
 * Decodes a picture into a pixel file.
 * @throws {Error} when it is damaged, or the disk has too little space
 */
export async function unpack(source: FileOrBytes, info: ImageInfo, name = nameOf(source)): Promise<PixelFile> {
  requireSpace((info.width * info.height * (info.channels + Number(info.alpha)) * info.bitDepth) / 8);
  const folder = newFolder();
  try {
    const pixels = decoder(source, info);
    const kept = info.cmyk ? pixels.keepExif().keepXmp().withIccProfile("srgb") : pixels.keepMetadata();
    await kept.toFile(path.join(folder, "pixels.v"));
    return new PixelFile(folder, info);
  } catch (error) {
    remove(folder);
    throw undecodable(error, name);
  }
}

function requireSpace(needed: number): void {
  const { bavail, bsize } = fs.statfsSync(os.tmpdir());
  const megabytes = (bytes: number) => `${Math.ceil(bytes / 1e6)} MB`;
  if (bavail * bsize < needed + 1e6)
    throw new Error(
      `the decoded picture needs ${megabytes(needed)} in ${os.tmpdir()}, where ${megabytes(bavail * bsize)} are free: make room, or set TMPDIR to a folder on another disk`,
    );
}

function newFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "image-denoiser-"));
  folders.add(folder);
  return folder;
}

function remove(folder: string): void {
  fs.rmSync(folder, { recursive: true, force: true });
  folders.delete(folder);
}

/** Bytes or 16-bit values to [0, 1]; of each pixel's bands only the first ones, its colours. */
function toUnitRange(values: Uint8Array | Uint16Array, bands: number, channels: number, data: Float32Array): void {
  const most = values instanceof Uint16Array ? 65535 : 255;
  for (let from = 0, to = 0; from < values.length; from += bands)
    for (let channel = 0; channel < channels; channel++) data[to++] = values[from + channel] / most;
}

/** The reverse: the nearest bytes or 16-bit values. */
export function fromUnitRange(
  data: Float32Array,
  channels: number,
  values: Uint8Array | Uint16Array,
  bands = channels,
): void {
  const most = values instanceof Uint16Array ? 65535 : 255;
  for (let to = 0, from = 0; to < values.length; to += bands)
    for (let channel = 0; channel < channels; channel++)
      values[to + channel] = Math.min(most, Math.max(0, Math.round(data[from++] * most)));
}
