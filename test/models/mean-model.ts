// A model whose results are known: the mean of 3 x 3 pixels.
import type { Images } from "../../lib/data/images";
import { tf } from "../../lib/engine";

/** Takes the mean of 3 x 3 pixels in each channel. */
export function meanModel(channels: 1 | 3, size: number | null = null): tf.LayersModel {
  const input = tf.input({ shape: [size, size, channels] });
  const layer = tf.layers.conv2d({ filters: channels, kernelSize: 3, padding: "same" });
  const model = tf.model({ inputs: input, outputs: layer.apply(input) as tf.SymbolicTensor });
  const kernel = Float32Array.from({ length: 9 * channels * channels }, (_, i) =>
    Math.floor(i / channels) % channels === i % channels ? 1 / 9 : 0,
  );
  layer.setWeights([tf.tensor4d(kernel, [3, 3, channels, channels]), tf.zeros([channels])]);
  return model;
}

/** The mean of 3 x 3 pixels, as the models compute it: beyond the edge is black. */
export function meanOf({ data, shape: [, height, width, channels] }: Images): Float32Array {
  return data.map((_, i) => {
    const [y, x, c] = [Math.floor(i / channels / width), Math.floor(i / channels) % width, i % channels];
    let sum = 0;
    for (let row = y - 1; row <= y + 1; row++)
      for (let column = x - 1; column <= x + 1; column++)
        if (row >= 0 && row < height && column >= 0 && column < width)
          sum += data[(row * width + column) * channels + c];
    return sum / 9;
  });
}
