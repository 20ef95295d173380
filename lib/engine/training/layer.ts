// What the native layers share: how a layer's `call` is replaced.
import * as tf from "../tensorflow";

export type Call = (inputs: tf.Tensor | tf.Tensor[], options: { training?: boolean }) => tf.Tensor | tf.Tensor[];

/** The object that holds the `call` which a layer inherits. */
export function holderOfCall<Layer>(layer: tf.layers.Layer): Layer & { call: Call } {
  let holder = Object.getPrototypeOf(layer);
  while (!Object.hasOwn(holder, "call")) holder = Object.getPrototypeOf(holder);
  return holder;
}

export const only = (inputs: tf.Tensor | tf.Tensor[]): tf.Tensor => (Array.isArray(inputs) ? inputs[0] : inputs);

/** Whether operations are recorded, for gradients to be taken of them. */
export const isRecording = () =>
  (tf.engine() as unknown as { state: { gradientDepth: number } }).state.gradientDepth > 0;
