// Layers that only rearrange numbers, joining tensors and repeating pixels: put off until somebody reads the result.

import { canJoin, join, repeat } from "../deferred";
import * as tf from "../tensorflow";
import { type Call, holderOfCall, isConvolved, only } from "./layer";

/** The parts of tfjs' Concatenate layer that its declarations keep private. */
interface Concatenate {
  axis: number;
}

// its `call` is that of all merging layers, to whom it is left
const concatenation = Object.getPrototypeOf(tf.layers.concatenate()) as Concatenate & { call: Call };
const ownConcatenation = concatenation.call;

function nativeConcatenation(
  this: Concatenate,
  inputs: tf.Tensor | tf.Tensor[],
  options: { training?: boolean },
): tf.Tensor | tf.Tensor[] {
  const joinable = isConvolved(this) && Array.isArray(inputs) && [-1, 3].includes(this.axis) && canJoin(inputs);
  return joinable ? join(inputs) : ownConcatenation.call(this, inputs, options);
}

/** The parts of tfjs' UpSampling2D layer that its declarations keep private. */
interface Upsampling {
  size: [number, number];
  dataFormat: string;
  interpolation: string;
}

const upsampling = holderOfCall<Upsampling>(tf.layers.upSampling2d({}));
const ownUpsampling = upsampling.call;

function nativeUpsampling(
  this: Upsampling,
  inputs: tf.Tensor | tf.Tensor[],
  options: { training?: boolean },
): tf.Tensor | tf.Tensor[] {
  const x = only(inputs);
  const repeats = this.interpolation === "nearest" && this.dataFormat === "channelsLast" && x.dtype === "float32";
  return repeats && isConvolved(this) ? repeat(x as tf.Tensor4D, this.size) : ownUpsampling.call(this, inputs, options);
}

export function switchRearrangement(on: boolean): void {
  concatenation.call = on ? nativeConcatenation : ownConcatenation;
  upsampling.call = on ? nativeUpsampling : ownUpsampling;
}
