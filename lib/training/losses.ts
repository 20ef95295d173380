// Losses for `model.compile`, besides those that tfjs knows by name.
import * as tf from "@tensorflow/tfjs";
import * as kernels from "../engine/kernels";
import { K1, K2, windowSizes } from "../metrics/ssim";

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
      value: kernels.crossEntropy(clean, prediction as tf.Tensor),
      gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => kernels.crossEntropyGradient(dy, clean, saved),
    };
  });
  return tf.tidy(() => entropy(denoised).mean(-1));
}

/**
 * ln(mean squared error) + 1 - SSIM of each image, for values in [0, 1]: what pictures are judged by. Squared error alone
 * buys decibels with haze: a background of 0.02 instead of 0 costs almost nothing, and SSIM a lot. PSNR is a mean of
 * logarithms over images, so the logarithm trains for PSNR itself; SSIM is that of the metrics, with its uniform 7x7
 * window.
 * @param clean [n, height, width, channels], at least 7x7 pixels
 * @param denoised the same shape
 * @param ssimWeight how many times 1 - SSIM counts
 * @returns [n]
 * @throws {RangeError} for smaller images
 */
export function logMseAndSsim(clean: tf.Tensor, denoised: tf.Tensor, ssimWeight = 1): tf.Tensor {
  checkSize(denoised);
  const losses = tf.customGrad((prediction, save) => {
    const [value, gradient] = kernels.logMseAndSsim(
      clean,
      prediction as tf.Tensor,
      ...ssimConstants,
      almostNoError,
      ssimWeight,
    );
    (save as tf.GradSaveFunc)([gradient]);
    return { value, gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => saved.mul(dy.reshape([-1, 1, 1, 1])) };
  });
  return tf.tidy(() => losses(denoised));
}

const ssimConstants = [K1 ** 2, K2 ** 2] as const;
const almostNoError = 1e-6; // an image without any error must not make the loss infinite

function checkSize({ shape: [, height, width] }: tf.Tensor): void {
  const size = windowSizes.uniform;
  if (Number(height) < size || Number(width) < size)
    throw new RangeError(`this loss needs images of at least ${size}x${size} pixels, not ${height}x${width}`);
}
