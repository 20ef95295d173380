// Random models without dense layers, whose output is as large as their input: what receptive fields and tiling are
// tested with.
import { tf } from "../../lib/engine";
import { unet } from "../../lib/models/unet";
import { Random } from "../../lib/random";

type Tensor = tf.SymbolicTensor;

export interface RandomDenoiserOptions {
  channels?: number;
  /** Without activations that could hide an input, nor kernels that could cancel it. */
  linear: boolean;
  /** Height and width; null for any, without those layers that tfjs cannot build then. */
  size: number | null;
}

/** Equal seeds give equal layers and weights, whatever the size. */
export function randomDenoiser(seed: number, { channels = 1, linear, size }: RandomDenoiserOptions): tf.LayersModel {
  const random = new Random(seed, "random denoiser");
  const pick = <Value>(values: readonly Value[]): Value => values[random.below(values.length)];
  const sides = (choices: readonly number[]): [number, number] => [pick(choices), pick(choices)];
  const filters = linear ? 1 : pick([3, 8, 16]);
  const common = () => ({
    kernelInitializer: linear
      ? tf.initializers.randomUniform({ minval: 0.5, maxval: 1, seed: random.bits() })
      : tf.initializers.glorotUniform({ seed: random.bits() }),
    biasInitializer: linear
      ? ("zeros" as const)
      : tf.initializers.randomUniform({ minval: -0.2, maxval: 0.2, seed: random.bits() }),
    activation: linear ? undefined : pick(["relu", "linear", "tanh"] as const),
  });
  const apply = (x: Tensor, ...layers: tf.layers.Layer[]) => layers.reduce((y, layer) => layer.apply(y) as Tensor, x);
  /** A layer that keeps the size, or two of which the second makes up for the first. */
  const step = (x: Tensor): Tensor => {
    const kernelSize = sides([1, 2, 3, 3, 4, 5]);
    switch (size === null ? random.below(6) : random.below(8)) {
      case 0:
        return apply(x, tf.layers.batchNormalization({ movingMeanInitializer: linear ? "zeros" : "ones" }), tf.layers.reLU());
      case 1:
        return apply(x, tf.layers.conv2d({ ...common(), filters, kernelSize: 3, padding: "same", dilationRate: pick([2, 3]) }));
      case 2:
        return apply(x, tf.layers.depthwiseConv2d({ kernelSize, padding: "same", depthwiseInitializer: linear ? "ones" : "glorotUniform" }));
      case 6: {
        const [above, left] = sides([0, 1, 2, 3]);
        const [below, right] = [kernelSize[0] - 1 - above, kernelSize[1] - 1 - left];
        if (below < 0 || right < 0) break;
        const valid = tf.layers.conv2d({ ...common(), filters, kernelSize, padding: "valid" });
        const padding = tf.layers.zeroPadding2d({ padding: [[above, below], [left, right]] });
        return chance() ? apply(x, padding, valid) : apply(x, valid, padding);
      }
      case 3:
        return apply(x, tf.layers.maxPooling2d({ poolSize: sides([1, 2, 3]), strides: 1, padding: "same" }));
      case 7: {
        const crop: [[number, number], [number, number]] = [[1, 0], [0, 2]];
        return apply(x, tf.layers.zeroPadding2d({ padding: crop }), tf.layers.cropping2D({ cropping: [[0, 1], [1, 1]] }));
      }
    }
    return apply(x, tf.layers.conv2d({ ...common(), filters, kernelSize, padding: "same" }));
  }; // biome-ignore format: one layer a line
  const chance = () => random.below(2) === 0;
  const down = (x: Tensor, factor: number): Tensor => {
    const padding = pick(["same", "valid"] as const);
    const extent = padding === "valid" ? factor : factor + random.below(3);
    switch (random.below(3)) {
      case 0:
        return apply(x, tf.layers.maxPooling2d({ poolSize: extent, strides: factor, padding }));
      case 1:
        return apply(x, tf.layers.averagePooling2d({ poolSize: extent, strides: factor, padding }));
      default:
        return apply(x, tf.layers.conv2d({ ...common(), filters, kernelSize: extent, strides: factor, padding }));
    }
  };
  const up = (x: Tensor, factor: number): Tensor =>
    chance()
      ? apply(x, tf.layers.upSampling2d({ size: [factor, factor], interpolation: factor === 2 ? pick(["nearest", "bilinear"]) : "nearest" }))
      : apply(x, tf.layers.conv2dTranspose({ ...common(), filters, kernelSize: pick([1, factor, factor, factor + 1, factor + 2]), strides: factor, padding: "same" })); // biome-ignore format: one layer a line
  const level = (x: Tensor, depth: number): Tensor => {
    const before = step(x);
    if (depth === 0) return step(before);
    const factor = pick([2, 2, 3]);
    const inside = up(level(down(before, factor), depth - 1), factor);
    const joined = chance() ? (tf.layers.concatenate().apply([inside, before]) as Tensor) : inside;
    return step(apply(joined, tf.layers.conv2d({ ...common(), filters, kernelSize: 1 })));
  };
  const input = tf.input({ shape: [size, size, channels] });
  const first = apply(input, tf.layers.conv2d({ ...common(), filters, kernelSize: 3, padding: "same" }));
  const result = apply(level(first, random.below(3)), tf.layers.conv2d({ ...common(), activation: undefined, filters: channels, kernelSize: 1 })); // biome-ignore format: short
  const outputs = linear ? result : (tf.layers.add().apply([input, result]) as Tensor);
  return tf.model({ inputs: input, outputs, name: `random_${seed}` });
}

/** A U-Net for colour that predicts the noise, with a last layer that is not zero, as before training, but random. */
export function randomResidualUnet(filters: number): tf.LayersModel {
  const model = unet({ channels: 3, height: null, width: null, filters, predicts: "noise" });
  const last = model.getLayer("negative_noise");
  last.setWeights(last.getWeights().map(({ shape }, i) => tf.randomNormal(shape, 0, 0.3, "float32", i)));
  return model;
}
