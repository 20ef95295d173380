// Picture files that Pillow and tifffile wrote, with the values that they find in them (golden/images.py).
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after } from "node:test";
import { floats } from "../golden";

interface Saved {
  readonly name: string;
  readonly file: string;
}

export interface PictureCase extends Saved {
  readonly shape: [number, number, number, number];
  readonly data: string;
  readonly bitDepth: 8 | 16;
  readonly alpha: string | null;
  readonly orientation?: number;
  readonly density?: number;
  readonly profile?: string;
}

const content = JSON.parse(fs.readFileSync(path.join(__dirname, "..", "golden", "images.json"), "utf8"));
export const cases = content.cases as PictureCase[];
export const refused = content.refused as Saved[];
export const cmyk = Buffer.from(content.cmyk as string, "base64");

export const bytesOf = ({ file }: Saved): Buffer => Buffer.from(file, "base64");
export const named = (name: string): Buffer => {
  const found = [...cases, ...refused].find((saved) => saved.name === name);
  if (!found) throw new Error(`images.json has no ${name}`);
  return bytesOf(found);
};

/** JPEG and lossy WebP: decoders may round differently by one or two steps. */
export const isLossy = ({ name }: Saved): boolean => name.endsWith(".jpg") || name === "colour.webp";

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
  return largest;
}

export const expected = (saved: PictureCase): Float32Array => floats(saved.data);

/** A folder that is removed after the tests. */
export function temporaryFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "pictures "));
  after(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}
