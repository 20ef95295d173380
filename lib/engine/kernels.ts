// TensorFlow operations that tfjs does not use, called through its binding: TensorFlow's own, and those that native/
// adds to it. Plain functions from tensors to tensors; what they are for is in native-training.ts.
import * as tf from "./tensorflow";

type Attribute = { name: string; type: number; value: unknown };
interface Backend {
  binding: Record<"TF_FLOAT" | "TF_ATTR_TYPE" | "TF_ATTR_STRING" | "TF_ATTR_FLOAT" | "TF_ATTR_INT", number>;
  executeSingleOutput(name: string, attributes: Attribute[], inputs: tf.TensorInfo[]): tf.Tensor;
  executeMultipleOutputs(name: string, attributes: Attribute[], inputs: tf.TensorInfo[], outputs: number): tf.Tensor[];
}

const backend = () => tf.backend() as unknown as Backend;
const type = (name: string) => ({ name, type: backend().binding.TF_ATTR_TYPE, value: backend().binding.TF_FLOAT });
const float = (name: string, value: number) => ({ name, type: backend().binding.TF_ATTR_FLOAT, value });
const channelsLast = () => ({ name: "data_format", type: backend().binding.TF_ATTR_STRING, value: "NHWC" });

/** dy where y > 0. */
export const reluGradient = (dy: tf.Tensor, y: tf.Tensor): tf.Tensor =>
  backend().executeSingleOutput("ReluGrad", [type("T")], [dy, y]);

/** dy * y (1 - y). */
export const sigmoidGradient = (dy: tf.Tensor, y: tf.Tensor): tf.Tensor =>
  backend().executeSingleOutput("SigmoidGrad", [type("T")], [y, dy]);

/** - target ln(prediction) - (1 - target) ln(1 - prediction), for shapes that are equal. */
export const crossEntropy = (target: tf.Tensor, prediction: tf.Tensor): tf.Tensor =>
  backend().executeSingleOutput("DenoiserCrossEntropy", [], [target, prediction]);

/** The gradient of `crossEntropy` with respect to the prediction. */
export const crossEntropyGradient = (dy: tf.Tensor, target: tf.Tensor, prediction: tf.Tensor): tf.Tensor =>
  backend().executeSingleOutput("DenoiserCrossEntropyGradient", [], [dy, target, prediction]);

/** dy [..., channels] summed over all axes but the last. */
export const biasGradient = (dy: tf.Tensor): tf.Tensor =>
  backend().executeSingleOutput("BiasAddGrad", [type("T"), channelsLast()], [dy]);

/** What a convolution reads: tensors with their channels side by side, or one with its pixels repeated. */
export interface ConvolutionInput {
  /** At most mostParts; where there are several, they have multiples of channelsOfPart channels. */
  parts: tf.Tensor[];
  /** Of rows and columns, where there is one part. */
  repetitions: readonly [number, number];
  /** Of the part, where there is a single one that is not repeated: what `normalizationOfBatch` or
   * `learntNormalization` gives. */
  normalization?: tf.Tensor;
}

/** All that a convolution reads as its input. */
export const tensorsOf = ({ parts, normalization }: ConvolutionInput): tf.Tensor[] =>
  normalization ? [...parts, normalization] : parts;

/** The same input, made of copies of its `tensorsOf`. */
export const madeOf = <Input extends ConvolutionInput>(x: Input, copies: tf.Tensor[]): Input => ({
  ...x,
  parts: copies.slice(0, x.parts.length),
  normalization: copies[x.parts.length],
});

export const mostParts = 2;
export const channelsOfPart = 16;

const inputAttributes = (x: ConvolutionInput) => [
  float("rows", x.repetitions[0]),
  float("columns", x.repetitions[1]),
  float("normalized", Number(x.normalization !== undefined)),
  { name: "parts", type: backend().binding.TF_ATTR_INT, value: tensorsOf(x).length },
];

/**
 * Convolution with stride 1 and padding "same", + bias, then ReLU if wanted. Kernel [odd, odd, in, out].
 * @returns y; its mean and variance by channel, empty unless asked for
 */
