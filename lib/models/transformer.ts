// Transformer blocks (Vaswani et al. 2017) for the bottleneck of a U-Net, of ordinary layers and attention in windows.
import * as tf from "@tensorflow/tfjs";
import { Random } from "../random";
import { WindowAttention } from "./window-attention";

/** Of attention, in positions: at a quarter of the resolution, a digit of 28 x 28 pixels. */
export const windowSize = 7;

export const heads = 4;

/**
 * Adds to x what attention makes of it, normalized before; in transformer blocks then what two dense layers make of each
 * position. Their last weights are zero, so that the result is x before training.
 * @param x channels that are a multiple of `heads`
 * @param name of the block that gives x
 * @param kind self-attention alone, or two transformer blocks
 */
export function attended(
  x: tf.SymbolicTensor,
  name: string,
  kind: "layer" | "transformer",
  seed: number,
): tf.SymbolicTensor {
  const random = new Random(seed, "initial weights of attention");
  const added = (y: tf.SymbolicTensor, name: string, ...layers: tf.layers.Layer[]) => {
    const normalized = tf.layers.batchNormalization({ name: `${name}_norm` });
    const change = [normalized, ...layers].reduce((z, layer) => layer.apply(z) as tf.SymbolicTensor, y);
    return tf.layers.add({ name: `${name}_sum` }).apply([y, change]) as tf.SymbolicTensor;
  };
  const attend = (y: tf.SymbolicTensor, name: string) =>
    added(y, name, new WindowAttention({ name, heads, window: windowSize, seed: random.bits() }));
  const transform = (y: tf.SymbolicTensor, name: string) => {
    const channels = Number(y.shape[3]);
    const kernelInitializer = tf.initializers.glorotUniform({ seed: random.bits() });
    const wide = { filters: 2 * channels, activation: "relu", kernelInitializer } as const;
    const narrow = { filters: channels, kernelInitializer: "zeros" } as const;
    const dense = [wide, narrow].map((options, i) =>
      tf.layers.conv2d({ ...options, name: `${name}_dense${i + 1}`, kernelSize: 1 }),
    );
    return added(y, name, ...dense);
  };
  if (kind === "layer") return attend(x, `${name}_attention`);
  return [1, 2].reduce((y, i) => transform(attend(y, `${name}_attention${i}`), `${name}_pointwise${i}`), x);
}
