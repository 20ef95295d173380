// TensorFlow ops that tfjs does not use, called through its binding: TensorFlow's own, and those that native/ adds to
// it. Plain functions from tensors to tensors, without gradients; patches/ builds layers of them.
import * as tf from "./tensorflow";

type Attribute = { name: string; type: number; value: unknown };
interface Backend {
  binding: Record<`TF_${"FLOAT" | `ATTR_${"TYPE" | "STRING" | "FLOAT" | "INT" | "BOOL"}`}`, number>;
  executeSingleOutput(name: string, attributes: Attribute[], inputs: tf.TensorInfo[]): tf.Tensor;
  executeMultipleOutputs(name: string, attributes: Attribute[], inputs: tf.TensorInfo[], outputs: number): tf.Tensor[];
}

const backend = () => tf.backend() as unknown as Backend;
const type = (name: string) => ({ name, type: backend().binding.TF_ATTR_TYPE, value: backend().binding.TF_FLOAT });
const float = (name: string, value: number) => ({ name, type: backend().binding.TF_ATTR_FLOAT, value });
const int = (name: string, value: number) => ({ name, type: backend().binding.TF_ATTR_INT, value });
const bool = (name: string, value: boolean) => ({ name, type: backend().binding.TF_ATTR_BOOL, value });

/** The gradient of ReLU, whose result was y: dy where y > 0, else 0; NaN where y is. */
export const reluGradient = (dy: tf.Tensor, y: tf.Tensor): tf.Tensor =>
  backend().executeSingleOutput("DenoiserReluGradient", [], [dy, y]);

/** dy * y (1 - y). */
export const sigmoidGradient = (dy: tf.Tensor, y: tf.Tensor): tf.Tensor =>
  backend().executeSingleOutput("SigmoidGrad", [type("T")], [y, dy]);

/**
 * Binary cross-entropy, - target ln(prediction) - (1 - target) ln(1 - prediction), for shapes that are equal. Predictions
 * are clipped to [1e-7, 1 - 1e-7].
 */
export const crossEntropy = (target: tf.Tensor, prediction: tf.Tensor): tf.Tensor =>
  backend().executeSingleOutput("DenoiserCrossEntropy", [], [target, prediction]);

/** The gradient of `crossEntropy` with respect to the prediction: 0 where that is clipped. */
export const crossEntropyGradient = (dy: tf.Tensor, target: tf.Tensor, prediction: tf.Tensor): tf.Tensor =>
  backend().executeSingleOutput("DenoiserCrossEntropyGradient", [], [dy, target, prediction]);

/** The gradient of `crossEntropy` with respect to the target. */
export const crossEntropyTargetGradient = (dy: tf.Tensor, prediction: tf.Tensor): tf.Tensor =>
  backend().executeSingleOutput("DenoiserCrossEntropyTargetGradient", [], [dy, prediction]);

/** What a convolution reads: tensors concatenated along their channels, or one upsampled, or one normalized. */
export interface ConvolutionInput {
  /** At most maxInputs; where there are several, each has a multiple of channelMultiple channels. */
  readonly inputs: readonly tf.Tensor[];
  /** Nearest-neighbour upsampling of rows and columns, where there is one input. */
  factors: readonly [number, number];
  /** Of the input, where there is one that is not upsampled: from `batchNormTraining` or `batchNormInference`. */
  normalization?: tf.Tensor;
}

/** All that a convolution reads as its input. */
export const tensorsOf = ({ inputs, normalization }: ConvolutionInput): tf.Tensor[] => [
  ...inputs,
  ...(normalization ? [normalization] : []),
];

export const maxInputs = 2;
export const channelMultiple = 16;

const inputAttributes = (x: ConvolutionInput) => [
  int("tensors", tensorsOf(x).length),
  int("rows", x.factors[0]),
  int("columns", x.factors[1]),
  bool("normalized", x.normalization !== undefined),
];

/**
 * Convolution with stride 1 and padding "same", + bias, then ReLU if wanted. Kernel [odd, odd, in, out].
 * @returns y, and if wanted its mean and variance by channel
 */
export function conv(
  x: ConvolutionInput,
  kernel: tf.Tensor,
  bias: tf.Tensor,
  { relu, moments }: { relu: boolean; moments: boolean },
): { y: tf.Tensor; moments?: [mean: tf.Tensor, variance: tf.Tensor] } {
  const count = moments ? 2 : 0;
  const [y, mean, variance] = backend().executeMultipleOutputs(
    "DenoiserConv",
    [bool("relu", relu), int("moment_count", count), ...inputAttributes(x)],
    [kernel, bias, ...tensorsOf(x)],
    1 + count,
  );
  return moments ? { y, moments: [mean, variance] } : { y };
}

