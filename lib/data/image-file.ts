// What a picture file holds, and a sentence for each file that cannot be read. Decoding is sharp's (libvips).
import fs from "node:fs";
import path from "node:path";
import sharp, { type Metadata, type Sharp } from "sharp";

// Otherwise libvips answers from its memory where a file has changed since it was read.
sharp.cache(false);

export type ImageFormat = "png" | "jpeg" | "webp" | "tiff";

/** What a picture file holds. */
export interface ImageInfo {
  readonly format: ImageFormat;
  /** As the pixels are stored: for a camera held upright, height and width may be exchanged. */
  readonly height: number;
  readonly width: number;
  /** 1: grey. 3: red, green, blue. Palettes and CMYK become colour. Alpha is not counted. */
  readonly channels: 1 | 3;
  /** Bits of each value: 8 for all that hold fewer. */
  readonly bitDepth: 8 | 16;
  readonly alpha: boolean;
  /** EXIF's number from 1 to 8: how the stored pixels are to be turned. */
  readonly orientation: number;
  /** Pixels an inch, where the file says so. */
  readonly density?: number;
  /** Whether the file holds CMYK, which becomes sRGB. */
  readonly cmyk: boolean;
  /** Whether the file, a WebP, was compressed without loss. */
  readonly lossless: boolean;
}

/** A file's path, or its bytes. */
export type FileOrBytes = string | Buffer;

const readable = "PNG, JPEG, WebP and TIFF can";
const formats: Record<string, ImageFormat> = { png: "png", jpeg: "jpeg", webp: "webp", tiff: "tiff" };

/** A path in a message: in quotes and in one line where it holds line breaks or other control characters. */
export function shownPath(file: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  return /[\u0000-\u001f\u007f]/.test(file) ? JSON.stringify(file) : file;
}

export const nameOf = (source: FileOrBytes): string => (typeof source === "string" ? shownPath(source) : "the picture");

const causes: Record<string, string> = {
  ENOENT: ": there is no such file",
  ENOTDIR: ": a part of its path is a file, not a folder",
  EISDIR: " is a folder, not a picture",
  ELOOP: ": its symbolic links lead in a circle",
  ENAMETOOLONG: ": the name is too long",
  EACCES: ": permission denied; you may not read it",
  EPERM: ": permission denied; you may not read it",
};

/** Channels without alpha, by libvips' names of colour spaces. */
const colorsOf: Partial<Record<string, number>> = { "b-w": 1, grey16: 1, srgb: 3, rgb: 3, rgb16: 3, cmyk: 4 };

/** How much of a file's beginning is looked at here: what stands before the pixels. */
const headSize = 1 << 20;

/** @throws {Error} that says in a sentence why a file cannot be read */
export const checkReadable = (file: string): Promise<void> => opening(file, async () => {});

/**
 * Runs what opens a picture file.
 * @throws {Error} that says in a sentence why it cannot be read
 */
async function opening<T>(file: string, open: (handle: fs.promises.FileHandle) => Promise<T>): Promise<T> {
  let handle: fs.promises.FileHandle | undefined;
  try {
    const stat = await fs.promises.stat(file); // before it is opened: opening a pipe waits for its other end
    if (stat.isDirectory()) throw new Error(`${shownPath(file)} is a folder, not a picture`);
    if (!stat.isFile()) throw new Error(`${shownPath(file)} is not an ordinary file`);
    handle = await fs.promises.open(file);
    return await open(handle);
  } catch (error) {
    const cause = causes[(error as NodeJS.ErrnoException).code ?? ""];
    throw cause ? new Error(shownPath(file) + cause, { cause: error }) : error;
  } finally {
    await handle?.close();
  }
}

/**
 * The bytes of a picture file.
 * @throws {Error} that says in a sentence why it cannot be read
 */
export const readPictureFile = (file: string): Promise<Buffer> => opening(file, (handle) => handle.readFile());

const headOf = (source: FileOrBytes): Promise<Buffer> =>
  typeof source !== "string"
    ? Promise.resolve(source)
    : opening(source, async (handle) => {
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(headSize), 0, headSize, 0);
        return buffer.subarray(0, bytesRead);
      });

/**
 * Reads what stands before the pixels.
 * @param name of the file, for messages
 * @throws {Error} that says in a sentence why it cannot be read
 */
