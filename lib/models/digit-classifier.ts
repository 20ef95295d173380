// A small convolutional network that names the digit on an image. Trained on clean digits and applied to denoised ones,
// it tells what PSNR and SSIM cannot: whether a digit can still be read.
import * as tf from "@tensorflow/tfjs";
import { glorotUniform } from "./initial-weights";

/** Digits that the classifier tells apart: 0 to 9. */
export const digitClasses = 10;

/**
 * Conv 16 - pool - conv 32 - pool - conv 32 - dense 10: 29,738 parameters, softmax output.
 * @param seed chooses the initial weights, a whole number
 * @returns an untrained model [n, 28, 28, 1] -> [n, 10], the probability of each digit
 */
export function digitClassifier(seed: number): tf.LayersModel {
  const kernelInitializer = glorotUniform(seed);
  const convolution = (name: string, filters: number) =>
    tf.layers.conv2d({
      name,
      filters,
      kernelSize: 3,
      padding: "same",
      activation: "relu",
      kernelInitializer: kernelInitializer(),
    });
  const pooling = (name: string) => tf.layers.maxPooling2d({ name, poolSize: 2 });
  const input = tf.input({ shape: [28, 28, 1], name: "digit" });
  const layers = [
    convolution("conv28", 16),
    pooling("to14"),
    convolution("conv14", 32),
    pooling("to7"),
    convolution("conv7", 32),
    tf.layers.flatten({ name: "features" }),
    tf.layers.dense({
      name: "probabilities",
      units: digitClasses,
      activation: "softmax",
      kernelInitializer: kernelInitializer(),
    }),
  ];
  const output = layers.reduce((x, next) => next.apply(x) as tf.SymbolicTensor, input);
  return tf.model({ inputs: input, outputs: output, name: "digit_classifier" });
}
