// Folders of pictures, split by file into training, validation and test sets. No picture is in two sets, whatever its
// names and formats are.
import { createHash } from "node:crypto";
import path from "node:path";
import { checkChoice, checkNumber } from "../checks";
import { Random } from "../random";
import { filesBelow, hasPictureName, inspect, nameOf, readPictureFile, shownPath } from "./image-file";
import type { Images } from "./images";
import { cut, decode, type Pixels, readPixels, toImages, wholeOf } from "./pixels";

/** A picture in a file. */
export interface PictureFile {
  /** Relative to the folder. */
  readonly name: string;
  readonly file: string;
  /** Upright. */
  readonly height: number;
  readonly width: number;
  /** Of memory, decoded. */
  readonly bytes: number;
  /** SHA-256 of the file. */
  readonly digest: string;
}

/** Pictures that stay in their files until they are needed. */
export interface PictureSet {
  /** In the order of their names. */
  readonly pictures: readonly PictureFile[];
  /** In which they are read: 1, grey; 3, colour. */
  readonly channels: 1 | 3;
}

export interface ImageFolder {
  readonly train: PictureSet;
  readonly validation: PictureSet;
  readonly test: PictureSet;
  /** Files that show the same as another one, pixel for pixel. They are in no set. */
  readonly copies: readonly { readonly name: string; readonly of: string }[];
  /** Files that are named like pictures and cannot be read, and why. */
  readonly unreadable: readonly { readonly name: string; readonly reason: string }[];
}

