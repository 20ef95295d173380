// Operations and gradients of operations that tfjs builds from chains of smaller ones, or leaves to slow kernels: ReLU,
// sigmoid, 2x2 max-pooling and nearest-neighbour upsampling by whole factors.
import * as kernels from "../kernels";
import * as tf from "../tensorflow";
import { all } from "./layer";
import { stock } from "./stock";
import { isNativeGradient } from "./tape";

const backendName = "tensorflow";
const stockGradient = (name: string) => stock("gradients", name, () => tf.getGradient(name));
const stockKernel = (name: string) => stock("kernels", name, () => tf.getKernel(name, backendName));

const isFloat = (...tensors: tf.TensorInfo[]) => tensors.every(({ dtype }) => dtype === "float32");

const relu: tf.GradConfig = {
  kernelName: "Relu",
  inputsToSave: ["x"],
  outputsToSave: [true],
  gradFunc: (dy, [x, y]) => ({
    x: () =>
      isNativeGradient() && isFloat(dy as tf.Tensor, y)
        ? kernels.reluGradient(dy as tf.Tensor, y)
        : tf.mul(dy as tf.Tensor, tf.step(x).cast("float32")), // of x, as in tfjs: on the tape, y depends on nothing,
  }),
};

const sigmoid: tf.GradConfig = {
  kernelName: "Sigmoid",
  outputsToSave: [true],
  gradFunc: (dy, [y]) => ({
    x: () =>
      isNativeGradient() && isFloat(dy as tf.Tensor, y)
        ? kernels.sigmoidGradient(dy as tf.Tensor, y)
        : tf.mul(dy as tf.Tensor, tf.mul(y, tf.sub(1, y))),
  }),
};

/** tfjs' own runs the forward pass again, and TensorFlow's kernel uses one thread. */
const maxPool: tf.GradConfig = {
  ...stockGradient("MaxPool"),
  gradFunc: (dy, [x, y], attributes) =>
    isNativeGradient() && isPooling2x2(x, attributes) && isFloat(dy as tf.Tensor)
      ? { x: () => kernels.maxPool2x2Gradient(x, y, dy as tf.Tensor) }
      : stockGradient("MaxPool").gradFunc(dy, [x, y], attributes),
};

/** Whether a max-pooling takes the largest of each 2x2 pixels, with none left over and none added. */
function isPooling2x2(x: tf.TensorInfo, { filterSize, strides, pad }: tf.NamedAttrMap): boolean {
  const [, height, width] = x.shape;
  return (
    isFloat(x) &&
    x.shape.length === 4 &&
    x.shape.every((size) => size > 0) &&
    all(filterSize as number | number[], (size) => size === 2) &&
    all(strides as number | number[], (size) => size === 2) &&
    (pad === "same" || pad === "valid") &&
    height % 2 === 0 &&
    width % 2 === 0
  );
}

const resizeNearestNeighbor: tf.GradConfig = {
  ...stockGradient("ResizeNearestNeighbor"),
  gradFunc: (dy, [images], attributes) => {
    const factors = isNativeGradient() && isFloat(dy as tf.Tensor) && upsamplingFactors(images, attributes);
    return factors
      ? { images: () => kernels.upsampleGradient(dy as tf.Tensor, factors) }
      : stockGradient("ResizeNearestNeighbor").gradFunc(dy, [images], attributes);
  },
};

/** How often each row and column is repeated, where a resizing does no more than that. */
function upsamplingFactors(images: tf.TensorInfo, attributes: tf.NamedAttrMap): [number, number] | undefined {
  const { size, alignCorners, halfPixelCenters } = attributes;
  const [n, height, width, channels] = images.shape;
  if (!isFloat(images) || alignCorners || halfPixelCenters || !(n * height * width * channels > 0)) return undefined;
  const factors = (size as number[]).map((newSize, axis) => newSize / images.shape[axis + 1]);
  return factors.every((factor) => factor >= 1 && Number.isInteger(factor)) ? (factors as [number, number]) : undefined;
}

const nativeGradients = [relu, sigmoid, maxPool, resizeNearestNeighbor];

const nativeKernels: tf.KernelConfig[] = [
  {
    ...stockKernel("MaxPool"),
    kernelFunc(call) {
      const x = call.inputs.x as tf.TensorInfo;
      return isPooling2x2(x, call.attrs as tf.NamedAttrMap)
        ? kernels.maxPool2x2(x)
        : stockKernel("MaxPool").kernelFunc(call);
    },
  },
  {
    ...stockKernel("ResizeNearestNeighbor"),
    kernelFunc(call) {
      const images = call.inputs.images as tf.TensorInfo;
      const factors = upsamplingFactors(images, call.attrs as tf.NamedAttrMap);
      return factors ? kernels.upsample(images, factors) : stockKernel("ResizeNearestNeighbor").kernelFunc(call);
    },
  },
];

export function switchOperations(on: boolean): void {
  for (const native of nativeGradients) {
    const own = stockGradient(native.kernelName);
    tf.unregisterGradient(native.kernelName);
    tf.registerGradient(on ? native : own);
  }
  for (const native of nativeKernels) {
    const own = stockKernel(native.kernelName);
    tf.unregisterKernel(native.kernelName, backendName);
    tf.registerKernel(on ? native : own);
  }
}
