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

/** How far a training has come. */
export interface SavedProgress {
  readonly epochs: readonly Epoch[];
  readonly seconds: number;
  readonly learningRate: number;
  /** States of the random streams, by name. */
  readonly random: Readonly<Record<string, readonly number[]>>;
}

/** What else a checkpoint holds the state of. */
interface Stateful {
  readonly model: tf.LayersModel;
  readonly optimizer: tf.Optimizer;
  readonly callbacks: readonly Callback[];
}

export interface Checkpoint {
  /** The progress from the file; undefined where the training begins anew. */
  readonly saved?: SavedProgress;
  /** Gives the model, the optimizer and the callbacks the state from the file. */
  restore(run: TrainingRun): void;
  /** Writes progress and state, replacing the file only once the new one is complete. */
  save(progress: SavedProgress): void;
}

/**
 * @param settings what the training depends on, those of the options included
 * @throws {Error} when the optimizer's state cannot be saved, or the training is to be resumed and the file is not a
 *   checkpoint, or one of a training with other settings
 */
export function openCheckpoint(
  { file, resume }: CheckpointOptions,
  settings: Settings,
  { model, optimizer, callbacks }: Stateful,
): Checkpoint {
  const all = {
    ...settings,
    parameters: model.countParams(),
    trainableParameters: model.trainableWeights.reduce((sum, { shape }) => sum + sizeOf(shape as number[]), 0),
    optimizer: describeOptimizer(optimizer),
  };
  const loaded = resume && fs.existsSync(file) ? load(file, all) : undefined;
  return {
    saved: loaded?.header,
    restore(run) {
      if (loaded) restore(loaded, { model, optimizer, callbacks }, run);
    },
    save(progress) {
      const states: [name: string, state: CallbackState][] = [
        ["model", { values: {}, tensors: model.getWeights() }],
        ["optimizer", optimizerState(optimizer)],
      ];
      for (const [i, callback] of callbacks.entries()) {
        const state = callback.state?.();
        if (state) states.push([callbackName(i), state]);
      }
      write(file, all, progress, states);
    },
  };
}

const callbackName = (index: number) => `callback ${index}`;

interface SavedTensor {
  readonly shape: number[];
  readonly dtype: "float32" | "int32";
}

interface Header extends SavedProgress {
  readonly format: 2;
  readonly settings: Settings;
  /** By name, in the order of their tensors. Values are text because JSON has no infinity. */
  readonly states: Record<string, { values: Record<string, string>; tensors: SavedTensor[] }>;
}

/**
 * The file holds the length of a JSON header (32 bits, little-endian), the header, and the numbers of all tensors one
 * after the other.
 */
function write(
  file: string,
  settings: Settings,
  progress: SavedProgress,
  states: readonly [name: string, state: CallbackState][],
): void {
  const described = states.map(([name, { values, tensors }]) => [
    name,
    {
      values: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)])),
      tensors: tensors.map(
        ({ shape, dtype }): SavedTensor => ({ shape, dtype: dtype === "int32" ? dtype : "float32" }),
      ),
    },
  ]);
  const header: Header = { format: 2, settings, ...progress, states: Object.fromEntries(described) };
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  const numbers = states.flatMap(([, { tensors }]) => tensors.map(bytesOf));
  fs.mkdirSync(path.dirname(file), { recursive: true });
  writeFileAtomic.sync(file, Buffer.concat([length, text, ...numbers]));
}

function bytesOf(tensor: tf.Tensor): Uint8Array {
  const { buffer, byteOffset, byteLength } = tensor.dataSync();
  return new Uint8Array(buffer, byteOffset, byteLength);
}

interface Loaded {
  readonly header: Header;
  /** What follows the header. */
  readonly numbers: Buffer;
}

function load(file: string, settings: Settings): Loaded {
  const loaded = parse(fs.readFileSync(file));
  if (!loaded)
    throw new Error(`${file} is not a checkpoint, or is damaged: delete it, or begin anew with resume: false`);
  const saved = loaded.header.settings;
  for (const name of Object.keys({ ...saved, ...settings }))
    if (saved[name] !== settings[name])
      throw new Error(
        `the checkpoint ${file} was trained with ${name} ${saved[name]}, not ${settings[name]}: use the same, or begin anew with resume: false`,
      );
  return loaded;
}

function parse(content: Buffer): Loaded | undefined {
  try {
    const end = 4 + content.readUInt32LE(0);
    const header = JSON.parse(content.toString("utf8", 4, end)) as Header;
    const tensors = Object.values(header.states).flatMap((state) => state.tensors);
    const count = tensors.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    return header.format === 2 && content.length === end + 4 * count
      ? { header, numbers: content.subarray(end) }
      : undefined;
  } catch {
    return undefined;
  }
}

function restore({ header, numbers }: Loaded, { model, optimizer, callbacks }: Stateful, run: TrainingRun): void {
  let at = 0;
  const states: Record<string, CallbackState> = {};
  for (const [name, { values, tensors }] of Object.entries(header.states))
    states[name] = {
      values: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Number(value)])),
      tensors: tensors.map(({ shape, dtype }) => {
        const bytes = Uint8Array.from(numbers.subarray(at, at + 4 * sizeOf(shape))).buffer;
        at += bytes.byteLength;
        return tf.tensor(dtype === "int32" ? new Int32Array(bytes) : new Float32Array(bytes), shape, dtype);
      }),
    };
  try {
    model.setWeights([...states.model.tensors]);
    restoreOptimizer(optimizer, states.optimizer);
    for (const [i, callback] of callbacks.entries()) {
      const state = states[callbackName(i)];
      if (state) callback.restore?.(state, run);
    }
  } finally {
    tf.dispose(Object.values(states).flatMap(({ tensors }) => [...tensors]));
  }
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);
