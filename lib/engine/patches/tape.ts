// Native operations on tfjs' tape: each has its inputs and its output there like any operation of tfjs, so that gradients
// can be taken with respect to all of them, and gradients of gradients too.
import * as tf from "../tensorflow";

/** Whether native operations can run: they belong to TensorFlow's backend. */
export const isTensorflow = () => tf.getBackend() === "tensorflow";

/** Whether operations are recorded, for gradients to be taken of them. */
export const isRecording = () => engine().state.gradientDepth > 0;

/** Whether a gradient may be worked out by a native operation: those have no gradients themselves. */
export const isNativeGradient = () => isTensorflow() && !isRecording();

export interface NativeOperation {
  /** What gradients can be taken with respect to. */
  readonly inputs: readonly tf.Tensor[];
  /** The output, and what else is computed on the way, of which no gradient is taken. */
  readonly forward: () => tf.Tensor[];
  /** What the gradient needs besides the inputs, from the results of `forward`. */
  readonly save?: (results: tf.Tensor[]) => tf.Tensor[];
  /**
   * The gradients of the inputs, in their order; a function where it is hardly ever asked for.
   * @param inputs those of the operation
   * @param saved what `save` gave
   */
  readonly gradient: (
    dy: tf.Tensor,
    inputs: tf.Tensor[],
    saved: tf.Tensor[],
  ) => readonly (tf.Tensor | (() => tf.Tensor))[];
  /** The same function of the inputs, made of tfjs' own operations: for gradients of gradients, and other backends. */
  readonly stock: (...inputs: tf.Tensor[]) => tf.Tensor;
}

/** The parts of tfjs' engine that its declarations keep private. */
interface Engine {
  state: { activeTape: unknown; gradientDepth: number };
  runKernelFunc(call: {
    inputs: Record<string, tf.Tensor>;
    forwardFunc: (backend: unknown, save: tf.GradSaveFunc) => tf.Tensor[];
    backwardsFunc: (dy: tf.Tensor | tf.Tensor[], saved: tf.Tensor[]) => Record<string, () => tf.Tensor>;
  }): tf.Tensor[];
}

const engine = () => tf.engine() as unknown as Engine;

/** Gradients within a backward pass, which goes on with its own tape afterwards. */
function stockGradients(stock: NativeOperation["stock"], inputs: tf.Tensor[], dy: tf.Tensor): tf.Tensor[] {
  const { state } = engine();
  const tape = state.activeTape;
  try {
    return tf.grads(stock)(inputs, dy);
  } finally {
    state.activeTape = tape;
  }
}

/** Runs a native operation and records it. */
export function record({ inputs, forward, save, gradient, stock }: NativeOperation): tf.Tensor[] {
  const count = inputs.length;
  return engine().runKernelFunc({
    inputs: Object.fromEntries(inputs.entries()),
    forwardFunc: (_, keep) => {
      const results = forward();
      keep([...inputs, ...(save?.(results) ?? [])]);
      return results;
    },
    backwardsFunc: (dys, saved) => {
      const [dy] = [dys].flat();
      const own = saved.slice(0, count);
      const gradients = isNativeGradient() ? gradient(dy, own, saved.slice(count)) : stockGradients(stock, own, dy);
      return Object.fromEntries(
        gradients.map((result, i) => [i, () => (typeof result === "function" ? result() : result)]),
      );
    },
  });
}
