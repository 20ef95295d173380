// The baseline: a small convolutional autoencoder that compresses a digit to 7 x 7 x 32 numbers.
import * as tf from "@tensorflow/tfjs";
import { glorotUniform } from "./initial-weights";

export interface SimpleAutoencoderOptions {
  /** Chooses the initial weights, a whole number. */
  seed?: number;
}

/**
 * Conv 32 - pool - conv 32 - pool - conv 32 - upsample - conv 32 - upsample - conv 1: 28,353 parameters, sigmoid output.
 * @returns an untrained model of images of 28x28 pixels, [n, 28, 28, 1] -> the same shape, values from 0 to 1
 * @throws {RangeError} when seed is not a whole number
 * @example
 * ```ts
 * import { simpleAutoencoder } from "image-denoiser";
 *
 * simpleAutoencoder().countParams() // 28353
 * ```
 */
export function simpleAutoencoder({ seed = 42 }: SimpleAutoencoderOptions = {}): tf.LayersModel {
  const kernelInitializer = glorotUniform(seed);
  const convolution = (name: string, filters: number, activation: "relu" | "sigmoid") =>
    tf.layers.conv2d({
      name,
      filters,
      kernelSize: 3,
      padding: "same",
      activation,
      kernelInitializer: kernelInitializer(),
    });
  const pooling = (name: string) => tf.layers.maxPooling2d({ name, poolSize: 2, padding: "same" });
  const upsampling = (name: string) => tf.layers.upSampling2d({ name, size: [2, 2] });

  const input = tf.input({ shape: [28, 28, 1], name: "noisy" });
  const encoder = [
    convolution("encode28", 32, "relu"),
    pooling("to14"),
    convolution("encode14", 32, "relu"),
    pooling("to7"),
  ];
  const decoder = [
    convolution("decode7", 32, "relu"),
    upsampling("back14"),
    convolution("decode14", 32, "relu"),
    upsampling("back28"),
    convolution("denoised", 1, "sigmoid"),
  ];
  const output = [...encoder, ...decoder].reduce((x, next) => next.apply(x) as tf.SymbolicTensor, input);
  return tf.model({ inputs: input, outputs: output, name: "simple_autoencoder" });
}
