// The advanced model: a U-Net (Ronneberger, Fischer & Brox 2015), whose decoder gets the encoder's features at each
// resolution through skip connections, so that detail need not pass through the bottleneck.
import * as tf from "@tensorflow/tfjs";
import { checkChoice, checkCount } from "../checks";
import { glorotUniform } from "./initial-weights";

export interface UnetOptions {
  /** Channels at full resolution, twice and four times as many at the half and the quarter; or all three numbers. */
  filters?: number | readonly [full: number, half: number, quarter: number];
  /** Chooses the initial weights, a whole number. */
  seed?: number;
  /** Each block adds the result of its first convolution to that of its second (He et al. 2016). No more parameters. */
  residual?: boolean;
  /** "hardSigmoid" is linear and clipped at 0 and 1, which it reaches. */
  outputActivation?: "sigmoid" | "hardSigmoid";
}

/**
 * Two levels down and two up, (conv 3x3 - ReLU - batch normalization) twice at each, skip connections in between.
 * 118,033 parameters with 16 filters.
 * @returns an untrained model of images of 28x28 pixels, [n, 28, 28, 1] -> the same shape, values from 0 to 1
 * @throws {RangeError} when filters are not whole numbers of at least 1, seed is not a whole number, or the activation
 *   is not one of the two
 * @example
 * ```ts
 * import { unet } from "image-denoiser";
 *
 * unet({ filters: 8 }).countParams() // 29961
 * unet({ filters: [8, 24, 48], residual: true }).outputs[0].shape // [ null, 28, 28, 1 ]
 * ```
 */
export function unet({
  filters = 16,
  seed = 42,
  residual = false,
  outputActivation = "sigmoid",
}: UnetOptions = {}): tf.LayersModel {
  const channels = typeof filters === "number" ? [filters, 2 * filters, 4 * filters] : filters;
  for (const count of channels) checkCount("filters", count);
  if (channels.length !== 3)
    throw new RangeError(`filters must be one number or three, not ${channels.length}: [${channels.join(", ")}]`);
  checkChoice("outputActivation", outputActivation, ["sigmoid", "hardSigmoid"]);
  const [wide, wider, widest] = channels;
  const kernelInitializer = glorotUniform(seed);

  const apply = (x: tf.SymbolicTensor, ...layers: tf.layers.Layer[]) =>
    layers.reduce((y, next) => next.apply(y) as tf.SymbolicTensor, x);
  const convolution = (name: string, filters: number) =>
    tf.layers.conv2d({
      name,
      filters,
      kernelSize: 3,
      padding: "same",
      activation: "relu",
      kernelInitializer: kernelInitializer(),
    });
  const normalization = (name: string) => tf.layers.batchNormalization({ name });
  const block = (x: tf.SymbolicTensor, name: string, filters: number) => {
    const first = apply(x, convolution(`${name}_conv1`, filters), normalization(`${name}_norm1`));
    const second = apply(first, convolution(`${name}_conv2`, filters), normalization(`${name}_norm2`));
    return residual ? (tf.layers.add({ name: `${name}_sum` }).apply([first, second]) as tf.SymbolicTensor) : second;
  };
  const pool = (x: tf.SymbolicTensor, name: string) => apply(x, tf.layers.maxPooling2d({ name, poolSize: 2 }));
  const upsample = (x: tf.SymbolicTensor, name: string, filters: number, skip: tf.SymbolicTensor) => {
    const transposed = tf.layers.conv2dTranspose({
      name,
      filters,
      kernelSize: 2,
      strides: 2,
      padding: "same",
      kernelInitializer: kernelInitializer(),
    });
    return tf.layers.concatenate({ name: `${name}_join` }).apply([apply(x, transposed), skip]) as tf.SymbolicTensor;
  };

  const input = tf.input({ shape: [28, 28, 1], name: "noisy" });
  const down28 = block(input, "down28", wide);
  const down14 = block(pool(down28, "to14"), "down14", wider);
  const middle7 = block(pool(down14, "to7"), "middle7", widest);
  const up14 = block(upsample(middle7, "back14", wider, down14), "up14", wider);
  const up28 = block(upsample(up14, "back28", wide, down28), "up28", wide);
  const denoised = tf.layers.conv2d({
    name: "denoised",
    filters: 1,
    kernelSize: 1,
    activation: outputActivation,
    kernelInitializer: kernelInitializer(),
  });
  return tf.model({ inputs: input, outputs: apply(up28, denoised), name: "unet" });
}
