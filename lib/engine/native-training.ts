// Faster training of ordinary tf.layers models. tfjs builds batch normalization, ReLU, bias, max-pooling, their
// gradients and Adam from chains of small operations; here each becomes one kernel made for it (native/).
// Models, weights and saved files stay as they are; switched off, everything is as tfjs ships it.

import * as kernels from "./kernels";
import * as tf from "./tensorflow";

// --- Gradients of operations -------------------------------------------------------------------------------------

const relu: tf.GradConfig = {
  kernelName: "Relu",
  outputsToSave: [true],
  gradFunc: (dy, [y]) => ({ x: () => kernels.reluGradient(dy as tf.Tensor, y) }),
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
function halves({ shape: [, height, width] }: tf.Tensor, { filterSize, strides }: tf.NamedAttrMap): boolean {
  const two = (size: unknown) => [size].flat().every((value) => value === 2);
  return two(filterSize) && two(strides) && Number(height) % 2 === 0 && Number(width) % 2 === 0;
}

const nativeGradients = [relu, add, maxPool];
const ownGradients = nativeGradients.map(({ kernelName }) => tf.getGradient(kernelName));

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
  const origin = { x: only(inputs), kernel, bias: bias.read(), relu };
  return tf.tidy(() => {
    const y = convolve(relu)(origin.x, origin.kernel, origin.bias);
    origins.set(y, origin);
    return relu || !activation ? y : activation.apply(y);
  });
}

/** What a tensor was made of by a convolution, for the batch normalization that may follow. */
const origins = new WeakMap<tf.Tensor, { x: tf.Tensor; kernel: tf.Tensor; bias: tf.Tensor; relu: boolean }>();

const convolve = (relu: boolean) =>
  tf.customGrad((x, kernel, bias, save) => {
    const y = kernels.convolve(x as tf.Tensor, kernel as tf.Tensor, bias as tf.Tensor, relu);
    (save as tf.GradSaveFunc)([y, x as tf.Tensor, kernel as tf.Tensor]);
    return {
      value: y,
      gradFunc: (dy: tf.Tensor, [savedY, savedX, savedKernel]: tf.Tensor[]) =>
        kernels.convolveGradient(dy, savedY, savedX, savedKernel, relu),
    };
  });

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
  return normalizeConvolved(this, x, origin.relu)(origin.x, origin.kernel, origin.bias, gamma.read(), beta.read());
}

/** y, and the batch's mean and 1 / standard deviation; the moving statistics follow them. */
function normalizeAndFollow(layer: BatchNormalization, x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor[] {
  const { movingMean, movingVariance, epsilon, momentum } = layer;
  const moving = [movingMean.read(), movingVariance.read()] as const;
  const results = kernels.normalizeBatch(x, gamma, beta, ...moving, epsilon, momentum);
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
const normalizeConvolved = (layer: BatchNormalization, x: tf.Tensor, relu: boolean) =>
  tf.customGrad((...inputs) => {
    const [input, kernel, , gamma, beta] = inputs as tf.Tensor[];
    const [y, mean, inverse] = normalizeAndFollow(layer, x, gamma, beta);
    (inputs.at(-1) as tf.GradSaveFunc)([x, input, kernel, gamma, mean, inverse]);
    return {
      value: y,
      gradFunc: (dy: tf.Tensor, [savedX, savedInput, savedKernel, savedGamma, savedMean, savedInverse]: tf.Tensor[]) =>
        kernels.convolveNormalizeGradient(
          dy,
          savedX,
          savedInput,
          savedKernel,
          savedGamma,
          savedMean,
          savedInverse,
          relu,
        ),
    };
  });

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
  convolution.call = on ? nativeConvolution : ownConvolution;
  transposed.call = on ? nativeTransposed : ownTransposed;
  normalization.call = on ? nativeNormalization : ownNormalization;
  adam.applyGradients = on ? nativeApplyGradients : ownApplyGradients;
}
