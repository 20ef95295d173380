// Tensors that are computed only if somebody reads them: joined along their channels, with their pixels repeated, or
// normalized. A convolution reads what they would be made of, and saves a round through the memory.
import * as kernels from "./kernels";
import * as tf from "./tensorflow";

/** The parts of tfjs-node's backend that its declarations keep private. */
interface Backend extends tf.KernelBackend {
  tensorMap: { get(dataId: object): { id: number; values: unknown; refCount: number } };
}

/** What a convolution reads, and the tensors whose gradients it works out: the parts, or what was normalized. */
export interface Source extends kernels.ConvolutionInput {
  operands: tf.Tensor[];
}

const sources = new WeakMap<tf.Tensor, Source>();

/** What an unread tensor is to be made of; of any other one, itself. */
export const sourceOf = (x: tf.Tensor): Source => sources.get(x) ?? { inputs: [x], factors: [1, 1], operands: [x] };

/** Whether `join` takes these. */
export const canJoin = (parts: tf.Tensor[]): boolean =>
  parts.length === kernels.maxInputs &&
  parts.every(
    ({ rank, dtype, shape }) =>
      rank === 4 &&
      dtype === "float32" &&
      Number(shape[3]) % kernels.channelMultiple === 0 &&
      tf.util.arraysEqual(shape.slice(0, 3), parts[0].shape.slice(0, 3)),
  );

/** [n, height, width, channels] side by side. */
export function join(parts: tf.Tensor[]): tf.Tensor {
  const channels = parts.map(({ shape }) => Number(shape[3]));
  const total = channels.reduce((sum, count) => sum + count, 0);
  return tf.customGrad(() => {
    const shape = [...parts[0].shape.slice(0, 3), total];
    const [joined, copies] = whenRead(parts, (kept) => tf.concat(kept, 3), shape);
    sources.set(joined, { inputs: copies, factors: [1, 1], operands: parts });
    return { value: joined, gradFunc: (dy: tf.Tensor) => tf.split(dy, channels, 3) };
  })(...parts);
}

/** x [n, height, width, channels] with each row and column repeated. */
export function repeat(x: tf.Tensor4D, repetitions: readonly [number, number]): tf.Tensor {
  const [n, height, width, channels] = x.shape;
  const size: [number, number] = [height * repetitions[0], width * repetitions[1]];
  return tf.customGrad(() => {
    const enlarge = ([kept]: tf.Tensor[]) => tf.image.resizeNearestNeighbor(kept as tf.Tensor4D, size);
    const [repeated, copies] = whenRead([x], enlarge, [n, ...size, channels]);
    sources.set(repeated, { inputs: copies, factors: repetitions, operands: [x] });
    return { value: repeated, gradFunc: (dy: tf.Tensor) => kernels.upsampleGradient(dy, repetitions) };
  })(x);
}

/** `kernels.normalize`, without a gradient. */
export function normalize(x: tf.Tensor, normalization: tf.Tensor): tf.Tensor {
  const [normalized, copies] = whenRead([x, normalization], ([kept, by]) => kernels.normalize(kept, by), x.shape);
  const [part, by] = copies;
  sources.set(normalized, { inputs: [part], factors: [1, 1], normalization: by, operands: [normalized] });
  return normalized;
}

/**
 * A tensor that is computed when its numbers are first read: the backend looks at `values` before it uses `id`. What it
 * is made of is kept until it is disposed of, when nothing refers to it any more.
 * @returns it, and the copies that it keeps
 */
export function whenRead(
  ingredients: tf.Tensor[],
  compute: (copies: tf.Tensor[]) => tf.Tensor,
  shape: number[],
): [unread: tf.Tensor, copies: tf.Tensor[]] {
  const copies = ingredients.map((tensor) => tf.keep(tensor.clone()));
  const backend = tf.backend() as Backend;
  const dataId = backend.write(new Float32Array(0), shape, "float32");
  const entry = backend.tensorMap.get(dataId);
  const take = () => {
    const tensor = tf.tidy(() => compute(copies));
    const source = backend.tensorMap.get(tensor.dataId);
    entry.id = source.id;
    source.id = -1; // it is ours now
    tensor.dispose();
  };
  let references = entry.refCount;
  Object.defineProperties(entry, {
    values: {
      get() {
        if (entry.id < 0) take();
        return null;
      },
    },
    refCount: {
      get: () => references,
      set(count: number) {
        references = count;
        if (count === 0) tf.dispose(copies);
      },
    },
  });
  return [tf.engine().makeTensorFromDataId(dataId, shape, "float32", backend), copies];
}
