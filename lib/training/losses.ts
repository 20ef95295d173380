// Losses for `model.compile`, besides those that tfjs knows by name.
import * as tf from "@tensorflow/tfjs";
import * as engine from "../engine";
import { K1, K2, windowSizes } from "../metrics/ssim";

/**
 * Binary cross-entropy, - clean ln(denoised) - (1 - clean) ln(1 - denoised), for values in [0, 1]: what tfjs'
 * "binaryCrossentropy" gives, gradients included, in one operation instead of forty.
 * @param clean [..., channels]
 * @param denoised the same shape
 * @returns [...], the mean over channels
 * @throws {RangeError} when shapes differ
 */
export function binaryCrossentropy(clean: tf.Tensor, denoised: tf.Tensor): tf.Tensor {
  checkShapes(clean, denoised);
  return tf.tidy(() => engine.crossEntropy(clean, denoised).mean(-1));
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
 * @throws {RangeError} for smaller images, and when shapes differ
 */
export function logMseAndSsim(clean: tf.Tensor, denoised: tf.Tensor, ssimWeight = 1): tf.Tensor {
  checkShapes(clean, denoised);
  checkSize(denoised);
  return engine.logMseAndSsim(clean, denoised, { c1: K1 ** 2, c2: K2 ** 2, margin: almostNoError, weight: ssimWeight });
}

const almostNoError = 1e-6; // an image without any error must not make the loss infinite

function checkShapes(clean: tf.Tensor, denoised: tf.Tensor): void {
  if (!tf.util.arraysEqual(clean.shape, denoised.shape))
    throw new RangeError(
      `clean and denoised must be of one shape for this loss, not [${clean.shape}] and [${denoised.shape}]`,
    );
}

function checkSize({ shape }: tf.Tensor): void {
  const [, height, width] = shape;
  const size = windowSizes.uniform;
  if (shape.length !== 4 || Number(height) < size || Number(width) < size)
    throw new RangeError(
      `this loss needs images [n, height, width, channels] of at least ${size}x${size} pixels, not [${shape}]`,
    );
}
