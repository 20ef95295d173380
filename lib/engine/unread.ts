// Tensors that are computed only if somebody reads them: joined along their channels, or with their pixels repeated.
// A convolution reads what they would be made of, and saves a round through the memory.
import * as kernels from "./kernels";
import * as tf from "./tensorflow";

/** The parts of tfjs-node's backend that its declarations keep private. */
interface Backend extends tf.KernelBackend {
  tensorMap: { get(dataId: object): { id: number; values: unknown } };
}

const sources = new WeakMap<tf.Tensor, kernels.ConvolutionInput>();

/** What an unread tensor is to be made of; of any other one, itself. */
export const sourceOf = (x: tf.Tensor): kernels.ConvolutionInput =>
  sources.get(x) ?? { parts: [x], repetitions: [1, 1] };

/** Whether `join` takes these. */
export const canJoin = (parts: tf.Tensor[]): boolean =>
  parts.length === kernels.mostParts &&
  parts.every(
    ({ rank, dtype, shape }) =>
      rank === 4 &&
      dtype === "float32" &&
      Number(shape[3]) % kernels.channelsOfPart === 0 &&
      tf.util.arraysEqual(shape.slice(0, 3), parts[0].shape.slice(0, 3)),
  );

/** [n, height, width, channels] side by side. They must live as long as the result: a training step keeps them to its end. */
export function join(parts: tf.Tensor[]): tf.Tensor {
  const channels = parts.map(({ shape }) => Number(shape[3]));
  const total = channels.reduce((sum, count) => sum + count, 0);
  const shape = [...parts[0].shape.slice(0, 3), total];
  const joined = tf.customGrad((...inputs) => ({
    value: whenRead(() => tf.concat(inputs.slice(0, -1) as tf.Tensor[], 3), shape),
    gradFunc: (dy: tf.Tensor) => tf.split(dy, channels, 3),
  }))(...parts);
  sources.set(joined, { parts, repetitions: [1, 1] });
  return joined;
}

/** x [n, height, width, channels] with each row and column repeated; x must live as long as the result. */
export function repeat(x: tf.Tensor4D, repetitions: readonly [number, number]): tf.Tensor {
  const [n, height, width, channels] = x.shape;
  const size: [number, number] = [height * repetitions[0], width * repetitions[1]];
  const repeated = tf.customGrad((input) => ({
    value: whenRead(() => tf.image.resizeNearestNeighbor(input as tf.Tensor4D, size), [n, ...size, channels]),
    gradFunc: (dy: tf.Tensor) => kernels.repeatGradient(dy, ...repetitions),
  }))(x);
  sources.set(repeated, { parts: [x], repetitions });
  return repeated;
}

/** A tensor that is computed when its numbers are first read: the backend looks at `values` before it uses `id`. */
export function whenRead(compute: () => tf.Tensor, shape: number[]): tf.Tensor {
  const backend = tf.backend() as Backend;
  const dataId = backend.write(new Float32Array(0), shape, "float32");
  const entry = backend.tensorMap.get(dataId);
  const take = () => {
    const tensor = tf.tidy(compute);
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
