// The baseline: a small convolutional autoencoder. Its bottleneck holds 32 numbers for each 4 x 4 pixels: 7 x 7 x 32 for
// a digit of 28 x 28.
import * as tf from "@tensorflow/tfjs";
import { checkImageSize, type ImageSizeOptions, resolutionNames } from "./image-size";
import { glorotUniform } from "./initial-weights";

export interface SimpleAutoencoderOptions extends ImageSizeOptions {
  /** Chooses the initial weights, a whole number. */
  seed?: number;
}

/**
 * Conv 32 - pool - conv 32 - pool - conv 32 - upsample - conv 32 - upsample - conv 1: sigmoid output; 28,353 parameters
 * for grey images.
 * @param options by default, the model takes grey images of 28 x 28 pixels
 * @returns an untrained model [n, height, width, channels] -> the same shape, values from 0 to 1
 * @throws {RangeError} when seed is not a whole number, channels are not 1 or 3, or height or width is neither null nor
 *   a multiple of 4
 * @example
 * ```ts
 * import { simpleAutoencoder } from "image-denoiser";
 *
 * simpleAutoencoder().countParams() // 28353
 * simpleAutoencoder({ channels: 3, height: null, width: null }).inputs[0].shape // [ null, null, null, 3 ]
 * ```
 */
export function simpleAutoencoder({
  channels = 1,
  height = 28,
  width = 28,
  seed = 42,
}: SimpleAutoencoderOptions = {}): tf.LayersModel {
  checkImageSize({ channels, height, width });
  const [full, half, quarter] = resolutionNames(height);
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

  const input = tf.input({ shape: [height, width, channels], name: "noisy" });
  const encoder = [
    convolution(`encode${full}`, 32, "relu"),
    pooling(`to${half}`),
    convolution(`encode${half}`, 32, "relu"),
    pooling(`to${quarter}`),
  ];
  const decoder = [
    convolution(`decode${quarter}`, 32, "relu"),
    upsampling(`back${half}`),
    convolution(`decode${half}`, 32, "relu"),
    upsampling(`back${full}`),
    convolution("denoised", channels, "sigmoid"),
  ];
  const output = [...encoder, ...decoder].reduce((x, next) => next.apply(x) as tf.SymbolicTensor, input);
  return tf.model({ inputs: input, outputs: output, name: "simple_autoencoder" });
}
