// What a convolution reads: its input, or where that is deferred, what it would be computed from.
import { defer, expressionOf } from "../deferred";
import type * as kernels from "../kernels";
import * as tf from "../tensorflow";

/** What the native convolutions read instead of `x`. */
export function convInput(x: tf.Tensor): kernels.ConvolutionInput {
  const normalized = expressionOf(x, "normalize");
  if (normalized) return { inputs: [normalized.inputs[0]], factors: [1, 1], normalization: normalized.inputs[1] };
  const upsampled = expressionOf(x, "upsample");
  if (upsampled) return { inputs: [...upsampled.inputs], factors: upsampled.factors };
  const concatenated = expressionOf(x, "concat");
  return { inputs: concatenated ? [...concatenated.inputs] : [x], factors: [1, 1] };
}

/**
 * The gradient of `x` from those that a native convolution gives of what it read instead: of the concatenated tensors,
 * or of the tensor that was upsampled. Concatenation and upsampling take these out again.
 * @param whole works the gradient of x itself out, from copies of `inputs`: for somebody who wants that of an upsampled
 *   tensor
 */
export function gradientOfInput(
  x: tf.Tensor,
  gradients: tf.Tensor[],
  inputs: tf.Tensor[],
  whole: (...inputs: tf.Tensor[]) => tf.Tensor,
): tf.Tensor {
  const [first, second] = gradients;
  if (expressionOf(x, "concat"))
    return defer({ op: "concat", inputs: [first, second] }, x.shape, (...both) => tf.concat(both, 3));
  if (expressionOf(x, "upsample"))
    return defer({ op: "upsampledGradient", inputs: [first, ...inputs] }, x.shape, (_, ...copies) => whole(...copies));
  return first;
}
