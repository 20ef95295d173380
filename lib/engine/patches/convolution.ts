// Convolutions with bias and ReLU as one operation, and those that a max-pooling follows as one with it.

import { sourceOf, whenRead } from "../deferred";
import * as kernels from "../kernels";
import * as tf from "../tensorflow";
import { type Call, followers, holderOfCall, isRecording, only } from "./layer";
import { type Origin, origins, withGradients } from "./origin";

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
  const shape = convolvedShape(origin);
  if (isOnlyPooled(this) && (relu || isLinear(activation)) && shape[1] % 2 === 0 && shape[2] % 2 === 0)
    return convolveForPooling(origin, shape);
  return tf.tidy(() => {
    const { y, moments } = convolve(origin, options.training === true && isRecording() && isNormalized(this));
    const result = relu || !activation ? y : activation.apply(y);
    return result === y ? { result, moments } : { result };
  }).result;
}

const isLinear = (activation: Convolution["activation"]) => !activation || activation.getClassName() === "linear";

const isNormalized = (layer: Convolution) =>
  followers(layer).some((follower) => follower.getClassName() === "BatchNormalization");

/** Whether a 2x2 max-pooling follows a convolution, and nothing else. */
function isOnlyPooled(layer: Convolution): boolean {
  const layers = followers(layer) as (tf.layers.Layer & {
    poolSize: number[];
    strides: number[];
    dataFormat: string;
  })[];
  const [first] = layers;
  return (
    layers.length === 1 &&
    first.getClassName() === "MaxPooling2D" &&
    first.dataFormat === "channelsLast" &&
    [...first.poolSize, ...first.strides].every((size) => size === 2)
  );
}

function convolvedShape({ x: { inputs, factors }, bias }: Origin): number[] {
  const [n, height, width] = (inputs[0] as tf.Tensor4D).shape;
  return [n, height * factors[0], width * factors[1], bias.size];
}

/** `work` as the convolution of an origin, for gradients to be taken of it. */
const asConvolution = ({ x, kernel, bias, relu, first }: Origin, work: () => tf.Tensor[]): tf.Tensor[] =>
  withGradients(
    { x, first },
    [kernel, bias],
    work,
    (result) => [result, kernel, ...kernels.tensorsOf(x)],
    (dy, [y, savedKernel, ...copies], ofInput) =>
      asList(kernels.convGradient({ dy, y }, kernels.withTensors(x, copies), savedKernel, { relu, ofInput })),
  );

const asList = ({ dkernel, dbias, dinputs }: kernels.ConvolutionGradients) => [dkernel, dbias, ...dinputs];

/** The convolution of an origin, unread: the pooling that follows reads the origin. */
function convolveForPooling(origin: Origin, shape: number[]): tf.Tensor {
  const { x, kernel, bias, relu } = origin;
  const convolveCopies = ([thisKernel, thisBias, ...rest]: tf.Tensor[]) =>
    kernels.conv(kernels.withTensors(x, rest), thisKernel, thisBias, { relu, moments: false }).y;
  const [y] = asConvolution(origin, () => {
    const [unread, copies] = whenRead([kernel, bias, ...kernels.tensorsOf(x)], convolveCopies, shape);
    forPooling.set(unread, { ...origin, x: kernels.withTensors(x, copies.slice(2)) });
    return [unread];
  });
  return y;
}

/** Convolutions that nobody reads but a pooling layer, unless its input is asked for. */
const forPooling = new WeakMap<tf.Tensor, Origin>();

/** Max-pooling of the convolution of an origin. */
function convolvePool(origin: Origin): tf.Tensor {
  const { x, kernel, bias, relu } = origin;
  let argmax: tf.Tensor;
  const [y] = withGradients(
    origin,
    [kernel, bias],
    () => {
      const results = kernels.convMaxPool(x, kernel, bias, relu);
      argmax = results.argmax;
      return [results.pooled];
    },
    (result) => [result, argmax, kernel, ...kernels.tensorsOf(x)],
    (dy, [pooled, savedArgmax, savedKernel, ...copies], ofInput) =>
      asList(
        kernels.convGradient({ dy, pooled, argmax: savedArgmax }, kernels.withTensors(x, copies), savedKernel, {
          relu,
          ofInput,
        }),
      ),
  );
  return y;
}

/** The convolution of an origin; with the moments, if batch normalization will need them. */
function convolve(origin: Origin, withMoments: boolean): { y: tf.Tensor; moments?: tf.Tensor[] } {
  const { x, kernel, bias, relu } = origin;
  const [y, ...moments] = asConvolution(origin, () => {
    const results = kernels.conv(x, kernel, bias, { relu, moments: withMoments });
    return [results.y, ...(results.moments ?? [])];
  });
  origins.set(y, withMoments ? { ...origin, moments } : origin);
  return withMoments ? { y, moments } : { y };
}

// its `call` is that of all pooling layers, to whom it is left
const maxPooling = Object.getPrototypeOf(tf.layers.maxPooling2d({})) as { call: Call };
const ownMaxPooling = maxPooling.call;

function nativeMaxPooling(this: unknown, inputs: tf.Tensor | tf.Tensor[], options: { training?: boolean }) {
  const origin = forPooling.get(only(inputs));
  return origin ? convolvePool(origin) : ownMaxPooling.call(this, inputs, options);
}

export function switchConvolution(on: boolean): void {
  convolution.call = on ? nativeConvolution : ownConvolution;
  maxPooling.call = on ? nativeMaxPooling : ownMaxPooling;
}
