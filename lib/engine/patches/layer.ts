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

/** The layers that take what a layer gives, in all networks that it is part of. */
export const followers = (layer: unknown): tf.layers.Layer[] =>
  (layer as { outboundNodes: { outboundLayer: tf.layers.Layer }[] }).outboundNodes.map(
    ({ outboundLayer }) => outboundLayer,
  );

/** Whether a convolution takes what a layer gives: it then pays to leave that unread. */
export const isConvolved = (layer: unknown): boolean =>
  followers(layer).some((follower) => ["Conv2D", "Conv2DTranspose"].includes(follower.getClassName()));

/** Whether operations are recorded, for gradients to be taken of them. */
export const isRecording = () =>
  (tf.engine() as unknown as { state: { gradientDepth: number } }).state.gradientDepth > 0;
