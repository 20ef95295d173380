// BatchNormalization layers over the last axis, with gamma and beta. The result is deferred where a convolution follows,
// which normalizes its input while it reads it; so is the gradient, which the convolution before it works out on the way.
import { defer } from "../deferred";
import * as kernels from "../kernels";
import * as tf from "../tensorflow";
import { imagesOf, isConvolved, patchCall } from "./layer";
import { momentsOf } from "./moments";
import { isRecording, isTensorflow, record } from "./tape";

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

export const switchBatchNormalization = patchCall<BatchNormalization>(
  tf.layers.batchNormalization(),
  (layer, own, inputs, options) => {
    const x = imagesOf(inputs);
    const { gamma, beta, axis } = layer;
    const suits = x && isTensorflow() && gamma && beta && (axis === -1 || axis === 3) && gamma.shape[0] === x.shape[3];
    if (!suits) return own(inputs, options);
    if (options.training) return normalizeBatch(layer, x, gamma.read(), beta.read());
    // with the moving statistics it is left to tfjs where a gradient may be taken
    return isRecording() ? own(inputs, options) : normalizeInInference(layer, x, gamma.read(), beta.read());
  },
);

/** By the mean and variance of the batch; the moving statistics follow them. */
function normalizeBatch(layer: BatchNormalization, x: tf.Tensor4D, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor {
  const { epsilon, momentum, movingMean, movingVariance } = layer;
  let normalization: tf.Tensor;
  const [y] = record({
    inputs: [x, gamma, beta],
    forward() {
      const variables = { gamma, beta, movingMean: movingMean.read(), movingVariance: movingVariance.read() };
      const results = kernels.batchNormTraining(x, variables, { epsilon, momentum, moments: momentsOf(x) });
      movingMean.write(results.movingMean);
      movingVariance.write(results.movingVariance);
      normalization = results.normalization;
      return [normalizer(layer)(x, normalization)];
    },
    save: () => [normalization],
    gradient(dy, [x], [normalization]) {
      const { dgamma, dbeta, coefficients } = kernels.batchNormGradient(dy, x, normalization);
      const dx = defer({ op: "normalizeGradient", inputs: [dy, x, coefficients] }, x.shape, kernels.normalizeGradient);
      return [dx, dgamma, dbeta];
    },
    stock(x, gamma, beta) {
      const { mean, variance } = tf.moments(x, [0, 1, 2]);
      return tf.batchNorm(
        x as tf.Tensor4D,
        mean as tf.Tensor1D,
        variance as tf.Tensor1D,
        beta as tf.Tensor1D,
        gamma as tf.Tensor1D,
        epsilon,
      );
    },
  });
  return y;
}

/** By the moving mean and variance. */
function normalizeInInference(layer: BatchNormalization, x: tf.Tensor4D, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const [movingMean, movingVariance] = [layer.movingMean.read(), layer.movingVariance.read()];
    const normalization = kernels.batchNormInference({ gamma, beta, movingMean, movingVariance }, layer.epsilon);
    return normalizer(layer)(x, normalization);
  });
}

/** How a layer normalizes: at once, or where convolutions follow, when they read it. */
const normalizer = (layer: BatchNormalization) => (isConvolved(layer) ? deferNormalization : kernels.normalize);

const deferNormalization = (x: tf.Tensor, normalization: tf.Tensor): tf.Tensor =>
  defer({ op: "normalize", inputs: [x, normalization] }, x.shape, kernels.normalize);