export async function inspect(source: FileOrBytes, name = nameOf(source)): Promise<ImageInfo> {
  const head = await headOf(source);
  if (head.length === 0) throw new Error(`${name} is empty (0 bytes)`);
  let metadata: Metadata;
  try {
    metadata = await sharp(source, { limitInputPixels: false }).metadata();
  } catch (error) {
    throw undecodable(error, name);
  }
  const format = formats[metadata.format];
  if (!format)
    throw new Error(`${name} has the format ${metadata.format.toUpperCase()}: convert it to PNG, JPEG, WebP or TIFF`);
  const frames = format === "png" ? framesOfPng(head) : (metadata.pages ?? 1);
  if (frames > 1) throw new Error(`${name} holds ${frames} pictures: only files that hold one can be read`);
  checkDepth(metadata, name);
  const { space, hasAlpha = false, channels } = metadata;
  const colors = colorsOf[space];
  if (!colors)
    throw new Error(
      `${name} has colours of the space ${space}: open it in another program and convert it to RGB or grey`,
    );
  if (channels !== colors + Number(hasAlpha))
    throw new Error(`${name} is neither grey nor colour: it has ${channels} channels`);
  return {
    format,
    height: metadata.height,
    width: metadata.width,
    channels: colors === 1 ? 1 : 3,
    bitDepth: space === "rgb16" || space === "grey16" ? 16 : 8,
    alpha: hasAlpha,
    orientation: metadata.orientation ?? 1,
    density: metadata.density,
    cmyk: space === "cmyk",
    lossless: format === "webp" && isLosslessWebp(head),
  };
}

function checkDepth({ depth, bitsPerSample = 0 }: Metadata, name: string): void {
  if (depth === "uchar" || depth === "ushort") return;
  const numbers =
    depth === "float" || depth === "double"
      ? "floating-point numbers"
      : `${depth === "uint" ? "" : "signed "}${bitsPerSample || 32}-bit numbers`;
  throw new Error(`${name} holds ${numbers}: open it in another program and save it with 8 or 16 bit`);
}

/** Animated PNG files say in a chunk acTL, before the pixels, how many pictures they hold; libvips reads the first one. */
function framesOfPng(head: Buffer): number {
  for (let at = 8; at + 12 <= head.length; at += 12 + head.readUInt32BE(at)) {
    const kind = head.toString("latin1", at + 4, at + 8);
    if (kind === "acTL") return head.readUInt32BE(at + 8);
    if (kind === "IDAT") break;
  }
  return 1;
}

/** The pixels of a WebP are in a chunk VP8L, compressed without loss, or VP8. */
function isLosslessWebp(head: Buffer): boolean {
  for (let at = 12; at + 8 <= head.length; ) {
    const kind = head.toString("latin1", at, at + 4);
    if (kind === "VP8L" || kind === "VP8 ") return kind === "VP8L";
    const size = head.readUInt32LE(at + 4);
    at += 8 + size + (size % 2);
  }
  return false;
}

/** libvips' name for grey or colour of a bit depth. */
export const colourSpace = ({ channels, bitDepth }: Pick<ImageInfo, "channels" | "bitDepth">) =>
  ({ 1: { 8: "b-w", 16: "grey16" }, 3: { 8: "srgb", 16: "rgb16" } })[channels][bitDepth];

/**
 * The pipeline that decodes colours as they are stored, alpha behind them: not turned, not converted by a profile.
 * Only CMYK is converted, to sRGB.
 */
export const decoder = (source: FileOrBytes, info: ImageInfo): Sharp =>
  sharp(source, { limitInputPixels: false, ignoreIcc: !info.cmyk }).toColourspace(colourSpace(info));

/** An error of sharp, as a sentence about the file. */
export function undecodable(error: unknown, name: string): Error {
  const message = error instanceof Error ? error.message : String(error);
  return /unsupported image format/i.test(message)
    ? new Error(`${name} is not a picture that can be read: ${readable}`, { cause: error })
    : new Error(
        `${name} is damaged, cut off or of a rare kind (${message.split("\n")[0].replace(/^Input (buffer|file) /, "it ")})`,
        { cause: error },
      );
}

const extensions: Record<string, ImageFormat> = {
  ".png": "png",
  ".jpg": "jpeg",
  ".jpeg": "jpeg",
  ".webp": "webp",
  ".tif": "tiff",
  ".tiff": "tiff",
};

/** Whether a file's name ends as those of pictures do. */
export const hasPictureName = (file: string): boolean => path.extname(file).toLowerCase() in extensions;

/**
 * The files in a folder and in the folders in it. Hidden ones are left out, and links are not followed.
 * @returns their paths relative to the folder, in order
 */
export function filesBelow(folder: string): string[] {
  return fs
    .readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(folder, path.join(entry.parentPath ?? entry.path, entry.name)))
    .filter((name) => !name.split(path.sep).some((part) => part.startsWith(".")))
    .sort();
}

/** @throws {RangeError} when the name's ending is none of a format that can be written */
export function formatOfName(file: string): ImageFormat {
  const extension = path.extname(file).toLowerCase();
  const format = extensions[extension];
  if (!format)
    throw new RangeError(
      `${shownPath(file)}: there is no format for the ending ${extension || "of this name"}: choose ${Object.keys(extensions).join(", ")}`,
    );
  return format;
}
