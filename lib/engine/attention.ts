// Multi-head attention as one native operation, on tfjs' tape.
import * as kernels from "./kernels";
import { isTensorflow, record } from "./patches/tape";
import type * as tf from "./tensorflow";

let native = false;

/** Switches between the native operation and tfjs' own. */
export function switchAttention(on: boolean): void {
  native = on;
}

/**
 * softmax(queries . keys / sqrt(channels of a head)) . values of the positions of each window, by heads (Vaswani et al. 2017).
 * @param projected queries, keys and values side by side, each with the channels of all heads:
 *   [windows * positions, 3 channels]
 * @param stock the same made of tfjs' operations: for other backends, and for gradients of gradients
 * @returns [windows * positions, channels]
 */
export function attention(
  projected: tf.Tensor2D,
  shape: kernels.AttentionShape,
  stock: (projected: tf.Tensor2D) => tf.Tensor,
): tf.Tensor {
  if (!suits(projected, shape)) return stock(projected);
  const [y] = record({
    inputs: [projected],
    forward: () => [kernels.attention(projected, shape)],
    gradient: (dy, [x]) => [kernels.attentionGradient(dy, x, shape)],
    stock: (x) => stock(x as tf.Tensor2D),
  });
  return y;
}

/** Whether the native operation takes these. */
const suits = ({ dtype, size, shape: [rows, width] }: tf.Tensor2D, { positions, heads }: kernels.AttentionShape) =>
  native && isTensorflow() && dtype === "float32" && size > 0 && rows % positions === 0 && width % (3 * heads) === 0;
