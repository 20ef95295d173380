// Losses for `model.compile`, besides those that tfjs knows by name.
import * as tf from "@tensorflow/tfjs";
import { crossEntropy, crossEntropyGradient } from "../engine/kernels";

/**
 * Binary cross-entropy, - clean ln(denoised) - (1 - clean) ln(1 - denoised), for values in [0, 1]: equal to tfjs'
 * "binaryCrossentropy", which takes a logarithm back and forth in forty operations.
 * @param clean [..., channels]
 * @param denoised the same shape
 * @returns [...], the mean over channels
 */
export function binaryCrossentropy(clean: tf.Tensor, denoised: tf.Tensor): tf.Tensor {
  const entropy = tf.customGrad((prediction, save) => {
    (save as tf.GradSaveFunc)([prediction as tf.Tensor]);
    return {
      value: crossEntropy(clean, prediction as tf.Tensor),
      gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => crossEntropyGradient(dy, clean, saved),
    };
  });
  return tf.tidy(() => entropy(denoised).mean(-1));
}

/**
 * ln(mean squared error) + 1 - SSIM of each image, for values in [0, 1]: what pictures are judged by. Squared error alone
 * buys decibels with haze: a background of 0.02 instead of 0 costs almost nothing, and SSIM a lot. PSNR is a mean of logarithms over images, so
 * the logarithm trains for PSNR itself; SSIM is that of the metrics, with its uniform 7x7 window.
 * @param clean [n, height, width, channels], at least 7x7 pixels
 * @param denoised the same shape
 * @returns [n]
 */
export function logMseAndSsim(clean: tf.Tensor, denoised: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const error = denoised.sub(clean).square().mean([1, 2, 3]);
    // an image without any error must not make the loss infinite
    return error.add(1e-6).log().add(1).sub(ssim(clean, denoised));
  });
}

const windowSize = 7;

/** Mean SSIM of each image, as `ssim` of the metrics computes it. */
function ssim(clean: tf.Tensor, denoised: tf.Tensor): tf.Tensor {
  const x = inPlanes(clean);
  const y = inPlanes(denoised);
  const [meanX, meanY, squares, products] = tf.split(
    windowMeans(tf.concat([x, y, x.square().add(y.square()), x.mul(y)]) as tf.Tensor3D),
    4,
  );
  const normalization = windowSize ** 2 / (windowSize ** 2 - 1); // sample covariances
  const productOfMeans = meanX.mul(meanY);
  const squaresOfMeans = meanX.square().add(meanY.square());
  const covariance = products.sub(productOfMeans).mul(normalization);
  const variances = squares.sub(squaresOfMeans).mul(normalization);
  const [c1, c2] = [0.01 ** 2, 0.03 ** 2];
  const map = productOfMeans
    .mul(2)
    .add(c1)
    .mul(covariance.mul(2).add(c2))
    .div(squaresOfMeans.add(c1).mul(variances.add(c2)));
  return map.reshape([clean.shape[0], -1]).mean(1);
}

/** [n, height, width, channels] -> [n * channels, height, width] */
function inPlanes(images: tf.Tensor): tf.Tensor3D {
  const [n, height, width, channels] = images.shape;
  const planes = channels === 1 ? images : images.transpose([0, 3, 1, 2]);
  return planes.reshape([n * channels, height, width]);
}

/** Means over all windows that lie within the image: products with banded matrices, which are faster than pooling. */
function windowMeans(planes: tf.Tensor3D): tf.Tensor3D {
  const overRows = (x: tf.Tensor3D): tf.Tensor3D => {
    const [n, height, width] = x.shape;
    return x
      .reshape([n * height, width])
      .matMul(band(width))
      .reshape([n, height, width - windowSize + 1]);
  };
  return overRows(overRows(planes).transpose([0, 2, 1]));
}

/** [size, size - 6]: column i averages the values i … i + 6. */
function band(size: number): tf.Tensor2D {
  const matrix = tf.buffer([size, size - windowSize + 1]);
  for (let column = 0; column + windowSize <= size; column++)
    for (let i = 0; i < windowSize; i++) matrix.set(1 / windowSize, column + i, column);
  return matrix.toTensor() as tf.Tensor2D;
}
