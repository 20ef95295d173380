// TensorFlow operations that tfjs does not use, called through its binding: TensorFlow's own, and those that kernels.cc
// adds to it. Plain functions from tensors to tensors; what they are for is in native-training.ts.
import * as tf from "./tensorflow";

type Attribute = { name: string; type: number; value: unknown };
interface Backend {
  binding: Record<"TF_FLOAT" | "TF_ATTR_TYPE" | "TF_ATTR_STRING" | "TF_ATTR_FLOAT" | "TF_ATTR_BOOL", number>;
  executeSingleOutput(name: string, attributes: Attribute[], inputs: tf.TensorInfo[]): tf.Tensor;
  executeMultipleOutputs(name: string, attributes: Attribute[], inputs: tf.TensorInfo[], outputs: number): tf.Tensor[];
}

const backend = () => tf.backend() as unknown as Backend;
const type = (name: string) => ({ name, type: backend().binding.TF_ATTR_TYPE, value: backend().binding.TF_FLOAT });
const float = (name: string, value: number) => ({ name, type: backend().binding.TF_ATTR_FLOAT, value });
const flag = (name: string, value: boolean) => ({ name, type: backend().binding.TF_ATTR_BOOL, value });
const channelsLast = () => ({ name: "data_format", type: backend().binding.TF_ATTR_STRING, value: "NHWC" });

/** dy where y > 0. */
export const reluGradient = (dy: tf.Tensor, y: tf.Tensor): tf.Tensor =>
  backend().executeSingleOutput("ReluGrad", [type("T")], [dy, y]);

/** dy [..., channels] summed over all axes but the last. */
export const biasGradient = (dy: tf.Tensor): tf.Tensor =>
  backend().executeSingleOutput("BiasAddGrad", [type("T"), channelsLast()], [dy]);

/** max(x + bias, 0) for x [..., channels] and bias [channels]. */
export const biasRelu = (x: tf.Tensor, bias: tf.Tensor): tf.Tensor =>
  backend().executeSingleOutput("DenoiserBiasRelu", [], [x, bias]);

/** The gradients of `biasRelu` with respect to x and bias, from dy and its result y. */
export const biasReluGradient = (dy: tf.Tensor, y: tf.Tensor): tf.Tensor[] =>
  backend().executeMultipleOutputs("DenoiserBiasReluGrad", [], [dy, y], 2);

/** The gradient of 2x2 max-pooling with stride 2, for even heights and widths. */
export const maxPoolGradient = (x: tf.Tensor, y: tf.Tensor, dy: tf.Tensor): tf.Tensor =>
  backend().executeSingleOutput("DenoiserMaxPoolGrad", [], [x, y, dy]);

/** Batch normalization in training: y, the batch's mean and unbiased variance, and three tensors for the gradient. */
export function batchNorm(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, epsilon: number): tf.Tensor[] {
  const none = tf.tensor1d([], "float32"); // no moving statistics go in: the layer keeps them itself
  const settings = [float("epsilon", epsilon), float("exponential_avg_factor", 1), flag("is_training", true)];
  return backend().executeMultipleOutputs(
    "FusedBatchNormV3",
    [type("T"), type("U"), channelsLast(), ...settings],
    [x, gamma, beta, none, none],
    6,
  );
}

/** The gradients of `batchNorm` with respect to x, gamma and beta; `reserved` are its last three results. */
export function batchNormGradient(
  dy: tf.Tensor,
  x: tf.Tensor,
  gamma: tf.Tensor,
  reserved: tf.Tensor[],
  epsilon: number,
): tf.Tensor[] {
  const attributes = [type("T"), type("U"), channelsLast(), float("epsilon", epsilon), flag("is_training", true)];
  return backend()
    .executeMultipleOutputs("FusedBatchNormGradV3", attributes, [dy, x, gamma, ...reserved], 5)
    .slice(0, 3);
}

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
