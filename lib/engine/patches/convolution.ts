// Conv2D layers: convolution, bias and ReLU as one native operation, which reads deferred inputs without materializing
// them, and whose gradient takes in that of the max-pooling or batch normalization that follows.
import { defer, expressionOf } from "../deferred";
import * as kernels from "../kernels";
import * as tf from "../tensorflow";
import { convInput, gradientOfInput } from "./input";
import { all, followers, imagesOf, patchCall } from "./layer";
import { rememberMoments } from "./moments";
import { isRecording, isTensorflow, record } from "./tape";

/** The parts of tfjs' convolution layers that its declarations keep private. */
interface Conv2D {
  kernel: tf.LayerVariable;
  bias: tf.LayerVariable | null;
  activation: { getClassName(): string; apply(x: tf.Tensor): tf.Tensor } | null;
  kernelSize: number[];
  strides: number[];
  padding: string;
  dataFormat: string;
  dilationRate: number | number[];
  inboundNodes: { inboundLayers: tf.layers.Layer[] }[];
}

/** Whether the native convolution is this layer's: stride 1, the same size, an odd kernel, bias. */
function suits(layer: Conv2D, x: tf.Tensor4D, kernel: tf.Tensor): boolean {
  const { bias, dataFormat, strides, kernelSize, padding, dilationRate } = layer;
  const [height, width, inputChannels, filters] = kernel.shape;
  const fewChannels = Number(inputChannels) <= 4 && Number(filters) <= 4; // too few for vectors
  return (
    bias !== null &&
    dataFormat === "channelsLast" &&
    all(strides, (stride) => stride === 1) &&
    all(dilationRate, (rate) => rate === 1) &&
    all(kernelSize, (size) => size % 2 === 1) &&
    (padding === "same" || (padding === "valid" && all(kernelSize, (size) => size === 1))) &&
    kernel.rank === 4 &&
    kernel.dtype === "float32" &&
    tf.util.arraysEqual([height, width], kernelSize) &&
    inputChannels === x.shape[3] &&
    !fewChannels
  );
}

export const switchConvolution = patchCall<Conv2D>(
  tf.layers.conv2d({ filters: 1, kernelSize: 1 }),
  (layer, own, inputs, options) => {
    const x = imagesOf(inputs);
    if (!x || !isTensorflow() || !suits(layer, x, layer.kernel.read())) return own(inputs, options);
    const { activation } = layer;
    const relu = activation?.getClassName() === "relu";
    const linear = !activation || activation.getClassName() === "linear";
    const [height, width] = x.shape.slice(1);
    const deferred = (relu || linear) && height % 2 === 0 && width % 2 === 0 && isOnlyPooled(layer);
    return tf.tidy(() => {
      const y = convolve(x, layer.kernel.read(), (layer.bias as tf.LayerVariable).read(), {
        relu,
        deferred,
        moments: options.training === true && isRecording() && isNormalized(layer),
        isFirst: isFirst(layer),
      });
      return relu || linear ? y : [(activation as NonNullable<typeof activation>).apply(y[0])];
    })[0];
  },
);

// What follows or precedes a layer only tells what is likely to be asked for: it decides what is computed ahead, not
// what is right.

/** Whether no layer precedes, so that the gradient of the input is hardly ever asked for. */
const isFirst = ({ inboundNodes }: Conv2D): boolean =>
  inboundNodes.every(({ inboundLayers: [layer] }) => layer?.getClassName() === "InputLayer");

const isNormalized = (layer: Conv2D): boolean =>
  followers(layer).some((follower) => follower.getClassName() === "BatchNormalization");

const isOnlyPooled = (layer: Conv2D): boolean => {
  const [first, ...others] = followers(layer);
  return first?.getClassName() === "MaxPooling2D" && others.length === 0;
};

interface Options {
  readonly relu: boolean;
  /** Left to the max-pooling that reads it. */
  readonly deferred: boolean;
  /** Computes the mean and variance by channel for the batch normalization that follows. */
  readonly moments: boolean;
  readonly isFirst: boolean;
}

/** The convolution and, if asked for, its moments, which live as long as the scope in which it is called. */
function convolve(x: tf.Tensor4D, kernel: tf.Tensor, bias: tf.Tensor, options: Options): tf.Tensor[] {
  const { relu, deferred, moments, isFirst } = options;
  const results = record({
    inputs: [x, kernel, bias],
    forward() {
      const shape = [...x.shape.slice(0, 3), bias.size];
      if (deferred) return [defer({ op: "conv", inputs: [x, kernel, bias], relu }, shape, convolution(relu))];
      const all = kernels.conv(convInput(x), kernel, bias, { relu, moments });
      return [all.y, ...(all.moments ?? [])];
    },
    save: ([y]) => [y],
    gradient(dy, [x, kernel], [y]) {
      const gradients = (ofInput: boolean) =>
        kernels.convGradient(gradientOfOutput(dy, y), convInput(x), kernel, { relu, ofInput });
      const ofX = (dinputs: tf.Tensor[]) => gradientOfInput(x, dinputs, [dy, y, x, kernel], inputGradient(relu));
      const { dkernel, dbias, dinputs } = gradients(!isFirst);
      return [isFirst ? () => ofX(gradients(true).dinputs) : ofX(dinputs), dkernel, dbias];
    },
    stock(x, kernel, bias) {
      const y = tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, 1, "same").add(bias);
      return relu ? y.relu() : y;
    },
  });
  const [y, ...known] = results;
  if (moments) rememberMoments(y, known);
  return results;
}

/** The convolution itself, for who reads it although it was deferred. */
const convolution = (relu: boolean) => (x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor) =>
  kernels.conv(convInput(x), kernel, bias, { relu, moments: false }).y;

/** The gradient of x itself, for who reads it although x was upsampled on the way. */
const inputGradient = (relu: boolean) => (dy: tf.Tensor, y: tf.Tensor, x: tf.Tensor, kernel: tf.Tensor) => {
  const input = { inputs: [x], factors: [1, 1] } as const;
  return kernels.convGradient(gradientOfOutput(dy, y), input, kernel, { relu, ofInput: true }).dinputs[0];
};

/** What a convolution's gradient is computed from: where the gradient dy of its output y is deferred, what that is of. */
function gradientOfOutput(dy: tf.Tensor, y: tf.Tensor): kernels.ConvolutionOutput {
  const pooling = expressionOf(dy, "maxPoolGradient");
  if (pooling?.inputs[1].dataId === y.dataId) {
    const [dyOfPooled, , pooled, argmax] = pooling.inputs;
    return { dy: dyOfPooled, pooled, argmax };
  }
  const normalization = expressionOf(dy, "normalizeGradient");
  if (normalization?.inputs[1].dataId === y.dataId) {
    const [dyOfNormalized, , coefficients] = normalization.inputs;
    return { dy: dyOfNormalized, y, coefficients };
  }
  return { dy, y };
}
