// Faster training of ordinary tf.layers models. tfjs builds batch normalization, ReLU, bias, max-pooling, their
// gradients and Adam from chains of small operations; here each becomes one kernel made for it (native/).
// Models, weights and saved files stay as they are; switched off, everything is as tfjs ships it.

import * as kernels from "./kernels";
import * as tf from "./tensorflow";
import { canJoin, join, repeat, sourceOf, whenRead } from "./unread";

// --- Gradients of operations -------------------------------------------------------------------------------------

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
        ? kernels.maxPoolGradient(x, y, dy as tf.Tensor)
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
      ? { images: () => kernels.repeatGradient(dy as tf.Tensor, ...times) }
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

// --- Kernels -----------------------------------------------------------------------------------------------------

const backendName = "tensorflow";
const ownKernels = ["MaxPool", "ResizeNearestNeighbor"].map((name) => tf.getKernel(name, backendName));

const nativeKernels: tf.KernelConfig[] = [
  {
    ...ownKernels[0],
    kernelFunc(call) {
      const x = call.inputs.x as tf.TensorInfo;
      return halves(x, call.attrs as tf.NamedAttrMap) ? kernels.maxPool(x) : ownKernels[0].kernelFunc(call);
    },
  },
  {
    ...ownKernels[1],
    kernelFunc(call) {
      const images = call.inputs.images as tf.TensorInfo;
      const times = repetitions(images, call.attrs as tf.NamedAttrMap);
      return times ? kernels.repeat(images, ...times) : ownKernels[1].kernelFunc(call);
    },
  },
];

// --- Layers ------------------------------------------------------------------------------------------------------

type Call = (inputs: tf.Tensor | tf.Tensor[], options: { training?: boolean }) => tf.Tensor | tf.Tensor[];

/** The object that holds the `call` which a layer inherits. */
function holderOfCall<Layer>(layer: tf.layers.Layer): Layer & { call: Call } {
  let holder = Object.getPrototypeOf(layer);
  while (!Object.hasOwn(holder, "call")) holder = Object.getPrototypeOf(holder);
  return holder;
}

const only = (inputs: tf.Tensor | tf.Tensor[]): tf.Tensor => (Array.isArray(inputs) ? inputs[0] : inputs);

/** The parts of tfjs' convolution layers that their declarations keep private. */
interface Convolution {
  rank: number;
  kernel: tf.LayerVariable;
  bias: tf.LayerVariable | null;
  activation: { getClassName(): string; apply(x: tf.Tensor): tf.Tensor } | null;
  kernelSize: number[];
  strides: number[];
  padding: "same" | "valid";
  dataFormat: string;
  dilationRate: number | number[];
  inboundNodes: { inboundLayers: tf.layers.Layer[] }[];
  outboundNodes: { outboundLayer: tf.layers.Layer }[];
}

const all = (values: number | number[], test: (value: number) => boolean) => [values].flat().every(test);

const convolution = holderOfCall<Convolution>(tf.layers.conv2d({ filters: 1, kernelSize: 1 }));
const ownConvolution = convolution.call;

function nativeConvolution(this: Convolution, inputs: tf.Tensor | tf.Tensor[], options: { training?: boolean }) {
  const { rank, bias, activation, dataFormat, strides, kernelSize, padding, dilationRate } = this;
  const fits =
    rank === 2 &&
    bias &&
    dataFormat === "channelsLast" &&
    all(strides, (stride) => stride === 1) &&
    all(dilationRate, (rate) => rate === 1) &&
    all(kernelSize, (size) => size % 2 === 1) &&
    (padding === "same" || all(kernelSize, (size) => size === 1));
  const kernel = this.kernel.read();
  const tiny = kernel.shape.slice(-2).every((channels) => Number(channels) <= 4); // no vectors in it
  if (!fits || tiny) return ownConvolution.call(this, inputs, options);
  const relu = activation?.getClassName() === "relu";
  const first = this.inboundNodes.every(({ inboundLayers: [layer] }) => layer.getClassName() === "InputLayer");
  const origin = { x: sourceOf(only(inputs)), kernel, bias: bias.read(), relu, first };
  const follows = followers(this);
  const recording = options.training === true && isRecording();
  const shape = convolvedShape(origin);
  if (recording && follows.onlyPooling && (relu || isLinear(activation)) && shape[1] % 2 === 0 && shape[2] % 2 === 0)
    return convolveForPooling(origin, shape);
  return tf.tidy(() => {
    const { y, moments } = convolve(origin, recording && follows.normalization);
    const result = relu || !activation ? y : activation.apply(y);
    return result === y ? { result, moments } : { result };
  }).result;
}

