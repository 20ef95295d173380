// The advanced model: a U-Net (Ronneberger, Fischer & Brox 2015), whose decoder sees the encoder's features at each
// resolution, so that detail need not pass through the bottleneck.
import * as tf from "@tensorflow/tfjs";

export interface UnetOptions {
  /** Channels at full resolution; twice and four times as many at the half and the quarter. */
  filters?: number;
  /** Chooses the initial weights. */
  seed?: number;
}

/**
 * Two levels down, two up, (conv 3x3 - ReLU - batch normalization) twice at each; sigmoid output.
 * 118,033 parameters with 16 filters.
 * @returns a model [n, 28, 28, 1] -> the same shape
 */
export function unet({ filters = 16, seed = 42 }: UnetOptions = {}): tf.LayersModel {
  let layer = 0;
  const kernelInitializer = () => tf.initializers.glorotUniform({ seed: seed + layer++ });
  const apply = (x: tf.SymbolicTensor, ...layers: tf.layers.Layer[]) =>
    layers.reduce((y, next) => next.apply(y) as tf.SymbolicTensor, x);
  const convolution = (channels: number) =>
    tf.layers.conv2d({
      filters: channels,
      kernelSize: 3,
      padding: "same",
      activation: "relu",
      kernelInitializer: kernelInitializer(),
    });
  const block = (x: tf.SymbolicTensor, channels: number) =>
    apply(
      x,
      convolution(channels),
      tf.layers.batchNormalization(),
      convolution(channels),
      tf.layers.batchNormalization(),
    );
  const down = (x: tf.SymbolicTensor) => apply(x, tf.layers.maxPooling2d({ poolSize: 2 }));
  const up = (x: tf.SymbolicTensor, channels: number, skip: tf.SymbolicTensor) => {
    const upsampled = apply(
      x,
      tf.layers.conv2dTranspose({
        filters: channels,
        kernelSize: 2,
        strides: 2,
        padding: "same",
        kernelInitializer: kernelInitializer(),
      }),
    );
    return tf.layers.concatenate().apply([upsampled, skip]) as tf.SymbolicTensor;
  };

  const input = tf.input({ shape: [28, 28, 1] });
  const full = block(input, filters);
  const half = block(down(full), 2 * filters);
  const bottleneck = block(down(half), 4 * filters);
  const halfAgain = block(up(bottleneck, 2 * filters, half), 2 * filters);
  const fullAgain = block(up(halfAgain, filters, full), filters);
  const output = apply(
    fullAgain,
    tf.layers.conv2d({ filters: 1, kernelSize: 1, activation: "sigmoid", kernelInitializer: kernelInitializer() }),
  );
  return tf.model({ inputs: input, outputs: output, name: "unet" });
}
