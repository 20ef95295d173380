// Tensors that are computed only if somebody reads them: joined along their channels, with their pixels repeated, or
// normalized. A convolution reads what they would be made of, and saves a round through the memory.
import * as kernels from "./kernels";
import * as tf from "./tensorflow";

/** The parts of tfjs-node's backend that its declarations keep private. */
interface Backend extends tf.KernelBackend {
  tensorMap: { get(dataId: object): { id: number; values: unknown } };
}

/** What a convolution reads, and the tensors whose gradients it works out: the parts, or what was normalized. */
export interface Source extends kernels.ConvolutionInput {
  operands: tf.Tensor[];
}

const sources = new WeakMap<tf.Tensor, Source>();

/** What an unread tensor is to be made of; of any other one, itself. */
export const sourceOf = (x: tf.Tensor): Source => sources.get(x) ?? { parts: [x], repetitions: [1, 1], operands: [x] };

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
  sources.set(joined, { parts, repetitions: [1, 1], operands: parts });
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
  sources.set(repeated, { parts: [x], repetitions, operands: [x] });
  return repeated;
}

/** Lets the readers of `normalized`, which is to be x normalized, read x; x must live as long as it. */
export function readBefore(normalized: tf.Tensor, x: tf.Tensor, normalization: tf.Tensor): void {
  sources.set(normalized, { parts: [x], repetitions: [1, 1], normalization, operands: [normalized] });
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
