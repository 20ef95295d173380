// A training's whole state in one file, so that a restart or a crash costs one epoch at most, and going on gives the
// weights that an uninterrupted training would have given, bit for bit.
import fs from "node:fs";
import path from "node:path";
import * as tf from "@tensorflow/tfjs";
import type { Callback, Epoch } from "./fit";

type Settings = Readonly<Record<string, number | string | boolean>>;

/** Numbers and tensors of a part of the training: the model, the optimizer, a callback. */
export interface PartState {
  readonly values: Readonly<Record<string, number>>;
  readonly tensors: readonly tf.Tensor[];
}

export interface TrainingState {
  /** What the training depends on; going on with others would mix two trainings. */
  readonly settings: Settings;
  readonly epochs: readonly Epoch[];
  readonly seconds: number;
  readonly learningRate: number;
  /** Of the generator that orders the images. */
  readonly random: readonly number[];
  /** By name, in the order in which they were saved. */
  readonly parts: Readonly<Record<string, PartState>>;
}

interface SavedTensor {
  readonly shape: number[];
  readonly dtype: "float32" | "int32";
}
type Header = Omit<TrainingState, "parts"> & {
  readonly format: 1;
  readonly parts: Record<string, { values: Record<string, number | string>; tensors: SavedTensor[] }>;
};

/**
 * Writes the state, replacing the file only once the new one is whole. The file holds the length of a JSON header (32
 * bits, little-endian), the header, and the tensors' numbers one after the other.
 */
export function saveState(file: string, state: TrainingState): void {
  const parts: Header["parts"] = {};
  const numbers: Uint8Array[] = [];
  for (const [name, { values, tensors }] of Object.entries(state.parts)) {
    // as text, because JSON has no infinity
    const written = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)]));
    parts[name] = {
      values: written,
      tensors: tensors.map(({ shape, dtype }) => ({ shape, dtype: dtype === "int32" ? dtype : "float32" })),
    };
    for (const tensor of tensors) {
      const data = tensor.dataSync();
      numbers.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    }
  }
  const header = Buffer.from(JSON.stringify({ ...state, format: 1, parts } satisfies Header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const unfinished = fs.openSync(`${file}.part`, "w");
  try {
    for (const piece of [length, header, ...numbers]) fs.writeFileSync(unfinished, piece);
    fs.fsyncSync(unfinished);
  } finally {
    fs.closeSync(unfinished);
  }
  fs.renameSync(`${file}.part`, file);
}

/**
 * @returns the state in the file, with new tensors; undefined when there is no file
 * @throws {Error} when the file is not a checkpoint, or one of a training with other settings
 */
export function loadState(file: string, settings: Settings): TrainingState | undefined {
  if (!fs.existsSync(file)) return undefined;
  const content = fs.readFileSync(file);
  const header = readHeader(content);
  if (!header)
    throw new Error(`${file} is not a checkpoint, or is damaged: delete it, or begin anew with resume: false`);
  for (const name of Object.keys({ ...header.settings, ...settings }))
    if (header.settings[name] !== settings[name])
      throw new Error(
        `the checkpoint ${file} was trained with ${name} ${header.settings[name]}, not ${settings[name]}: use the same, or begin anew with resume: false`,
      );
  let at = 4 + content.readUInt32LE(0);
  const read = ({ shape, dtype }: SavedTensor) => {
    const size = shape.reduce((product, length) => product * length, 1);
    const bytes = Uint8Array.from(content.subarray(at, at + 4 * size)).buffer;
    at += 4 * size;
    return tf.tensor(dtype === "int32" ? new Int32Array(bytes) : new Float32Array(bytes), shape, dtype);
  };
  const parts = Object.entries(header.parts).map(([name, { values, tensors }]) => {
    const numbers = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Number(value)]));
    return [name, { values: numbers, tensors: tensors.map(read) }] as const;
  });
  return { ...header, parts: Object.fromEntries(parts) };
}

function readHeader(content: Buffer): Header | undefined {
  try {
    const end = 4 + content.readUInt32LE(0);
    const header = JSON.parse(content.toString("utf8", 4, end)) as Header;
    const tensors = Object.values(header.parts).flatMap((part) => part.tensors);
    const numbers = tensors.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
    return header.format === 1 && content.length === end + 4 * numbers ? header : undefined;
  } catch {
    return undefined;
  }
}

/** The powers of beta that tfjs' Adam keeps; its own getWeights leaves them out and recomputes them, not quite the same. */
type Powers = { accBeta1?: tf.Variable; accBeta2?: tf.Variable };
const powersOf = ({ accBeta1, accBeta2 }: Powers): tf.Variable[] => (accBeta1 && accBeta2 ? [accBeta1, accBeta2] : []);

/** What a training consists of, besides numbers. */
interface Training {
  readonly model: tf.LayersModel;
  readonly optimizer: tf.Optimizer;
  readonly callbacks: readonly Callback[];
}

const nameOf = (callback: number) => `callback ${callback}`;

/** Saves a training as it stands. */
export async function saveTraining(
  file: string,
  numbers: Omit<TrainingState, "parts">,
  { model, optimizer, callbacks }: Training,
): Promise<void> {
  const ofOptimizer = await optimizerState(optimizer);
  const ofCallbacks = callbacks.flatMap((callback, i) => {
    const state = callback.state?.();
    return state ? [[nameOf(i), state] as const] : [];
  });
  const ofModel = { values: {}, tensors: model.getWeights() };
  const parts = { model: ofModel, optimizer: ofOptimizer, ...Object.fromEntries(ofCallbacks) };
  saveState(file, { ...numbers, parts });
  ofOptimizer.tensors[0].dispose(); // the steps: made for this; the others are in use
}

/** Puts a training where it stood, and disposes of what was loaded. */
export async function restoreTraining(
  { parts }: TrainingState,
  { model, optimizer, callbacks }: Training,
): Promise<void> {
  model.setWeights([...parts.model.tensors]);
  await restoreOptimizer(optimizer, parts.optimizer);
  for (const [i, callback] of callbacks.entries()) {
    const part = parts[nameOf(i)];
    if (part) callback.restore?.(part);
  }
  tf.dispose(Object.values(parts).flatMap(({ tensors }) => [...tensors]));
}

/** The optimizer's moments, steps and powers; the tensors are those in use. */
async function optimizerState(optimizer: tf.Optimizer): Promise<PartState> {
  const weights = (await optimizer.getWeights()) as { tensor: tf.Tensor }[];
  return { values: {}, tensors: [...weights.map(({ tensor }) => tensor), ...powersOf(optimizer as Powers)] };
}

async function restoreOptimizer(optimizer: tf.Optimizer, { tensors }: PartState): Promise<void> {
  const powers = powersOf(optimizer as Powers);
  const weights = tensors.slice(0, tensors.length - powers.length);
  await optimizer.setWeights(weights.map((tensor, i) => ({ name: `${i}`, tensor })));
  powers.forEach((power, i) => {
    power.assign(tensors[weights.length + i]);
  });
}
