// Losses for `model.compile`, besides those that tfjs has by name.
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
 * @example
 * ```ts
 * import { binaryCrossentropy, tf } from "image-denoiser";
 *
 * const [clean, denoised] = [tf.tensor2d([[0], [1]]), tf.tensor2d([[0.5], [0.9]])];
 * binaryCrossentropy(clean, denoised).dataSync() // Float32Array(2) [ 0.693147, 0.105361 ]
 * ```
 */
export function binaryCrossentropy(clean: tf.Tensor, denoised: tf.Tensor): tf.Tensor {
  checkShapes(clean, denoised);
  return tf.tidy(() => engine.crossEntropy(clean, denoised).mean(-1));
}

/**
 * ln(mean squared error) + 1 - SSIM of each image, for values in [0, 1]: the two metrics that the models are scored by.
 * Mean PSNR is a mean of logarithms over images, so the logarithm optimizes it directly. SSIM is that of `ssim`, with a
 * uniform 7x7 window; it penalizes a background of 0.02 instead of 0, which squared error hardly counts.
 * @param clean [n, height, width, channels], at least 7x7 pixels
 * @param denoised the same shape
 * @param ssimWeight the weight of 1 - SSIM
 * @returns [n]
 * @throws {RangeError} for smaller images, and when shapes differ
 * @example
 * ```ts
 * import { logMseAndSsim, tf, unet } from "image-denoiser";
 *
 * const model = unet({ filters: 4 });
 * model.compile({ optimizer: tf.train.adam(0.008), loss: logMseAndSsim });
 * const clean = tf.zeros([1, 28, 28, 1]);
 * logMseAndSsim(clean, clean.add(0.1)).dataSync()[0] // -3.61497
 * ```
 */
export function logMseAndSsim(clean: tf.Tensor, denoised: tf.Tensor, ssimWeight = 1): tf.Tensor {
  checkShapes(clean, denoised);
  checkSize(denoised);
  return engine.logMseAndSsim(clean, denoised, { c1: K1 ** 2, c2: K2 ** 2, margin, weight: ssimWeight });
}

/** Added to the mean squared error, so that an image without error has a finite loss. */
const margin = 1e-6;

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
