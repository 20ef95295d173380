// The first test images of a run, kept beside its results as one small PNG, so that runs can be compared by eye: the
// originals in the first row, their noisy versions below, what the model made of them below these.
import fs from "node:fs";
import path from "node:path";
import { PNG } from "pngjs";
import writeFileAtomic from "write-file-atomic";
import { type Images, sliceImages } from "../data/images";
import { pngBytes } from "../data/png";
import type { Run } from "./runs";

/** Images of one shape, [n, height, width, 1 or 3], values in [0, 1]. */
export interface ExampleImages {
  readonly clean: Images;
  readonly noisy: Images;
  readonly denoised: Images;
}

/** How many are kept of test images, if there are so many. */
export const exampleCount = 10;

const fileOf = (folder: string, notebook: string) => path.join(folder, "results", `${notebook}-examples.png`);

/**
 * Values are rounded to 8 bit.
 * @param folder of the run
 * @param images at most `exampleCount`
 */
export function writeExamples(folder: string, notebook: string, { clean, noisy, denoised }: ExampleImages): void {
  const [n, height, width, channels] = clean.shape;
  const pixels = new Uint8Array(3 * n * height * width * channels);
  for (const [row, { data }] of [clean, noisy, denoised].entries())
    for (let i = 0; i < data.length; i++)
      pixels[placeOf(i, row, clean.shape)] = Math.round(255 * Math.min(1, Math.max(0, data[i])));
  const file = fileOf(folder, notebook);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  writeFileAtomic.sync(file, pngBytes(pixels, n * width, 3 * height));
}

/** @returns undefined when they were not kept: by older versions, and of photographs */
export function readExamples({ folder, notebook, results }: Run): ExampleImages | undefined {
  const picture = results && readPng(fileOf(folder, notebook));
  if (!picture) return undefined;
  const n = Math.min(exampleCount, results.data.test);
  const channels = picture.color ? 3 : 1;
  const shape = [n, picture.height / 3, picture.width / n, channels] as const;
  if (!shape.every(Number.isInteger)) return undefined;
  const row = (index: number): Images => {
    const data = new Float32Array(n * shape[1] * shape[2] * channels);
    for (let i = 0; i < data.length; i++) {
      const place = placeOf(i, index, shape);
      data[i] = picture.data[4 * Math.floor(place / channels) + (place % channels)] / 255; // it is decoded with alpha
    }
    return { data, shape };
  };
  return { clean: row(0), noisy: row(1), denoised: row(2) };
}

/** Where value number `i` of a stack of images is in the picture, whose rows hold a stack each. */
function placeOf(i: number, row: number, [n, height, width, channels]: Images["shape"]): number {
  const inLine = width * channels;
  const image = Math.floor(i / (height * inLine));
  const y = Math.floor(i / inLine) % height;
  return ((row * height + y) * n + image) * inLine + (i % inLine);
}

function readPng(file: string) {
  try {
    return PNG.sync.read(fs.readFileSync(file)) as ReturnType<typeof PNG.sync.read> & { color: boolean };
  } catch {
    return undefined;
  }
}

/** The first images of a stack. */
export const firstExamples = (images: Images): Images =>
  sliceImages(images, 0, Math.min(exampleCount, images.shape[0]));
