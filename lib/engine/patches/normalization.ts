// Batch normalization as one operation, or as one with the convolution before it.

import { normalize } from "../deferred";
import * as kernels from "../kernels";
import * as tf from "../tensorflow";
import { holderOfCall, isConvolved, only } from "./layer";
import { type Origin, origins, withGradients } from "./origin";

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
  return normalizeConvolved(this, x, origin, gamma.read(), beta.read());
}

/** The batch's normalization; the moving statistics follow the batch's. */
function normalizationOfBatch(
  { movingMean, movingVariance, epsilon, momentum }: BatchNormalization,
  x: tf.Tensor,
  gamma: tf.Tensor,
  beta: tf.Tensor,
  moments: tf.Tensor[] = [tf.tensor1d([]), tf.tensor1d([])],
): tf.Tensor {
  const moving = [movingMean.read(), movingVariance.read()] as const;
  const results = kernels.normalizationOfBatch(x, gamma, beta, ...moving, moments, epsilon, momentum);
  const [newMean, newVariance, normalization] = results;
  movingMean.write(newMean);
  movingVariance.write(newVariance);
  return normalization;
}

/** How a layer normalizes: at once, or where convolutions follow, when they read it. */
const normalizer = (layer: BatchNormalization) => (isConvolved(layer) ? normalize : kernels.normalize);

const normalizeBatch = (layer: BatchNormalization) =>
  tf.customGrad((input, scale, offset, save) => {
    const [x, gamma, beta] = [input, scale, offset] as tf.Tensor[];
    const normalization = normalizationOfBatch(layer, x, gamma, beta);
    (save as tf.GradSaveFunc)([x, normalization]);
    return {
      value: normalizer(layer)(x, normalization),
      gradFunc: (dy: tf.Tensor, [savedX, saved]: tf.Tensor[]) => kernels.normalizeBatchGradient(dy, savedX, saved),
    };
  });

/** The same for x that a convolution has just made: as a function of what it was made of, which is faster backwards. */
function normalizeConvolved(
  layer: BatchNormalization,
  x: tf.Tensor,
  origin: Origin,
  gamma: tf.Tensor,
  beta: tf.Tensor,
): tf.Tensor {
  let normalization: tf.Tensor;
  const [y] = withGradients(
    origin,
    [origin.kernel, origin.bias, gamma, beta],
    () => {
      normalization = normalizationOfBatch(layer, x, gamma, beta, origin.moments);
      return [normalizer(layer)(x, normalization)];
    },
    () => [x, origin.kernel, normalization, ...kernels.tensorsOf(origin.x)],
    (dy, [savedX, savedKernel, saved, ...copies], ofInput) => {
      const options = { relu: origin.relu, ofInput };
      const input = kernels.madeOf(origin.x, copies);
      return kernels.convolveNormalizeGradient(dy, savedX, input, savedKernel, saved, options);
    },
  );
  return y;
}

const normalizeAsLearnt = (layer: BatchNormalization) =>
  tf.customGrad((input, scale, offset, save) => {
    const [x, gamma, beta] = [input, scale, offset] as tf.Tensor[];
    const { epsilon } = layer;
    const [mean, variance] = [layer.movingMean.read(), layer.movingVariance.read()];
    (save as tf.GradSaveFunc)([x, gamma, mean, variance]);
    return {
      value: normalizer(layer)(x, kernels.learntNormalization(gamma, beta, mean, variance, epsilon)),
      gradFunc: (dy: tf.Tensor, [savedX, savedGamma, savedMean, savedVariance]: tf.Tensor[]) => {
        const inverse = savedVariance.add(epsilon).rsqrt();
        const normalized = savedX.sub(savedMean).mul(inverse);
        return [dy.mul(savedGamma.mul(inverse)), dy.mul(normalized).sum([0, 1, 2]), dy.sum([0, 1, 2])];
      },
    };
  });

export function switchNormalization(on: boolean): void {
  normalization.call = on ? nativeNormalization : ownNormalization;
}