export interface ImageFolderOptions {
  /** 1: grey, by the weights of ITU-R BT.601; 3: colour. */
  readonly channels?: 1 | 3;
  /** Share of the pictures that is set aside for validation, at least one if it is not 0. */
  readonly validationShare?: number;
  /** Share of the pictures that is set aside for the test. 1: all of them, for folders that are a test set. */
  readonly testShare?: number;
  /** Chooses the pictures of each set. */
  readonly seed?: number;
  /** Called after each file that was looked at. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Finds the pictures of a folder and of the folders in it (PNG, JPEG, WebP, TIFF, by their names' endings), and splits them
 * by file. Each is decoded once, so that damaged ones and copies are found before the training; 1,000 photographs of 12
 * megapixels take about two minutes on two cores. Equal folders, options and seeds give equal sets.
 *
 * Copies are the same pixels in other files or formats. Pictures that were compressed or scaled anew are not recognized: do
 * not put them into one folder.
 * @throws {Error} when there is no such folder, or there are fewer different pictures in it than sets
 * @throws {RangeError} when an option is out of range
 * @example
 * ```ts
 * import { imageFolder, type Images, Random, writeImage } from "image-denoiser";
 * import fs from "node:fs";
 *
 * fs.mkdirSync("photos");
 * const random = new Random(42);
 * for (let i = 0; i < 10; i++) {
 *   const images: Images = { data: new Float32Array(48).map(() => random.uniform()), shape: [1, 4, 4, 3] };
 *   await writeImage(`photos/${i}.png`, images);
 * }
 * fs.copyFileSync("photos/3.png", "photos/the same.png");
 * const { train, validation, test, copies } = await imageFolder("photos", { channels: 1, seed: 42 });
 * [train.pictures.length, validation.pictures.length, test.pictures.length] // [ 8, 1, 1 ]
 * copies // [ { name: 'the same.png', of: '3.png' } ]
 * ```
 */
export async function imageFolder(
  folder: string,
  { channels = 3, validationShare = 0.1, testShare = 0.1, seed = 42, onProgress }: ImageFolderOptions = {},
): Promise<ImageFolder> {
  checkChoice("channels", channels, [1, 3]);
  checkNumber("validationShare", validationShare, { least: 0, most: 1 });
  checkNumber("testShare", testShare, { least: 0, most: 1 });
  if (validationShare + testShare > 1)
    throw new RangeError(
      `validationShare and testShare must add up to at most 1, not ${validationShare} and ${testShare}`,
    );
  const names = pictureNames(folder);
  const unreadable: ImageFolder["unreadable"][number][] = [];
  let done = 0;
  const looked = await inTurns(names, 4, async (name) => {
    try {
      return await look(path.join(folder, name), name, channels);
    } catch (error) {
      unreadable.push({ name, reason: error instanceof Error ? error.message : String(error) });
      return undefined;
    } finally {
      onProgress?.(++done, names.length);
    }
  });
  const { distinct, copies } = await withoutCopies(
    looked.flatMap((each) => each ?? []),
    channels,
  );
  unreadable.sort((a, b) => (a.name < b.name ? -1 : 1));

  const n = distinct.length;
  const share = (part: number) => (part === 0 ? 0 : Math.max(1, Math.round(part * n)));
  const [validation, test] = [share(validationShare), share(testShare)];
  const left = n - validation - test;
  if (n === 0 || left < 0 || (left === 0 && validationShare + testShare < 1))
    throw new Error(
      `${shownPath(folder)} holds ${n} different pictures that can be read, too few for its sets: ${names.length} files are named like pictures, ${unreadable.length} of them cannot be read, ${copies.length} are copies`,
    );
  const order = new Random(seed, "pictures of the sets").permutation(n);
  const pick = (from: number, to: number): PictureSet => ({
    pictures: [...order.subarray(from, to)].sort((a, b) => a - b).map((i) => distinct[i]),
    channels,
  });
  return {
    test: pick(0, test),
    validation: pick(test, test + validation),
    train: pick(test + validation, n),
    copies,
    unreadable,
  };
}

/**
 * Reads the pictures of a set, one after the other.
 * @returns each picture's name, and its values in [0, 1]: [1, height, width, channels]
 * @throws {Error} when a file can no longer be read
 * @example
 * ```ts no-run
 * import { imageFolder, readPictures } from "image-denoiser";
 *
 * const { test } = await imageFolder("photos", { channels: 1 });
 * for await (const { name, images } of readPictures(test)) console.log(name, images.shape);
 * ```
 */
export async function* readPictures({
  pictures,
  channels,
}: PictureSet): AsyncGenerator<{ readonly name: string; readonly file: string; readonly images: Images }> {
  for (const { name, file } of pictures) yield { name, file, images: toImages(await readPixels(file), channels) };
}

/** @returns relative paths in order, of all files whose names end as those of pictures do; hidden ones are left out */
function pictureNames(folder: string): string[] {
  try {
    return filesBelow(folder).filter(hasPictureName);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new Error(`${shownPath(folder)}: there is no such folder`, { cause: error });
    if (code === "ENOTDIR") throw new Error(`${shownPath(folder)} is a file, not a folder`, { cause: error });
    throw error;
  }
}

interface Looked extends PictureFile {
  readonly fingerprint: string;
}

async function look(file: string, name: string, channels: 1 | 3): Promise<Looked> {
  const content = await readPictureFile(file);
  const pixels = await decode(content, await inspect(content, nameOf(file)), nameOf(file));
  const { height, width } = wholeOf(pixels);
  const digest = createHash("sha256").update(content).digest("hex");
  const bytes = pixels.values.byteLength;
  return { name, file, height, width, bytes, digest, fingerprint: fingerprint(pixels, channels) };
}

/** Of some hundred pixels, spread over the picture: pictures with different ones are not the same. */
function fingerprint(pixels: Pixels, channels: 1 | 3): string {
  const { height, width } = wholeOf(pixels);
  const data = new Float32Array(channels);
  const hash = createHash("sha256").update(`${height} x ${width}`);
  const step = (size: number) => Math.max(1, Math.floor(size / 24));
  for (let top = 0; top < height; top += step(height))
    for (let left = 0; left < width; left += step(width)) {
      cut(pixels, { top, left, height: 1, width: 1 }, { channels, data });
      hash.update(data);
    }
  return hash.digest("hex");
}

/** Where fingerprints are equal, all pixels are compared, by their digest. The first file of a picture stays. */
async function withoutCopies(looked: readonly Looked[], channels: 1 | 3) {
  const same = new Map<string, number>();
  for (const { fingerprint } of looked) same.set(fingerprint, (same.get(fingerprint) ?? 0) + 1);
  const first = new Map<string, string>();
  const distinct: PictureFile[] = [];
  const copies: ImageFolder["copies"][number][] = [];
  for (const { fingerprint, ...picture } of looked) {
    let key = fingerprint;
    if ((same.get(fingerprint) ?? 0) > 1) {
      const { data } = toImages(await readPixels(picture.file), channels);
      key = createHash("sha256").update(fingerprint).update(data).digest("hex");
    }
    const of = first.get(key);
    if (of !== undefined) copies.push({ name: picture.name, of });
    else {
      first.set(key, picture.name);
      distinct.push(picture);
    }
  }
  return { distinct, copies };
}

/** Does the work for each item, a few at once. @returns the results in the items' order */
async function inTurns<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i]);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}
