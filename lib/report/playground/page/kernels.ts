// Three kernels of the WebAssembly backend in forms that take a tenth of the time: those of TensorFlow.js go through these
// operations number by number, and took half of a U-Net's time. Each handles what U-Nets contain and leaves all else to the
// original.
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { getKernel, type KernelFunc, registerKernel, type TensorInfo, unregisterKernel } from "./tensorflow";

type Tensors = Readonly<Record<string, TensorInfo>>;
type Kernel<Attributes> = (inputs: Tensors, attributes: Attributes, backend: BackendWasm) => TensorInfo | undefined;

/** Call it when the backend is there. */
export function replaceKernels(): void {
  replace("Conv2DBackpropInput", transposedConvolution);
  replace("FusedBatchNorm", batchNormalization);
  replace("Concat", concatenation);
}

/** @param kernel gives undefined where the original is to do it */
function replace<Attributes>(kernelName: string, kernel: Kernel<Attributes>): void {
  const original = getKernel(kernelName, "wasm");
  unregisterKernel(kernelName, "wasm");
  const kernelFunc: KernelFunc = (all) =>
    kernel(all.inputs as Tensors, all.attrs as Attributes, all.backend as BackendWasm) ?? original.kernelFunc(all);
  registerKernel({ ...original, kernelFunc });
}

const valuesOf = (backend: BackendWasm, tensor: TensorInfo) => backend.typedArrayFromHeap(tensor) as Float32Array;

const forms = new WeakMap<object, TensorInfo[]>();

/** Other forms of a weight, made once: here, models are applied and never trained. */
function prepared({ dataId }: TensorInfo, make: () => TensorInfo[]): TensorInfo[] {
  const made = forms.get(dataId) ?? make();
  forms.set(dataId, made);
  return made;
}

/**
 * A transposed convolution whose filter is as large as its stride: no two results overlap, so that it is one product of
 * matrices, whose numbers are put into their places.
 */
function transposedConvolution(
  { dy, filter }: Tensors,
  { strides, inputShape }: { strides: number | readonly [number, number]; inputShape: readonly number[] },
  backend: BackendWasm,
): TensorInfo | undefined {
  const [n, height, width, from] = dy.shape;
  const [tall, wide, to] = filter.shape;
  const [down, across] = typeof strides === "number" ? [strides, strides] : strides;
  const shape = [n, height * tall, width * wide, to];
  if (tall !== down || wide !== across || shape.join() !== inputShape.join()) return undefined;
  const columns = tall * wide * to;
  const [b] = prepared(filter, () => {
    const weights = valuesOf(backend, filter);
    const transposed = weights.map((_, i) => weights[(i % columns) * from + Math.floor(i / columns)]);
    return [backend.makeOutput([1, from, columns], "float32", undefined, transposed)];
  });
  const a = { ...dy, shape: [1, n * height * width, from] };
  const attrs = { transposeA: false, transposeB: false };
  const product = getKernel("BatchMatMul", "wasm").kernelFunc({ inputs: { a, b }, attrs, backend }) as TensorInfo;
  const result = backend.makeOutput(shape, "float32");
  putRows(valuesOf(backend, product), valuesOf(backend, result), { rows: n * height, width, tall, run: wide * to });
  backend.disposeData(product.dataId);
  return result;
}

/** From the parts of each pixel one after the other to whole rows. */
function putRows(
  source: Float32Array,
  target: Float32Array,
  { rows, width, tall, run }: { rows: number; width: number; tall: number; run: number },
): void {
  for (let row = 0, read = 0; row < rows; row++)
    for (let x = 0; x < width; x++)
      for (let y = 0; y < tall; y++, read += run) {
        const write = ((row * tall + y) * width + x) * run;
        for (let i = 0; i < run; i++) target[write + i] = source[read + i];
      }
}

/** Multiplies each channel by a number and adds another: a depthwise convolution of one pixel. */
function batchNormalization(
  { x, mean, variance, offset, scale }: Tensors,
  { varianceEpsilon }: { varianceEpsilon: number },
  backend: BackendWasm,
): TensorInfo | undefined {
  if (x.shape.length !== 4 || !scale || !offset) return undefined;
  const channels = x.shape[3];
  const [filter, bias] = prepared(scale, () => {
    const [means, variances, offsets] = [mean, variance, offset].map((tensor) => valuesOf(backend, tensor));
    const factors = valuesOf(backend, scale).map((value, i) => value / Math.sqrt(variances[i] + varianceEpsilon));
    const terms = offsets.map((value, i) => value - means[i] * factors[i]);
    return [
      backend.makeOutput([1, 1, channels, 1], "float32", undefined, factors),
      backend.makeOutput([channels], "float32", undefined, terms),
    ];
  });
  const attrs = { strides: 1, pad: "valid", dataFormat: "NHWC", dilations: 1, activation: "linear" };
  const result = getKernel("FusedDepthwiseConv2D", "wasm").kernelFunc({ inputs: { x, filter, bias }, attrs, backend });
  return result as TensorInfo;
}

/** Of channels. */
function concatenation(inputs: Tensors, { axis }: { axis: number }, backend: BackendWasm): TensorInfo | undefined {
  const tensors = Object.values(inputs);
  const { shape, dtype } = tensors[0];
  const last = shape.length - 1;
  if (dtype !== "float32" || (axis !== last && axis !== -1)) return undefined;
  const channels = tensors.map((tensor) => tensor.shape[last]);
  const together = channels.reduce((sum, each) => sum + each, 0);
  const result = backend.makeOutput([...shape.slice(0, -1), together], dtype);
  const target = valuesOf(backend, result);
  let first = 0;
  for (const [i, tensor] of tensors.entries()) {
    putChannels(valuesOf(backend, tensor), channels[i], target, together, first);
    first += channels[i];
  }
  return result;
}

/** Copies runs of `count` numbers to every `stride`-th place from `first` on. */
function putChannels(source: Float32Array, count: number, target: Float32Array, stride: number, first: number): void {
  const { length } = source;
  for (let read = 0, write = first; read < length; read += count, write += stride)
    for (let i = 0; i < count; i++) target[write + i] = source[read + i];
}
