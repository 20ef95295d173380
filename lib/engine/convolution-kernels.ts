// The native ops of convolution and transposed convolution.
import { backend, bool, int } from "./backend";
import type * as tf from "./tensorflow";

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

/** Which gradients are computed besides those of kernel and bias. */
export interface InputGradients {
  /** Those of the inputs of x; with a normalization, that of the normalized input. */
  ofInput: boolean;
}

const gradientAttributes = (x: ConvolutionInput, { ofInput }: InputGradients) => [
  int("dx_count", ofInput ? x.inputs.length : 0),
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
