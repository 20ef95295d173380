// What console.log and notebooks show of tensors and models: type, shape and values instead of tfjs' internals.
import { inspect } from "node:util";
import * as tf from "./tensorflow";

/** A tensor with more values than these shows only the ends of its axes. */
const most = 200;
/** Values at each end of the last two axes, and of the axes before them. */
const ends = { last: 3, before: 1 };
const lineWidth = 80;

/** Changes what `util.inspect` gives for tensors, variables and layers models. */
export function makeInspectable(): void {
  describe(tf.Tensor.prototype, tensorText);
  describe(tf.LayersModel.prototype, modelText);
}

/** @param text is in brackets and one line where `inside` a nested object that is not shown in full */
function describe<T>(prototype: T, text: (value: T, inside: boolean) => string): void {
  const value = function (this: T, depth: number) {
    return text(this, depth < 0);
  };
  Object.defineProperty(prototype, inspect.custom, { value, configurable: true, writable: true });
}

function tensorText(tensor: tf.Tensor, inside: boolean): string {
  const kind = tensor instanceof tf.Variable ? `Variable ${inspect(tensor.name)}` : "Tensor";
  const heading = `${kind} ${tensor.dtype} [${tensor.shape.join(", ")}]`;
  if (tensor.isDisposed) return `${heading} (disposed)`;
  if (inside) return `[${heading}]`;
  const values = layOut(nest(tensor));
  return `${heading}${values.includes("\n") ? "\n" : " "}${values}`;
}

function modelText(model: tf.LayersModel, inside: boolean): string {
  const { name, layers } = model;
  const parameters = layers.length > 0 ? model.countParams().toLocaleString("en-US") : 0;
  const text = `${model.constructor.name} ${inspect(name)}, layers: ${layers.length}, parameters: ${parameters}`;
  return inside ? `[${text}]` : text;
}

type Nested = string | Nested[];
const gap = "…";

/** The values as text, in one array for each axis. */
function nest(tensor: tf.Tensor): Nested {
  const { shape, strides, size, rank } = tensor;
  const value = reader(tensor);
  const inAxis = (axis: number, offset: number): Nested => {
    if (axis === rank) return value(offset);
    const length = shape[axis];
    const stride = strides[axis] ?? 1; // tfjs leaves out that of the last axis
    const end = axis < rank - 2 ? ends.before : ends.last;
    const inner = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => inAxis(axis + 1, offset + (from + i) * stride));
    if (size <= most || length <= 2 * end + 1) return inner(0, length);
    return [...inner(0, end), gap, ...inner(length - end, length)];
  };
  return inAxis(0, 0);
}

function reader(tensor: tf.Tensor): (index: number) => string {
  const data = tensor.dataSync() as ArrayLike<unknown>;
  if (tensor.dtype === "bool") return (i) => `${Boolean(data[i])}`;
  if (tensor.dtype === "string") return (i) => inspect(data[i]);
  const number = (i: number) => digits(data[i] as number);
  return tensor.dtype === "complex64" ? (i) => `${number(2 * i)} + ${number(2 * i + 1)}i` : number;
}

/** Six significant digits, and whole numbers in full. */
const digits = (value: number) => `${Number.isInteger(value) ? value : Number(value.toPrecision(6))}`;

const widest = (nested: Nested): number =>
  typeof nested === "string" ? nested.length : Math.max(0, ...nested.map(widest));
const rank = (nested: Nested): number => (typeof nested === "string" ? 0 : 1 + Math.max(0, ...nested.map(rank)));

/** Brackets around each axis, with values below each other aligned. */
function layOut(values: Nested): string {
  const width = widest(values);
  const lines = (nested: Nested, depth: number): string => {
    if (typeof nested === "string") return nested;
    const indent = " ".repeat(depth + 1);
    if (rank(nested) > 1)
      return `[${nested.map((inner) => lines(inner, depth + 1)).join(`,${"\n".repeat(rank(nested) - 1)}${indent}`)}]`;
    const fitting = Math.max(1, Math.floor((lineWidth - indent.length) / (width + 2)));
    const perLine = nested.includes(gap) ? nested.length : fitting;
    const texts = (nested as string[]).map((text) => (text === gap ? text : text.padStart(width)));
    const rows = Array.from({ length: Math.ceil(texts.length / perLine) }, (_, i) =>
      texts.slice(i * perLine, (i + 1) * perLine).join(", "),
    );
    return `[${rows.join(`,\n${indent}`)}]`;
  };
  return lines(values, 0);
}