export const convolve = (
  x: ConvolutionInput,
  kernel: tf.Tensor,
  bias: tf.Tensor,
  { relu, moments }: { relu: boolean; moments: boolean },
): tf.Tensor[] =>
  backend().executeMultipleOutputs(
    "DenoiserConvolve",
    [float("relu", Number(relu)), float("moments", Number(moments)), ...inputAttributes(x)],
    [kernel, bias, ...tensorsOf(x)],
    3,
  );

/** What of a convolution's gradients is worked out. */
export interface GradientOptions {
  relu: boolean;
  /** With respect to x as well. */
  ofInput: boolean;
}

const gradientAttributes = (x: ConvolutionInput, { relu, ofInput }: GradientOptions) => [
  float("relu", Number(relu)),
  float("of_input", Number(ofInput)),
  ...inputAttributes(x),
];

/** The gradients of `convolve`, whose result was y, with respect to kernel, bias and mostParts parts of x. */
export const convolveGradient = (
  dy: tf.Tensor,
  y: tf.Tensor,
  x: ConvolutionInput,
  kernel: tf.Tensor,
  options: GradientOptions,
): tf.Tensor[] =>
  backend().executeMultipleOutputs(
    "DenoiserConvolveGradient",
    gradientAttributes(x, options),
    [dy, y, kernel, ...tensorsOf(x)],
    2 + mostParts,
  );

/**
 * The gradients of `convolve` followed by batch normalization, with respect to kernel, bias, gamma, beta and mostParts
 * parts of x; dy is that of the normalized y. Saves writing and reading the gradient in between.
 */
export const convolveNormalizeGradient = (
  dy: tf.Tensor,
  y: tf.Tensor,
  x: ConvolutionInput,
  kernel: tf.Tensor,
  normalization: tf.Tensor,
  options: GradientOptions,
): tf.Tensor[] =>
  backend().executeMultipleOutputs(
    "DenoiserConvolveNormalizeGradient",
    gradientAttributes(x, options),
    [dy, y, kernel, normalization, ...tensorsOf(x)],
    4 + mostParts,
  );

/**
 * 2x2 max-pooling of `convolve`, for even heights and widths.
 * @returns y, and for the gradient which of each four pixels was the largest
 */
export const convolvePool = (x: ConvolutionInput, kernel: tf.Tensor, bias: tf.Tensor, relu: boolean): tf.Tensor[] =>
  backend().executeMultipleOutputs(
    "DenoiserConvolvePool",
    [float("relu", Number(relu)), ...inputAttributes(x)],
    [kernel, bias, ...tensorsOf(x)],
    2,
  );

/** The gradients of `convolvePool` with respect to kernel, bias and mostParts parts of x. */
export const convolvePoolGradient = (
  dy: tf.Tensor,
  [y, winners]: tf.Tensor[],
  x: ConvolutionInput,
  kernel: tf.Tensor,
  options: GradientOptions,
): tf.Tensor[] =>
  backend().executeMultipleOutputs(
    "DenoiserConvolvePoolGradient",
    gradientAttributes(x, options),
    [dy, y, winners, kernel, ...tensorsOf(x)],
    2 + mostParts,
  );

/** Transposed convolution whose kernel [height, width, out, in] is as large as its strides, + bias. */
export const enlarge = (x: ConvolutionInput, kernel: tf.Tensor, bias: tf.Tensor): tf.Tensor =>
  backend().executeSingleOutput("DenoiserEnlarge", inputAttributes(x), [kernel, bias, ...tensorsOf(x)]);

/** The gradients of `enlarge` with respect to kernel, bias and mostParts parts of x. */
export const enlargeGradient = (dy: tf.Tensor, x: ConvolutionInput, kernel: tf.Tensor): tf.Tensor[] =>
  backend().executeMultipleOutputs(
    "DenoiserEnlargeGradient",
    inputAttributes(x),
    [dy, kernel, ...tensorsOf(x)],
    2 + mostParts,
  );

/** 2x2 max-pooling with stride 2, for even heights and widths. */
export const maxPool = (x: tf.TensorInfo): tf.Tensor => backend().executeSingleOutput("DenoiserMaxPool", [], [x]);

/** Each pixel repeated in so many rows and columns. */
export const repeat = (x: tf.TensorInfo, rows: number, columns: number): tf.Tensor =>
  backend().executeSingleOutput("DenoiserRepeat", [float("rows", rows), float("columns", columns)], [x]);

