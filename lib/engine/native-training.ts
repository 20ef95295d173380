// Faster training of ordinary tf.layers models. tfjs builds batch normalization, ReLU, bias, max-pooling, their
// gradients and Adam from chains of small operations; here each becomes one kernel made for it (kernels.ts).
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
  activation: { getClassName(): string } | null;
  strides: [number, number];
  padding: "same" | "valid";
  dataFormat: string;
  dilationRate: [number, number];
}

const convolution = holderOfCall<Convolution>(tf.layers.conv2d({ filters: 1, kernelSize: 1 }));
const ownConvolution = convolution.call;

function nativeConvolution(this: Convolution, inputs: tf.Tensor | tf.Tensor[], options: { training?: boolean }) {
  const { rank, bias, activation, dataFormat, strides, padding, dilationRate } = this;
  if (rank !== 2 || !bias || activation?.getClassName() !== "relu" || dataFormat !== "channelsLast")
    return ownConvolution.call(this, inputs, options);
  return tf.tidy(() => {
    const kernel = this.kernel.read() as tf.Tensor4D;
    const x = tf.conv2d(only(inputs) as tf.Tensor4D, kernel, strides, padding, "NHWC", dilationRate);
    return biasRelu(x, bias.read());
  });
}

const biasRelu = tf.customGrad((x, bias, save) => {
  const y = kernels.biasRelu(x as tf.Tensor, bias as tf.Tensor);
  (save as tf.GradSaveFunc)([y]);
  return { value: y, gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => kernels.biasReluGradient(dy, saved) };
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
  const { gamma, beta, axis, epsilon, momentum } = this;
  if (!options.training || x.rank !== 4 || !(axis === -1 || axis === 3) || !gamma || !beta)
    return ownNormalization.call(this, inputs, options);
  return tf.tidy(() => {
    const { y, mean, variance } = normalizeBatch(x, gamma.read(), beta.read(), epsilon);
    const follow = (moving: tf.LayerVariable, value: tf.Tensor) =>
      moving.write(
        tf.tidy(() =>
          moving.read().sub(
            moving
              .read()
              .sub(value)
              .mul(1 - momentum),
          ),
        ),
      );
    follow(this.movingMean, mean);
    follow(this.movingVariance, variance);
    return y;
  });
}

/** y, and the batch's mean and (unbiased) variance, of x [n, height, width, channels]. */
function normalizeBatch(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, epsilon: number) {
  let statistics: tf.Tensor[] = [];
  const apply = tf.customGrad((input, scale, offset, save) => {
    const [y, mean, variance, ...reserved] = kernels.batchNorm(
      input as tf.Tensor,
      scale as tf.Tensor,
      offset as tf.Tensor,
      epsilon,
    );
    statistics = [mean, variance].map((tensor) => tf.keep(tensor));
    (save as tf.GradSaveFunc)([input as tf.Tensor, scale as tf.Tensor, ...reserved]);
    return {
      value: y,
      gradFunc: (dy: tf.Tensor, [savedInput, savedScale, ...saved]: tf.Tensor[]) =>
        kernels.batchNormGradient(dy, savedInput, savedScale, saved, epsilon),
    };
  });
  const y = apply(x, gamma, beta);
  const [mean, variance] = statistics.map((tensor) => tensor.clone());
  tf.dispose(statistics);
  return { y, mean, variance };
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
  convolution.call = on ? nativeConvolution : ownConvolution;
  normalization.call = on ? nativeNormalization : ownNormalization;
  adam.applyGradients = on ? nativeApplyGradients : ownApplyGradients;
}