/**
 * 2x2 max-pooling of `conv`, for even heights and widths.
 * @returns the pooled result, and which of each four pixels was the largest: 0 to 3
 */
export function convMaxPool(
  x: ConvolutionInput,
  kernel: tf.Tensor,
  bias: tf.Tensor,
  relu: boolean,
): { pooled: tf.Tensor; argmax: tf.Tensor } {
  const [pooled, argmax] = backend().executeMultipleOutputs(
    "DenoiserConvMaxPool",
    [bool("relu", relu), ...inputAttributes(x)],
    [kernel, bias, ...tensorsOf(x)],
    2,
  );
  return { pooled, argmax };
}

/** From what the gradients of a convolution are computed. */
export type ConvolutionOutput =
  /** The result of `conv`, and its gradient. */
  | { dy: tf.Tensor; y: tf.Tensor }
  /** The result, the gradient of that normalized, and what `batchNormGradient` makes of both. */
  | { dy: tf.Tensor; y: tf.Tensor; coefficients: tf.Tensor }
  /** The results of `convMaxPool`, and the gradient of the pooled one. */
  | { dy: tf.Tensor; pooled: tf.Tensor; argmax: tf.Tensor };

/** Which gradients of x are computed besides those of kernel and bias. */
export interface InputGradients {
  /** Those of its inputs; with a normalization, that of the normalized input. */
  ofInput: boolean;
  /** Instead, of an upsampled input: that of the upsampled tensor [n, height * factors[0], width * factors[1], in]. */
  ofInputWithoutUpsampling?: boolean;
}

const gradientAttributes = (x: ConvolutionInput, { ofInput, ofInputWithoutUpsampling }: InputGradients) => [
  int("dx_count", ofInput ? x.inputs.length : 0),
  bool("of_upsampled", ofInputWithoutUpsampling === true),
  ...inputAttributes(x),
];

export interface ConvolutionGradients {
  dkernel: tf.Tensor;
  dbias: tf.Tensor;
  /** One of each input, or none where they are not wanted. */
  dinputs: tf.Tensor[];
}

/** The gradients of `conv` or `convMaxPool`. */
export function convGradient(
  output: ConvolutionOutput,
  x: ConvolutionInput,
  kernel: tf.Tensor,
  { relu, ...wanted }: { relu: boolean } & InputGradients,
): ConvolutionGradients {
  const attributes = [bool("relu", relu), ...gradientAttributes(x, wanted)];
  const rest = [kernel, ...tensorsOf(x)];
  const outputs = 2 + (wanted.ofInput ? x.inputs.length : 0);
  if ("argmax" in output)
    return gradientsOf(
      backend().executeMultipleOutputs(
        "DenoiserConvMaxPoolGradient",
        attributes,
        [output.dy, output.pooled, output.argmax, ...rest],
        outputs,
      ),
    );
  const coefficients = "coefficients" in output ? [output.coefficients] : [];
  return gradientsOf(
    backend().executeMultipleOutputs(
      "DenoiserConvGradient",
      [int("coefficient_count", coefficients.length), ...attributes],
      [output.dy, output.y, ...coefficients, ...rest],
      outputs,
    ),
  );
}

const gradientsOf = ([dkernel, dbias, ...dinputs]: tf.Tensor[]): ConvolutionGradients => ({ dkernel, dbias, dinputs });

/** Transposed convolution whose kernel [height, width, out, in] is as large as its strides, + bias. */
export const convTranspose = (x: ConvolutionInput, kernel: tf.Tensor, bias: tf.Tensor): tf.Tensor =>
  backend().executeSingleOutput("DenoiserTransposedConv", inputAttributes(x), [kernel, bias, ...tensorsOf(x)]);

/** The gradients of `convTranspose`. */
export const convTransposeGradient = (
  dy: tf.Tensor,
  x: ConvolutionInput,
  kernel: tf.Tensor,
  wanted: InputGradients,
): ConvolutionGradients =>
  gradientsOf(
    backend().executeMultipleOutputs(
      "DenoiserTransposedConvGradient",
      gradientAttributes(x, wanted),
      [dy, kernel, ...tensorsOf(x)],
      2 + (wanted.ofInput ? x.inputs.length : 0),
    ),
  );

