// What the patched layers share: how a layer's `call` is replaced, and which layers follow it.
import type * as tf from "../tensorflow";
import { stock } from "./stock";

export type LayerCall = (inputs: tf.Tensor | tf.Tensor[], options: { training?: boolean }) => tf.Tensor | tf.Tensor[];

/**
 * Makes the `call` of a kind of layers replaceable.
 * @param sample a layer of that kind
 * @param native whether it takes these inputs is for it to check; if not, it calls `own`
 * @returns switches between the native and tfjs' own
 */
export function patchCall<Layer>(
  sample: tf.layers.Layer,
  native: (layer: Layer, own: LayerCall, ...call: Parameters<LayerCall>) => tf.Tensor | tf.Tensor[],
): (on: boolean) => void {
  const prototype = Object.getPrototypeOf(sample) as { call: LayerCall };
  const inherited = stock(prototype, "call", () => ({
    own: Object.hasOwn(prototype, "call"),
    call: prototype.call,
  }));
  function call(this: Layer, ...args: Parameters<LayerCall>) {
    return native(this, (...own) => inherited.call.apply(this, own), ...args);
  }
  return (on) => {
    if (on) prototype.call = call;
    else if (inherited.own) prototype.call = inherited.call;
    else delete (prototype as Partial<typeof prototype>).call;
  };
}

/** The one input of a layer, if it is one of float32 numbers with four axes, none of them empty. */
export function imagesOf(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor4D | undefined {
  const all = [inputs].flat();
  return all.length === 1 && isImages(all[0]) ? all[0] : undefined;
}

export const isImages = (x: tf.Tensor): x is tf.Tensor4D => x.rank === 4 && x.dtype === "float32" && x.size > 0;

export const all = (values: number | number[], test: (value: number) => boolean) => [values].flat().every(test);

/** The layers that take what a layer gives, in all models that it is part of. */
export const followers = (layer: unknown): tf.layers.Layer[] =>
  (layer as { outboundNodes: { outboundLayer: tf.layers.Layer }[] }).outboundNodes.map(
    ({ outboundLayer }) => outboundLayer,
  );

/** Whether a convolution takes what a layer gives: deferring that then saves time. */
export const isConvolved = (layer: unknown): boolean =>
  followers(layer).some((follower) => ["Conv2D", "Conv2DTranspose"].includes(follower.getClassName()));
