// Losses as native operations, on tfjs' tape; where these do not suit, the same made of tfjs' own operations.
import * as kernels from "./kernels";
import { isTensorflow, record } from "./patches/tape";
import * as tf from "./tensorflow";

/** Whether native operations take these. */
const suit = (a: tf.Tensor, b: tf.Tensor): boolean =>
  isTensorflow() && [a, b].every(({ dtype }) => dtype === "float32") && tf.util.arraysEqual(a.shape, b.shape);

/**
 * Binary cross-entropy of each number, - target ln(prediction) - (1 - target) ln(1 - prediction), with predictions
 * clipped to [1e-7, 1 - 1e-7]: tfjs' "binaryCrossentropy" before it takes the mean.
 */
export function crossEntropy(target: tf.Tensor, prediction: tf.Tensor): tf.Tensor {
  if (!suit(target, prediction)) return stockCrossEntropy(target, prediction);
  const [y] = record({
    inputs: [target, prediction],
    forward: () => [kernels.crossEntropy(target, prediction)],
    gradient: (dy, [t, p]) => [
      () => kernels.crossEntropyTargetGradient(dy, p),
      () => kernels.crossEntropyGradient(dy, t, p),
    ],
    stock: stockCrossEntropy,
  });
  return y;
}

function stockCrossEntropy(target: tf.Tensor, prediction: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const p = tf.clipByValue(prediction, 1e-7, 1 - 1e-7);
    return tf.add(tf.mul(target, tf.log(p)), tf.mul(tf.sub(1, target), tf.log(tf.sub(1, p)))).neg();
  });
}

export interface LogMseAndSsimSettings {
  /** SSIM's constants, for values in [0, 1]. */
  c1: number;
  c2: number;
  /** Added to the mean squared error, so that its logarithm is finite. */
  margin: number;
  /** How many times 1 - SSIM counts. */
  weight: number;
}

/**
 * ln(mean squared error + margin) + weight (1 - SSIM) of each image [n], with SSIM's uniform 7x7 window.
 * @param clean,denoised [n, height, width, channels], at least 7x7 pixels
 */
export function logMseAndSsim(clean: tf.Tensor, denoised: tf.Tensor, settings: LogMseAndSsimSettings): tf.Tensor {
  const stock = (x: tf.Tensor, y: tf.Tensor) => stockLogMseAndSsim(x, y, settings);
  if (!suit(clean, denoised)) return stock(clean, denoised);
  const { c1, c2, margin, weight } = settings;
  const withGradient = (x: tf.Tensor, y: tf.Tensor) => kernels.logMseAndSsim(x, y, c1, c2, margin, weight);
  const scale = (gradient: tf.Tensor, dy: tf.Tensor) => gradient.mul(dy.reshape([-1, 1, 1, 1]));
  const [losses] = record({
    inputs: [clean, denoised],
    forward: () => withGradient(clean, denoised),
    save: ([, gradient]) => [gradient],
    gradient: (dy, [x, y], [gradient]) => [
      () => scale(withGradient(y, x)[1], dy), // the loss is symmetric
      () => scale(gradient, dy),
    ],
    stock,
  });
  return losses;
}

const side = 7; // of the window

function stockLogMseAndSsim(x: tf.Tensor, y: tf.Tensor, settings: LogMseAndSsimSettings): tf.Tensor {
  return tf.tidy(() => {
    const { c1, c2, margin, weight } = settings;
    const error = tf.squaredDifference(x, y).mean([1, 2, 3]).add(margin).log();
    if (weight === 0) return error;
    const pixels = side ** 2;
    const windowMean = (values: tf.Tensor) => slidingSum(slidingSum(values, 1), 2).div(pixels);
    const sample = (values: tf.Tensor) => values.mul(pixels / (pixels - 1));
    const [meanX, meanY] = [windowMean(x), windowMean(y)];
    const [product, squares] = [tf.mul(meanX, meanY), tf.add(meanX.square(), meanY.square())];
    const covariance = sample(windowMean(tf.mul(x, y)).sub(product));
    const variances = sample(windowMean(tf.add(x.square(), y.square())).sub(squares));
    const luminance = product.mul(2).add(c1).div(squares.add(c1));
    const structure = covariance.mul(2).add(c2).div(variances.add(c2));
    const ssim = luminance.mul(structure).mean([1, 2, 3]);
    return error.add(tf.sub(1, ssim).mul(weight));
  });
}

/** Sums of `side` neighbours along an axis; tfjs' average pooling has no second derivative. */
function slidingSum(values: tf.Tensor, axis: number): tf.Tensor {
  const size = values.shape.map((length, i) => (i === axis ? length - side + 1 : length));
  const from = (start: number) => size.map((_, i) => (i === axis ? start : 0));
  return tf.addN(Array.from({ length: side }, (_, start) => tf.slice(values, from(start), size)));
}
