// The advanced model: a U-Net (Ronneberger, Fischer & Brox 2015), whose decoder sees the encoder's features at each
// resolution, so that detail need not pass through the bottleneck.
import * as tf from "@tensorflow/tfjs";
import { glorotUniform } from "./initial-weights";

export interface UnetOptions {
  /** Channels at full resolution, twice and four times as many at the half and the quarter; or all three numbers. */
  filters?: number | readonly [full: number, half: number, quarter: number];
  /** Chooses the initial weights. */
  seed?: number;
  /** Each block adds what its first convolution gives to what its second gives (He et al. 2016). No more parameters. */
  residual?: boolean;
  /** "hardSigmoid" is a straight line that is cut off at 0 and 1, which it reaches. */
  outputActivation?: "sigmoid" | "hardSigmoid";
}

/**
 * Two levels down, two up, (conv 3x3 - ReLU - batch normalization) twice at each.
 * 118,033 parameters with 16 filters.
 * @returns a model [n, 28, 28, 1] -> the same shape
 */
export function unet({
  filters = 16,
  seed = 42,
  residual = false,
  outputActivation = "sigmoid",
}: UnetOptions = {}): tf.LayersModel {
  const [wide, wider, widest] = typeof filters === "number" ? [filters, 2 * filters, 4 * filters] : filters;
  const kernelInitializer = glorotUniform(seed);
  const apply = (x: tf.SymbolicTensor, ...layers: tf.layers.Layer[]) =>
    layers.reduce((y, next) => next.apply(y) as tf.SymbolicTensor, x);
  const convolution = (name: string, channels: number) =>
    tf.layers.conv2d({
      name,
      filters: channels,
      kernelSize: 3,
      padding: "same",
      activation: "relu",
      kernelInitializer: kernelInitializer(),
    });
  const normalization = (name: string) => tf.layers.batchNormalization({ name });
  const block = (x: tf.SymbolicTensor, name: string, channels: number) => {
    const first = apply(x, convolution(`${name}_conv1`, channels), normalization(`${name}_norm1`));
    const second = apply(first, convolution(`${name}_conv2`, channels), normalization(`${name}_norm2`));
    return residual ? (tf.layers.add({ name: `${name}_sum` }).apply([first, second]) as tf.SymbolicTensor) : second;
  };
  const halve = (x: tf.SymbolicTensor, name: string) => apply(x, tf.layers.maxPooling2d({ name, poolSize: 2 }));
  const double = (x: tf.SymbolicTensor, name: string, channels: number, shortCut: tf.SymbolicTensor) => {
    const upsampling = tf.layers.conv2dTranspose({
      name,
      filters: channels,
      kernelSize: 2,
      strides: 2,
      padding: "same",
      kernelInitializer: kernelInitializer(),
    });
    return tf.layers.concatenate({ name: `${name}_join` }).apply([apply(x, upsampling), shortCut]) as tf.SymbolicTensor;
  };

  const input = tf.input({ shape: [28, 28, 1], name: "noisy" });
  const full = block(input, "down28", wide);
  const half = block(halve(full, "to14"), "down14", wider);
  const bottleneck = block(halve(half, "to7"), "middle7", widest);
  const halfAgain = block(double(bottleneck, "back14", wider, half), "up14", wider);
  const fullAgain = block(double(halfAgain, "back28", wide, full), "up28", wide);
  const last = tf.layers.conv2d({
    name: "denoised",
    filters: 1,
    kernelSize: 1,
    activation: outputActivation,
    kernelInitializer: kernelInitializer(),
  });
  const output = apply(fullAgain, last);
  return tf.model({ inputs: input, outputs: output, name: "unet" });
}
