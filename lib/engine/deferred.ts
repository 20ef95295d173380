// Deferred tensors: tensors that are computed when their numbers are first read (lazy evaluation). Until then a native
// operation may read what they would be computed from, and so saves writing and reading them; everybody else
// materializes them and sees an ordinary tensor.
import * as tf from "./tensorflow";

/** What a deferred tensor would be computed from. Its inputs are references that live as long as it is deferred. */
export type Expression =
  /** Two tensors [n, height, width, channels] side by side. */
  | { readonly op: "concat"; readonly inputs: readonly [tf.Tensor, tf.Tensor] }
  /** Nearest-neighbour upsampling: each row and column repeated. */
  | { readonly op: "upsample"; readonly inputs: readonly [tf.Tensor]; readonly factors: readonly [number, number] }
  /** x * factor + offset by channel: x and the normalization [4, channels]. */
  | { readonly op: "normalize"; readonly inputs: readonly [x: tf.Tensor, normalization: tf.Tensor] }
  /** A convolution with bias, then ReLU if wanted. */
  | {
      readonly op: "conv";
      readonly inputs: readonly [x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor];
      readonly relu: boolean;
    }
  /** The gradient of 2x2 max-pooling with respect to x, which became `pooled`. */
  | {
      readonly op: "maxPoolGradient";
      readonly inputs: readonly [dy: tf.Tensor, x: tf.Tensor, pooled: tf.Tensor, argmax: tf.Tensor];
    }
  /** The gradient of batch normalization with respect to x. */
  | {
      readonly op: "normalizeGradient";
      readonly inputs: readonly [dy: tf.Tensor, x: tf.Tensor, coefficients: tf.Tensor];
    }
  /** A gradient with respect to an upsampled tensor, of which the upsampling's own gradient is known already. */
  | { readonly op: "upsampledGradient"; readonly inputs: readonly [gradientOfSource: tf.Tensor, ...rest: tf.Tensor[]] };

/** The parts of tfjs-node's backend that its declarations keep private. */
interface Backend extends tf.KernelBackend {
  tensorMap: { get(dataId: object): { id: number; values: unknown; refCount: number } };
}

const expressions = new WeakMap<object, { readonly expression: Expression; readonly shape: readonly number[] }>();

/** What `x` would be computed from by `op`; undefined for all other tensors, materialized ones included. */
export function expressionOf<Op extends Expression["op"]>(
  x: tf.TensorInfo,
  op: Op,
): Extract<Expression, { op: Op }> | undefined {
  const entry = expressions.get(x.dataId);
  return entry?.expression.op === op && tf.util.arraysEqual([...entry.shape], x.shape)
    ? (entry.expression as Extract<Expression, { op: Op }>)
    : undefined;
}

/**
 * A tensor that `compute` gives when somebody reads it. To be called within a native operation (`record`).
 * @param shape of the result
 * @param compute from copies of the expression's inputs, on TensorFlow's backend
 */
export function defer<E extends Expression>(
  expression: E,
  shape: number[],
  compute: (...inputs: tf.Tensor[]) => tf.Tensor,
): tf.Tensor {
  const inputs = expression.inputs.map((tensor) => tf.keep(tensor.clone()));
  const backend = tensorflowBackend();
  const dataId = backend.write(new Float32Array(0), shape, "float32");
  const entry = backend.tensorMap.get(dataId);
  let isDeferred = true;
  const release = () => {
    isDeferred = false;
    expressions.delete(dataId);
    tf.dispose(inputs);
  };
  const materialize = () => {
    const tensor = onTensorflow(() => tf.tidy(() => compute(...inputs)));
    const computed = backend.tensorMap.get(tensor.dataId);
    entry.id = computed.id;
    computed.id = -1; // it is ours now
    tensor.dispose();
    release();
  };
  let references = entry.refCount;
  // The backend looks at `values` before it uses `id`, and disposes of an entry when `refCount` falls to 0.
  Object.defineProperties(entry, {
    values: {
      get() {
        if (isDeferred) materialize();
        return null;
      },
    },
    refCount: {
      get: () => references,
      set(count: number) {
        references = count;
        if (count === 0 && isDeferred) release();
      },
    },
  });
  expressions.set(dataId, { expression: { ...expression, inputs } as unknown as Expression, shape });
  return tf.engine().makeTensorFromDataId(dataId, shape, "float32", backend);
}

/** TensorFlow's backend, which holds deferred tensors, whichever backend is active. */
const tensorflowBackend = () => tf.engine().findBackend("tensorflow") as Backend;

/** Runs `work` with TensorFlow as the active backend: a deferred tensor may be read while another one is. */
function onTensorflow<Result>(work: () => Result): Result {
  const engine = tf.engine() as unknown as { backendName: string; backendInstance: tf.KernelBackend };
  const { backendName, backendInstance } = engine;
  if (backendName === "tensorflow") return work();
  Object.assign(engine, { backendName: "tensorflow", backendInstance: tensorflowBackend() });
  try {
    return work();
  } finally {
    Object.assign(engine, { backendName, backendInstance });
  }
}