/** The gradient of `repeat`. */
export const repeatGradient = (dy: tf.Tensor, rows: number, columns: number): tf.Tensor =>
  backend().executeSingleOutput("DenoiserRepeatGradient", [float("rows", rows), float("columns", columns)], [dy]);

/** The gradient of 2x2 max-pooling with stride 2, for even heights and widths. */
export const maxPoolGradient = (x: tf.Tensor, y: tf.Tensor, dy: tf.Tensor): tf.Tensor =>
  backend().executeSingleOutput("DenoiserMaxPoolGradient", [], [x, y, dy]);

/**
 * Batch normalization in training: what it does to each channel of a batch.
 * @param moments the batch's mean and variance by channel; empty tensors where they are not known
 * @returns the new moving mean and variance; and for `normalize` and the gradients the normalization [4, channels]:
 *   by channel a factor, an offset, the batch's mean and 1 / standard deviation
 */
export const normalizationOfBatch = (
  x: tf.Tensor,
  gamma: tf.Tensor,
  beta: tf.Tensor,
  movingMean: tf.Tensor,
  movingVariance: tf.Tensor,
  moments: tf.Tensor[],
  epsilon: number,
  momentum: number,
): tf.Tensor[] =>
  backend().executeMultipleOutputs(
    "DenoiserNormalizationOfBatch",
    [float("epsilon", epsilon), float("momentum", momentum)],
    [x, gamma, beta, movingMean, movingVariance, ...moments],
    3,
  );

/** x times the factor plus the offset of its channel. */
export const normalize = (x: tf.Tensor, normalization: tf.Tensor): tf.Tensor =>
  backend().executeSingleOutput("DenoiserNormalize", [], [x, normalization]);

/** The gradients of batch normalization in training with respect to x, gamma and beta. */
export const normalizeBatchGradient = (dy: tf.Tensor, x: tf.Tensor, normalization: tf.Tensor): tf.Tensor[] =>
  backend().executeMultipleOutputs("DenoiserNormalizeBatchGradient", [], [dy, x, normalization], 3);

/** The normalization (x - mean) / sqrt(variance + epsilon) * gamma + beta, by channel, for `normalize`. */
export const learntNormalization = (
  gamma: tf.Tensor,
  beta: tf.Tensor,
  mean: tf.Tensor,
  variance: tf.Tensor,
  epsilon: number,
): tf.Tensor =>
  backend().executeSingleOutput(
    "DenoiserLearntNormalization",
    [float("epsilon", epsilon)],
    [gamma, beta, mean, variance],
  );

/** The side of `uniformSsim`'s window, in pixels. */
export const uniformWindowSize = 7;

/** Mean SSIM with a uniform window and sample covariances: [n, 2], whose rows add up to the score of an image. */
export const uniformSsim = (x: tf.Tensor4D, y: tf.Tensor4D, c1: number, c2: number): tf.Tensor2D =>
  backend().executeSingleOutput("DenoiserSsim", [float("c1", c1), float("c2", c2)], [x, y]) as tf.Tensor2D;

/** ln(mean squared error + margin) + weight (1 - `uniformSsim`) of each image [n], and its gradient by denoised. */
export const logMseAndSsim = (
  clean: tf.Tensor,
  denoised: tf.Tensor,
  c1: number,
  c2: number,
  margin: number,
  weight: number,
): tf.Tensor[] =>
  backend().executeMultipleOutputs(
    "DenoiserLogMseAndSsim",
    [float("c1", c1), float("c2", c2), float("margin", margin), float("weight", weight)],
    [clean, denoised],
    2,
  );

/**
 * One step of Adam.
 * @param settings [learning rate, beta1, 1 - beta1, beta2, 1 - beta2, epsilon, 1 - beta1^t, 1 - beta2^t]
 * @returns the new value, first and second moment
 */
export const adamStep = (
  value: tf.Tensor,
  first: tf.Tensor,
  second: tf.Tensor,
  gradient: tf.Tensor,
  settings: tf.Tensor,
): tf.Tensor[] => backend().executeMultipleOutputs("DenoiserAdam", [], [value, first, second, gradient, settings], 3);
