// Tensors joined along their channels, without being copied into one unless somebody looks: a convolution reads the
// parts where they are.
import { channelsOfPart, mostParts } from "./kernels";
import * as tf from "./tensorflow";

/** The parts of tfjs-node's backend that its declarations keep private. */
interface Backend extends tf.KernelBackend {
  tensorMap: { get(dataId: object): { id: number; values: unknown } };
}

const partsOf = new WeakMap<tf.Tensor, tf.Tensor[]>();

/** What a tensor was joined from, or the tensor itself. */
export const partsOrWhole = (x: tf.Tensor): tf.Tensor[] => partsOf.get(x) ?? [x];

/** Whether `join` can put off joining these. */
export const canWait = (parts: tf.Tensor[]): boolean =>
  parts.length === mostParts &&
  parts.every(
    ({ rank, dtype, shape }) =>
      rank === 4 &&
      dtype === "float32" &&
      Number(shape[3]) % channelsOfPart === 0 &&
      tf.util.arraysEqual(shape.slice(0, 3), parts[0].shape.slice(0, 3)),
  );

/**
 * The parts [..., channels] side by side, with gradients. They must live as long as the result may be read: a training
 * step keeps them to its end.
 */
export const join = (parts: tf.Tensor[]): tf.Tensor => {
  const joined = tf.customGrad((...inputs) => {
    const tensors = inputs.slice(0, -1) as tf.Tensor[];
    const channels = tensors.map(({ shape }) => Number(shape[3]));
    return {
      value: whenRead(() => tf.concat(tensors, 3), [...tensors[0].shape.slice(0, 3), sum(channels)]),
      gradFunc: (dy: tf.Tensor) => tf.split(dy, channels, 3),
    };
  })(...parts);
  partsOf.set(joined, parts);
  return joined;
};

const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);

/** A tensor that is computed when its numbers are first read: the backend looks at `values` before it uses `id`. */
function whenRead(compute: () => tf.Tensor, shape: number[]): tf.Tensor {
  const backend = tf.backend() as Backend;
  const dataId = backend.write(new Float32Array(0), shape, "float32");
  const entry = backend.tensorMap.get(dataId);
  const take = () => {
    const tensor = compute();
    const source = backend.tensorMap.get(tensor.dataId);
    entry.id = source.id;
    source.id = -1; // it is ours now
    tensor.dispose();
  };
  Object.defineProperty(entry, "values", {
    get() {
      if (entry.id < 0) take();
      return null;
    },
  });
  return tf.engine().makeTensorFromDataId(dataId, shape, "float32", backend);
}
