// Operations and gradients of operations that tfjs builds from chains of smaller ones, or leaves to slow kernels.
import * as kernels from "../kernels";
import * as tf from "../tensorflow";

const relu: tf.GradConfig = {
  kernelName: "Relu",
  outputsToSave: [true],
  gradFunc: (dy, [y]) => ({ x: () => kernels.reluGradient(dy as tf.Tensor, y) }),
};

const sigmoid: tf.GradConfig = {
  kernelName: "Sigmoid",
  outputsToSave: [true],
  gradFunc: (dy, [y]) => ({ x: () => kernels.sigmoidGradient(dy as tf.Tensor, y) }),
};

const add: tf.GradConfig = {
  kernelName: "Add",
  inputsToSave: ["a", "b"],
  gradFunc: (dy, [a, b]) => ({ a: () => sumTo(dy as tf.Tensor, a.shape), b: () => sumTo(dy as tf.Tensor, b.shape) }),
};

/** The gradient of a broadcast operand: dy summed over the axes along which it was repeated. */
function sumTo(dy: tf.Tensor, shape: number[]): tf.Tensor {
  if (tf.util.arraysEqual(dy.shape, shape)) return dy.clone();
  const channels = dy.shape[dy.rank - 1];
  const isBias =
    dy.rank >= 2 &&
    dy.dtype === "float32" &&
    shape.at(-1) === channels &&
    shape.slice(0, -1).every((size) => size === 1);
  const sum = isBias ? kernels.biasGradient(dy) : dy.sum(tf.broadcast_util.getReductionAxes(shape, dy.shape));
  return sum.reshape(shape);
}

/** tfjs' own gradient runs the forward pass again, and TensorFlow's kernel uses one thread. */
const maxPool: tf.GradConfig = {
  kernelName: "MaxPool",
  inputsToSave: ["x"],
  outputsToSave: [true],
  gradFunc: (dy, [x, y], attributes) => ({
    x: () =>
      halves(x, attributes)
        ? kernels.maxPool2x2Gradient(x, y, dy as tf.Tensor)
        : (tf.engine().runKernel("MaxPoolGrad", { dy: dy as tf.Tensor, input: x, output: y }, attributes) as tf.Tensor),
  }),
};

/** Whether a max-pooling takes the largest of each 2x2 pixels, with none left over. */
function halves({ shape, dtype }: tf.TensorInfo, { filterSize, strides }: tf.NamedAttrMap): boolean {
  const two = (size: unknown) => [size].flat().every((value) => value === 2);
  const [, height, width] = shape;
  return dtype === "float32" && two(filterSize) && two(strides) && height % 2 === 0 && width % 2 === 0;
}

const resizeNearestNeighbor: tf.GradConfig = {
  kernelName: "ResizeNearestNeighbor",
  inputsToSave: ["images"],
  gradFunc: (dy, [images], attributes) => {
    const times = repetitions(images, attributes);
    return times
      ? { images: () => kernels.upsampleGradient(dy as tf.Tensor, times) }
      : ownGradients[nativeGradients.indexOf(resizeNearestNeighbor)].gradFunc(dy, [images], attributes);
  },
};

/** How often each row and column is repeated, where a resizing does no more than that. */
function repetitions(images: tf.TensorInfo, attributes: tf.NamedAttrMap): [number, number] | undefined {
  const [, height, width] = images.shape;
  const [newHeight, newWidth] = attributes.size as number[];
  const whole = newHeight % height === 0 && newWidth % width === 0;
  if (images.dtype === "float32" && whole && !attributes.alignCorners && !attributes.halfPixelCenters)
    return [newHeight / height, newWidth / width];
}

const nativeGradients = [relu, sigmoid, add, maxPool, resizeNearestNeighbor];
const ownGradients = nativeGradients.map(({ kernelName }) => tf.getGradient(kernelName));

const backendName = "tensorflow";
const ownKernels = ["MaxPool", "ResizeNearestNeighbor"].map((name) => tf.getKernel(name, backendName));

const nativeKernels: tf.KernelConfig[] = [
  {
    ...ownKernels[0],
    kernelFunc(call) {
      const x = call.inputs.x as tf.TensorInfo;
      return halves(x, call.attrs as tf.NamedAttrMap) ? kernels.maxPool2x2(x) : ownKernels[0].kernelFunc(call);
    },
  },
  {
    ...ownKernels[1],
    kernelFunc(call) {
      const images = call.inputs.images as tf.TensorInfo;
      const times = repetitions(images, call.attrs as tf.NamedAttrMap);
      return times ? kernels.upsample(images, times) : ownKernels[1].kernelFunc(call);
    },
  },
];

export function switchOperations(on: boolean): void {
  nativeGradients.forEach((native, i) => {
    const gradient = on ? native : ownGradients[i];
    tf.unregisterGradient(native.kernelName);
    if (gradient) tf.registerGradient(gradient);
  });
  for (const kernel of on ? nativeKernels : ownKernels) {
    tf.unregisterKernel(kernel.kernelName, backendName);
    tf.registerKernel(kernel);
  }
}
