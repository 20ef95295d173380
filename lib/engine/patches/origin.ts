// What a tensor was made of by a convolution: layers that follow may then work it out together, in one operation.

import type { Source } from "../deferred";
import * as tf from "../tensorflow";

/** What a tensor was made of by a convolution, for the batch normalization that may follow. */
export interface Origin {
  x: Source;
  kernel: tf.Tensor;
  bias: tf.Tensor;
  relu: boolean;
  /** The tensor's mean and variance by channel. */
  moments?: tf.Tensor[];
  /** Nothing was made of x before, so that its gradient is hardly ever asked for. */
  first: boolean;
}

export const origins = new WeakMap<tf.Tensor, Origin>();

/**
 * A function of x and of parameters, whose gradients come as [of the parameters …, of the operands of x …].
 * That of x is left out for a network's first layer, until someone asks for it.
 * @param work gives the function's value and what else comes of it, which has no gradient
 * @param save what the gradients need, from the value
 */
export function withGradients(
  { x, first }: Pick<Origin, "x" | "first">,
  parameters: tf.Tensor[],
  work: () => tf.Tensor[],
  save: (y: tf.Tensor) => tf.Tensor[],
  gradients: (dy: tf.Tensor, saved: tf.Tensor[], ofInput: boolean) => tf.Tensor[],
): tf.Tensor[] {
  const engine = tf.engine() as unknown as {
    runKernelFunc(call: {
      inputs: Record<string, tf.Tensor>;
      forwardFunc: (backend: unknown, save: tf.GradSaveFunc) => tf.Tensor[];
      backwardsFunc: (dy: tf.Tensor | tf.Tensor[], saved: tf.Tensor[]) => Record<string, () => tf.Tensor>;
    }): tf.Tensor[];
  };
  const inputs = [...parameters, ...x.operands];
  return engine.runKernelFunc({
    inputs: Object.fromEntries(inputs.entries()),
    forwardFunc: (_, keep) => {
      const results = work();
      keep(save(results[0]));
      return results;
    },
    backwardsFunc: (dys, saved) => {
      const [dy] = [dys].flat();
      const results = gradients(dy, saved, !first);
      return Object.fromEntries(
        inputs.map((_, i) => [i, () => (first && i >= parameters.length ? gradients(dy, saved, true)[i] : results[i])]),
      );
    },
  });
}
