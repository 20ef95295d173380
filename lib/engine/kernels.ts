// TensorFlow ops that tfjs does not use, called through its binding: TensorFlow's own, and those that native/ adds to
// it. Plain functions from tensors to tensors, without gradients; patches/ builds layers of them.
import { backend, float, floatType, int } from "./backend";
import type * as tf from "./tensorflow";

export * from "./convolution-kernels";

/** The gradient of ReLU, whose result was y: dy where y > 0, else 0; NaN where y is. */
export const reluGradient = (dy: tf.Tensor, y: tf.Tensor): tf.Tensor =>
  backend().executeSingleOutput("DenoiserReluGradient", [], [dy, y]);

/** dy * y (1 - y). */
export const sigmoidGradient = (dy: tf.Tensor, y: tf.Tensor): tf.Tensor =>
  backend().executeSingleOutput("SigmoidGrad", [floatType("T")], [y, dy]);

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

/** How the rows of attention's matrices are made up: so many positions a window, and so many heads side by side. */
export interface AttentionShape {
  readonly positions: number;
  readonly heads: number;
}

const attentionAttributes = ({ positions, heads }: AttentionShape) => [
  int("positions", positions),
  int("heads", heads),
];

/**
 * Multi-head attention within windows.
 * @param projected queries, keys and values side by side [windows * positions, 3 channels]
 * @returns [windows * positions, channels]
 */
export const attention = (projected: tf.Tensor, shape: AttentionShape): tf.Tensor =>
  backend().executeSingleOutput("DenoiserAttention", attentionAttributes(shape), [projected]);

/** The gradient of `attention`. */
export const attentionGradient = (dy: tf.Tensor, projected: tf.Tensor, shape: AttentionShape): tf.Tensor =>
  backend().executeSingleOutput("DenoiserAttentionGradient", attentionAttributes(shape), [dy, projected]);

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
