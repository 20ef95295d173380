// The values of a tensor that is computed for them alone.
import * as tf from "@tensorflow/tfjs";

/**
 * Computes a tensor, reads its values and disposes of it and of what it was computed from. Not by returning the values from
 * `tf.tidy`, which would look for tensors among them, one by one: for an image that takes longer than to compute it.
 */
export function valuesOf(compute: () => tf.Tensor): tf.TypedArray {
  const tensor = tf.tidy(compute);
  const values = tensor.dataSync();
  tensor.dispose();
  return values;
}