const isLinear = (activation: Convolution["activation"]) => !activation || activation.getClassName() === "linear";

/** What a tensor was made of by a convolution, for the batch normalization that may follow. */
interface Origin {
  x: kernels.ConvolutionInput;
  kernel: tf.Tensor;
  bias: tf.Tensor;
  relu: boolean;
  /** The tensor's mean and variance by channel. */
  moments?: tf.Tensor[];
  /** Nothing was made of x before, so that its gradient is hardly ever asked for. */
  first: boolean;
}

const origins = new WeakMap<tf.Tensor, Origin>();

/** Whether operations are recorded, for gradients to be taken of them. */
const isRecording = () => (tf.engine() as unknown as { state: { gradientDepth: number } }).state.gradientDepth > 0;

/**
 * A function of x, in parts, and of parameters, whose gradients come as [of the parameters …, of the parts of x …].
 * That of x is left out for a network's first layer, until someone asks for it.
 * @param work gives the function's value and what else comes of it, which has no gradient
 * @param save what the gradients need, from the value
 */
function withGradients(
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
  const inputs = [...parameters, ...x.parts];
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

/** What follows a convolution in its network and spares work if it is known: `pooling` alone, or something else too. */
function followers({ outboundNodes }: Convolution): { normalization: boolean; onlyPooling: boolean } {
  const layers = outboundNodes.map(({ outboundLayer }) => outboundLayer);
  const [first] = layers as (tf.layers.Layer & { poolSize: number[]; strides: number[]; dataFormat: string })[];
  return {
    normalization: layers.some((layer) => layer.getClassName() === "BatchNormalization"),
    onlyPooling:
      layers.length === 1 &&
      first.getClassName() === "MaxPooling2D" &&
      first.dataFormat === "channelsLast" &&
      [...first.poolSize, ...first.strides].every((size) => size === 2),
  };
}

function convolvedShape({ x: { parts, repetitions }, bias }: Origin): number[] {
  const [n, height, width] = (parts[0] as tf.Tensor4D).shape;
  return [n, height * repetitions[0], width * repetitions[1], bias.size];
}

/** The convolution of an origin, unread: the pooling that follows reads the origin. */
function convolveForPooling(origin: Origin, shape: number[]): tf.Tensor {
  const { x, kernel, bias, relu } = origin;
  const [y] = withGradients(
    origin,
    [kernel, bias],
    () => [whenRead(() => kernels.convolve(x, kernel, bias, { relu, moments: false })[0], shape)],
    (result) => [result, kernel, ...x.parts],
    (dy, [savedY, savedKernel, ...parts], ofInput) =>
      kernels.convolveGradient(dy, savedY, { ...x, parts }, savedKernel, { relu, ofInput }),
  );
  forPooling.set(y, origin);
  return y;
}

/** Convolutions that nobody reads but a pooling layer, unless its input is asked for. */
const forPooling = new WeakMap<tf.Tensor, Origin>();

/** Max-pooling of the convolution of an origin. */
function convolvePool(origin: Origin): tf.Tensor {
  const { x, kernel, bias, relu } = origin;
  let winners: tf.Tensor;
  const [y] = withGradients(
    origin,
    [kernel, bias],
    () => {
      const results = kernels.convolvePool(x, kernel, bias, relu);
      winners = results[1];
      return [results[0]];
    },
    (result) => [result, winners, kernel, ...x.parts],
    (dy, [savedY, savedWinners, savedKernel, ...parts], ofInput) =>
      kernels.convolvePoolGradient(dy, [savedY, savedWinners], { ...x, parts }, savedKernel, { relu, ofInput }),
  );
  return y;
}

/** The convolution of an origin; with the moments, if batch normalization will need them. */
function convolve(origin: Origin, withMoments: boolean): { y: tf.Tensor; moments?: tf.Tensor[] } {
  const { x, kernel, bias, relu } = origin;
  const [y, ...moments] = withGradients(
    origin,
    [kernel, bias],
    () => {
      const results = kernels.convolve(x, kernel, bias, { relu, moments: withMoments });
      return withMoments ? results : results.slice(0, 1);
    },
    (result) => [result, kernel, ...x.parts],
    (dy, [savedY, savedKernel, ...parts], ofInput) =>
      kernels.convolveGradient(dy, savedY, { ...x, parts }, savedKernel, { relu, ofInput }),
  );
  origins.set(y, withMoments ? { ...origin, moments } : origin);
  return withMoments ? { y, moments } : { y };
}

const transposed = holderOfCall<Convolution>(tf.layers.conv2dTranspose({ filters: 1, kernelSize: 1 }));
const ownTransposed = transposed.call;

function nativeTransposed(this: Convolution, inputs: tf.Tensor | tf.Tensor[], options: { training?: boolean }) {
  const { bias, activation, dataFormat, strides, kernelSize } = this;
  if (!bias || dataFormat !== "channelsLast" || !tf.util.arraysEqual(strides, kernelSize))
    return ownTransposed.call(this, inputs, options);
  return tf.tidy(() => {
    const y = enlarge(only(inputs), this.kernel.read(), bias.read());
    return activation ? activation.apply(y) : y;
  });
}

const enlarge = tf.customGrad((x, kernel, bias, save) => {
  (save as tf.GradSaveFunc)([x as tf.Tensor, kernel as tf.Tensor]);
  return {
    value: kernels.enlarge(x as tf.Tensor, kernel as tf.Tensor, bias as tf.Tensor),
    gradFunc: (dy: tf.Tensor, [savedX, savedKernel]: tf.Tensor[]) => kernels.enlargeGradient(dy, savedX, savedKernel),
  };
});

/** The parts of tfjs' BatchNormalization layer that its declarations keep private. */
interface BatchNormalization {
  axis: number;
  epsilon: number;
  momentum: number;
  gamma: tf.LayerVariable | null;
  beta: tf.LayerVariable | null;
  movingMean: tf.LayerVariable;
  movingVariance: tf.LayerVariable;
}

const normalization = holderOfCall<BatchNormalization>(tf.layers.batchNormalization());
const ownNormalization = normalization.call;

function nativeNormalization(
  this: BatchNormalization,
  inputs: tf.Tensor | tf.Tensor[],
  options: { training?: boolean },
): tf.Tensor | tf.Tensor[] {
  const x = only(inputs);
  const { gamma, beta, axis } = this;
  if (x.rank !== 4 || !(axis === -1 || axis === 3) || !gamma || !beta)
    return ownNormalization.call(this, inputs, options);
  if (!options.training) return normalizeAsLearnt(this)(x, gamma.read(), beta.read());
  const origin = origins.get(x);
  if (!origin) return normalizeBatch(this)(x, gamma.read(), beta.read());
  return normalizeConvolved(this, x, origin, gamma.read(), beta.read());
}

/** y, and the batch's mean and 1 / standard deviation; the moving statistics follow them. */
function normalizeAndFollow(
  layer: BatchNormalization,
  x: tf.Tensor,
  gamma: tf.Tensor,
  beta: tf.Tensor,
  moments: tf.Tensor[] = [tf.tensor1d([]), tf.tensor1d([])],
): tf.Tensor[] {
  const { movingMean, movingVariance, epsilon, momentum } = layer;
  const moving = [movingMean.read(), movingVariance.read()] as const;
  const results = kernels.normalizeBatch(x, gamma, beta, ...moving, moments, epsilon, momentum);
  const [y, newMean, newVariance, mean, inverse] = results;
  movingMean.write(newMean);
  movingVariance.write(newVariance);
  return [y, mean, inverse];
}

const normalizeBatch = (layer: BatchNormalization) =>
  tf.customGrad((input, scale, offset, save) => {
    const [x, gamma, beta] = [input, scale, offset] as tf.Tensor[];
    const [y, mean, inverse] = normalizeAndFollow(layer, x, gamma, beta);
    (save as tf.GradSaveFunc)([x, gamma, mean, inverse]);
    return {
      value: y,
      gradFunc: (dy: tf.Tensor, [savedX, savedGamma, savedMean, savedInverse]: tf.Tensor[]) =>
        kernels.normalizeBatchGradient(dy, savedX, savedGamma, savedMean, savedInverse),
    };
  });

/** The same for x that a convolution has just made: as a function of what it was made of, which is faster backwards. */
function normalizeConvolved(
  layer: BatchNormalization,
  x: tf.Tensor,
  origin: Origin,
  gamma: tf.Tensor,
  beta: tf.Tensor,
): tf.Tensor {
  let statistics: tf.Tensor[] = [];
  const [y] = withGradients(
    origin,
    [origin.kernel, origin.bias, gamma, beta],
    () => {
      const [value, ...rest] = normalizeAndFollow(layer, x, gamma, beta, origin.moments);
      statistics = rest;
      return [value];
    },
    () => [x, origin.kernel, gamma, ...statistics, ...origin.x.parts],
    (dy, [savedX, savedKernel, savedGamma, mean, inverse, ...parts], ofInput) => {
      const input = { ...origin.x, parts };
      const statisticsOfBatch = [savedGamma, mean, inverse];
      const options = { relu: origin.relu, ofInput };
      return kernels.convolveNormalizeGradient(dy, savedX, input, savedKernel, statisticsOfBatch, options);
    },
  );
  return y;
}

const normalizeAsLearnt = ({ movingMean, movingVariance, epsilon }: BatchNormalization) =>
  tf.customGrad((input, scale, offset, save) => {
    const [x, gamma, beta] = [input, scale, offset] as tf.Tensor[];
    const [mean, variance] = [movingMean.read(), movingVariance.read()];
    (save as tf.GradSaveFunc)([x, gamma, mean, variance]);
    return {
      value: kernels.normalize(x, gamma, beta, mean, variance, epsilon),
      gradFunc: (dy: tf.Tensor, [savedX, savedGamma, savedMean, savedVariance]: tf.Tensor[]) => {
        const inverse = savedVariance.add(epsilon).rsqrt();
        const normalized = savedX.sub(savedMean).mul(inverse);
        return [dy.mul(savedGamma.mul(inverse)), dy.mul(normalized).sum([0, 1, 2]), dy.sum([0, 1, 2])];
      },
    };
  });

/** The parts of tfjs' Concatenate layer that its declarations keep private. */
interface Concatenate {
  axis: number;
}

// its `call` is that of all merging layers, to whom it is left
const concatenation = Object.getPrototypeOf(tf.layers.concatenate()) as Concatenate & { call: Call };
const ownConcatenation = concatenation.call;

function nativeConcatenation(
  this: Concatenate,
  inputs: tf.Tensor | tf.Tensor[],
  options: { training?: boolean },
): tf.Tensor | tf.Tensor[] {
  const joinable =
    options.training && isRecording() && Array.isArray(inputs) && [-1, 3].includes(this.axis) && canJoin(inputs);
  return joinable ? join(inputs) : ownConcatenation.call(this, inputs, options);
}

// its `call` is that of all pooling layers, to whom it is left
const maxPooling = Object.getPrototypeOf(tf.layers.maxPooling2d({})) as { call: Call };
const ownMaxPooling = maxPooling.call;

function nativeMaxPooling(this: unknown, inputs: tf.Tensor | tf.Tensor[], options: { training?: boolean }) {
  const origin = forPooling.get(only(inputs));
  return origin ? convolvePool(origin) : ownMaxPooling.call(this, inputs, options);
}

/** The parts of tfjs' UpSampling2D layer that its declarations keep private. */
interface Upsampling {
  size: [number, number];
  dataFormat: string;
  interpolation: string;
}

const upsampling = holderOfCall<Upsampling>(tf.layers.upSampling2d({}));
const ownUpsampling = upsampling.call;

function nativeUpsampling(
  this: Upsampling,
  inputs: tf.Tensor | tf.Tensor[],
  options: { training?: boolean },
): tf.Tensor | tf.Tensor[] {
  const x = only(inputs);
  const repeats = this.interpolation === "nearest" && this.dataFormat === "channelsLast" && x.dtype === "float32";
  return repeats && options.training && isRecording()
    ? repeat(x as tf.Tensor4D, this.size)
    : ownUpsampling.call(this, inputs, options);
}

// --- Adam --------------------------------------------------------------------------------------------------------

type Gradients = tf.NamedTensorMap | { name: string; tensor: tf.Tensor }[];

interface Moment {
  originalName: string;
  variable: tf.Variable;
}

/** The parts of tfjs' Adam that its declarations keep private. */
interface Adam {
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  accBeta1: tf.Variable;
  accBeta2: tf.Variable;
  accumulatedFirstMoment: Moment[];
  accumulatedSecondMoment: Moment[];
  incrementIterations(): void;
  applyGradients(gradients: Gradients): void;
}

const sample = tf.train.adam();
const adam = Object.getPrototypeOf(sample) as Adam;
const ownApplyGradients = adam.applyGradients;
sample.dispose();

function nativeApplyGradients(this: Adam, gradients: Gradients): void {
  const named = Array.isArray(gradients)
    ? gradients
    : Object.entries(gradients).map(([name, tensor]) => ({ name, tensor }));
  const { beta1, beta2, learningRate, epsilon, accBeta1, accBeta2 } = this;
  tf.tidy(() => {
    const [power1] = accBeta1.dataSync();
    const [power2] = accBeta2.dataSync();
    const settings = [learningRate, beta1, 1 - beta1, beta2, 1 - beta2, epsilon, 1 - power1, 1 - power2];
    const settingsTensor = tf.tensor1d(settings);
    named.forEach(({ name, tensor }, i) => {
      const value = tf.engine().registeredVariables[name];
      const moment = (moments: Moment[], kind: "m" | "v"): tf.Variable => {
        moments[i] ??= { originalName: `${name}/${kind}`, variable: tf.zerosLike(value).variable(false) };
        return moments[i].variable;
      };
      const first = moment(this.accumulatedFirstMoment, "m");
      const second = moment(this.accumulatedSecondMoment, "v");
      if (!tensor) return;
      const [newValue, newFirst, newSecond] = kernels.adamStep(value, first, second, tensor, settingsTensor);
      value.assign(newValue);
      first.assign(newFirst);
      second.assign(newSecond);
    });
    accBeta1.assign(tf.scalar(power1 * beta1));
    accBeta2.assign(tf.scalar(power2 * beta2));
  });
  this.incrementIterations();
}

/** Switches the native kernels on or off, for all models of this process. They are on from the start. */
export function useNativeTraining(on: boolean): void {
  nativeGradients.forEach((native, i) => {
    const gradient = on ? native : ownGradients[i];
    tf.unregisterGradient(native.kernelName);
    if (gradient) tf.registerGradient(gradient);
  });
  for (const kernel of on ? nativeKernels : ownKernels) {
    tf.unregisterKernel(kernel.kernelName, backendName);
    tf.registerKernel(kernel);
  }
  convolution.call = on ? nativeConvolution : ownConvolution;
  concatenation.call = on ? nativeConcatenation : ownConcatenation;
  maxPooling.call = on ? nativeMaxPooling : ownMaxPooling;
  upsampling.call = on ? nativeUpsampling : ownUpsampling;
  transposed.call = on ? nativeTransposed : ownTransposed;
  normalization.call = on ? nativeNormalization : ownNormalization;
  adam.applyGradients = on ? nativeApplyGradients : ownApplyGradients;
}