/** 2x2 max-pooling with stride 2, for even heights and widths. */
export const maxPool2x2 = (x: tf.TensorInfo): tf.Tensor => backend().executeSingleOutput("DenoiserMaxPool2x2", [], [x]);

/** The gradient of `maxPool2x2`, whose result was y. */
export const maxPool2x2Gradient = (x: tf.Tensor, y: tf.Tensor, dy: tf.Tensor): tf.Tensor =>
  backend().executeSingleOutput("DenoiserMaxPool2x2Gradient", [], [x, y, dy]);

/** Nearest-neighbour upsampling: each pixel in so many rows and columns. */
export const upsample = (x: tf.TensorInfo, [rows, columns]: readonly [number, number]): tf.Tensor =>
  backend().executeSingleOutput("DenoiserUpsample", [int("rows", rows), int("columns", columns)], [x]);

/** The gradient of `upsample`. */
export const upsampleGradient = (dy: tf.Tensor, [rows, columns]: readonly [number, number]): tf.Tensor =>
  backend().executeSingleOutput("DenoiserUpsampleGradient", [int("rows", rows), int("columns", columns)], [dy]);

/** The variables of batch normalization, by channel. */
export interface BatchNormVariables {
  gamma: tf.Tensor;
  beta: tf.Tensor;
  movingMean: tf.Tensor;
  movingVariance: tf.Tensor;
}

/**
 * Batch normalization in training.
 * @param moments x's mean and variance by channel, where they are known
 * @returns the new moving mean and variance; and for `normalize` and the gradients the normalization [4, channels]:
 *   by channel a factor, an offset, the batch's mean and 1 / standard deviation
 */
export function batchNormTraining(
  x: tf.Tensor,
  { gamma, beta, movingMean, movingVariance }: BatchNormVariables,
  { epsilon, momentum, moments = [] }: { epsilon: number; momentum: number; moments?: readonly tf.Tensor[] },
): { movingMean: tf.Tensor; movingVariance: tf.Tensor; normalization: tf.Tensor } {
  const [newMean, newVariance, normalization] = backend().executeMultipleOutputs(
    "DenoiserBatchNormTraining",
    [float("epsilon", epsilon), float("momentum", momentum), int("moment_count", moments.length)],
    [x, gamma, beta, movingMean, movingVariance, ...moments],
    3,
  );
  return { movingMean: newMean, movingVariance: newVariance, normalization };
}

/**
 * Batch normalization in inference: (x - moving mean) / sqrt(moving variance + epsilon) * gamma + beta, by channel.
 * @returns the normalization [4, channels], for `normalize`
 */
export const batchNormInference = (
  { gamma, beta, movingMean, movingVariance }: BatchNormVariables,
  epsilon: number,
): tf.Tensor =>
  backend().executeSingleOutput(
    "DenoiserBatchNormInference",
    [float("epsilon", epsilon)],
    [gamma, beta, movingMean, movingVariance],
  );

/** x times the factor plus the offset of its channel. */
export const normalize = (x: tf.Tensor, normalization: tf.Tensor): tf.Tensor =>
  backend().executeSingleOutput("DenoiserNormalize", [], [x, normalization]);

/**
 * The gradients of batch normalization in training.
 * @param dy the gradient of y normalized
 * @returns the gradients of gamma and beta; and the coefficients [3, channels] of that of y, which is
 *   coefficients[0] * dy + coefficients[1] * y + coefficients[2], by channel: for `normalizeGradient` or `convGradient`
 */
export function batchNormGradient(
  dy: tf.Tensor,
  y: tf.Tensor,
  normalization: tf.Tensor,
): { dgamma: tf.Tensor; dbeta: tf.Tensor; coefficients: tf.Tensor } {
  const inputs = [dy, y, normalization];
  const [dgamma, dbeta, coefficients] = backend().executeMultipleOutputs("DenoiserBatchNormGradient", [], inputs, 3);
  return { dgamma, dbeta, coefficients };
}

/** The gradient of y, from that of y normalized and the coefficients that `batchNormGradient` gives. */
export const normalizeGradient = (dy: tf.Tensor, y: tf.Tensor, coefficients: tf.Tensor): tf.Tensor =>
  backend().executeSingleOutput("DenoiserNormalizeGradient", [], [dy, y, coefficients]);

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
