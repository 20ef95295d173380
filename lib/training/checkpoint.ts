// A training's whole state in one file, so that an interruption costs one epoch at most, and the resumed training ends
// with the weights that an uninterrupted one would have, bit for bit.
import fs from "node:fs";
import path from "node:path";
import * as tf from "@tensorflow/tfjs";
import writeFileAtomic from "write-file-atomic";
import { describeOptimizer, optimizerState, restoreOptimizer } from "./optimizer";
import type { Callback, CallbackState, Epoch, TrainingRun } from "./training-run";

type Settings = Readonly<Record<string, number | string | boolean>>;

/** Where a training's state is kept from epoch to epoch. */
export interface CheckpointOptions {
  /** Replaced after each epoch. */
  file: string;
  /** Continue from the file, if there is one. Otherwise the training begins anew. */
  resume?: boolean;
  /** What else the training depends on: it is not resumed with other settings. */
  settings?: Settings;
}

/** How far a training has come, in numbers. */
export interface TrainingProgress {
  readonly epochs: readonly Epoch[];
  readonly seconds: number;
  readonly learningRate: number;
  /** States of the random streams, by name. */
  readonly random: Readonly<Record<string, readonly number[]>>;
}

/** What else a checkpoint holds the state of. */
export interface TrainingParts {
  readonly model: tf.LayersModel;
  readonly optimizer: tf.Optimizer;
  readonly callbacks: readonly Callback[];
}

interface SavedArray {
  readonly shape: number[];
  readonly dtype: "float32" | "int32";
}

/** States by name: of the model, the optimizer, each callback. Values are text because JSON has no infinity. */
type SavedStates = Record<string, { values: Record<string, string>; tensors: SavedArray[] }>;

interface Header extends TrainingProgress {
  readonly format: 2;
  readonly settings: Settings;
  readonly states: SavedStates;
}

/** A checkpoint that was read and belongs to the training that is to be resumed. */
export interface LoadedCheckpoint {
  readonly progress: TrainingProgress;
  /** Gives the model, the optimizer and the callbacks the state that they had. */
  restore(parts: TrainingParts, run: TrainingRun): void;
}

/** What a training with a checkpoint depends on. @throws {Error} when the optimizer's state cannot be saved */
export const checkpointSettings = ({ model, optimizer }: Omit<TrainingParts, "callbacks">): Settings => ({
  parameters: model.countParams(),
  trainableParameters: model.trainableWeights.reduce((sum, { shape }) => sum + sizeOf(shape as number[]), 0),
  optimizer: describeOptimizer(optimizer),
});

const callbackName = (index: number) => `callback ${index}`;

/**
 * Writes a training's state, replacing the file only once the new one is complete. The file holds the length of a JSON
 * header (32 bits, little-endian), the header, and the numbers of all tensors one after the other.
 */
export function saveCheckpoint(
  file: string,
  settings: Settings,
  progress: TrainingProgress,
  { model, optimizer, callbacks }: TrainingParts,
): void {
  const states: SavedStates = {};
  const numbers: Uint8Array[] = [];
  const add = (name: string, { values, tensors }: CallbackState) => {
    states[name] = {
      values: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)])),
      tensors: tensors.map(({ shape, dtype }) => ({ shape, dtype: dtype === "int32" ? dtype : "float32" })),
    };
    for (const tensor of tensors) {
      const data = tensor.dataSync();
      numbers.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    }
  };
  add("model", { values: {}, tensors: model.getWeights() });
  add("optimizer", optimizerState(optimizer));
  callbacks.forEach((callback, i) => {
    const state = callback.state?.();
    if (state) add(callbackName(i), state);
  });
  const header = Buffer.from(JSON.stringify({ format: 2, settings, ...progress, states } satisfies Header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  writeFileAtomic.sync(file, Buffer.concat([length, header, ...numbers]));
}

/**
 * @returns undefined when there is no file
 * @throws {Error} when the file is not a checkpoint, or one of a training with other settings
 */
export function loadCheckpoint(file: string, settings: Settings): LoadedCheckpoint | undefined {
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
  const { epochs, seconds, learningRate, random } = header;
  return {
    progress: { epochs, seconds, learningRate, random },
    restore: (parts, run) => restore(header.states, content.subarray(4 + content.readUInt32LE(0)), parts, run),
  };
}

function restore(
  states: SavedStates,
  numbers: Buffer,
  { model, optimizer, callbacks }: TrainingParts,
  run: TrainingRun,
): void {
  let at = 0;
  const loaded: Record<string, CallbackState> = {};
  for (const [name, { values, tensors }] of Object.entries(states))
    loaded[name] = {
      values: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Number(value)])),
      tensors: tensors.map(({ shape, dtype }) => {
        const bytes = Uint8Array.from(numbers.subarray(at, at + 4 * sizeOf(shape))).buffer;
        at += bytes.byteLength;
        return tf.tensor(dtype === "int32" ? new Int32Array(bytes) : new Float32Array(bytes), shape, dtype);
      }),
    };
  try {
    model.setWeights([...loaded.model.tensors]);
    restoreOptimizer(optimizer, loaded.optimizer);
    callbacks.forEach((callback, i) => {
      const state = loaded[callbackName(i)];
      if (state) callback.restore?.(state, run);
    });
  } finally {
    tf.dispose(Object.values(loaded).flatMap(({ tensors }) => [...tensors]));
  }
}

function readHeader(content: Buffer): Header | undefined {
  try {
    const end = 4 + content.readUInt32LE(0);
    const header = JSON.parse(content.toString("utf8", 4, end)) as Header;
    const tensors = Object.values(header.states).flatMap((state) => state.tensors);
    const numbers = tensors.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    return header.format === 2 && content.length === end + 4 * numbers ? header : undefined;
  } catch {
    return undefined;
  }
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);
