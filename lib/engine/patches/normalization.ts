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
function normalizationInTraining(
  layer: BatchNormalization,
  x: tf.Tensor,
  gamma: tf.Tensor,
  beta: tf.Tensor,
  moments?: tf.Tensor[],
): tf.Tensor {
  const variables = { gamma, beta, movingMean: layer.movingMean.read(), movingVariance: layer.movingVariance.read() };
  const results = kernels.batchNormTraining(x, variables, { ...layerSettings(layer), moments });
  layer.movingMean.write(results.movingMean);
  layer.movingVariance.write(results.movingVariance);
  return results.normalization;
}

const layerSettings = ({ epsilon, momentum }: BatchNormalization) => ({ epsilon, momentum });

/** How a layer normalizes: at once, or where convolutions follow, when they read it. */
const normalizer = (layer: BatchNormalization) => (isConvolved(layer) ? normalize : kernels.normalize);

const normalizeBatch = (layer: BatchNormalization) =>
  tf.customGrad((input, scale, offset, save) => {
    const [x, gamma, beta] = [input, scale, offset] as tf.Tensor[];
    const normalization = normalizationInTraining(layer, x, gamma, beta);
    (save as tf.GradSaveFunc)([x, normalization]);
    return {
      value: normalizer(layer)(x, normalization),
      gradFunc: (dy: tf.Tensor, [savedX, saved]: tf.Tensor[]) => {
        const { dgamma, dbeta, coefficients } = kernels.batchNormGradient(dy, savedX, saved);
        return [kernels.normalizeGradient(dy, savedX, coefficients), dgamma, dbeta];
      },
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
      normalization = normalizationInTraining(layer, x, gamma, beta, origin.moments);
      return [normalizer(layer)(x, normalization)];
    },
    () => [x, origin.kernel, normalization, ...kernels.tensorsOf(origin.x)],
    (dy, [savedX, savedKernel, saved, ...copies], ofInput) => {
      const { dgamma, dbeta, coefficients } = kernels.batchNormGradient(dy, savedX, saved);
      const input = kernels.withTensors(origin.x, copies);
      const options = { relu: origin.relu, ofInput };
      const gradients = kernels.convGradient({ dy, y: savedX, coefficients }, input, savedKernel, options);
      return [gradients.dkernel, gradients.dbias, dgamma, dbeta, ...gradients.dinputs];
    },
  );
  return y;
}

const normalizeAsLearnt = (layer: BatchNormalization) =>
  tf.customGrad((input, scale, offset, save) => {
    const [x, gamma, beta] = [input, scale, offset] as tf.Tensor[];
    const { epsilon } = layer;
    const [movingMean, movingVariance] = [layer.movingMean.read(), layer.movingVariance.read()];
    (save as tf.GradSaveFunc)([x, gamma, movingMean, movingVariance]);
    return {
      value: normalizer(layer)(x, kernels.batchNormInference({ gamma, beta, movingMean, movingVariance }, epsilon)),
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
