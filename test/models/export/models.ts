// Models that are exported in tests, with random weights and statistics that are far from those of an untrained model.
import { tf } from "../../../lib/engine";
import { simpleAutoencoder } from "../../../lib/models/simple-autoencoder";
import { unet } from "../../../lib/models/unet";
import { Random } from "../../../lib/random";

type Tensor = tf.SymbolicTensor;

/** Gives a model random weights; of batch normalization, variances stay positive. */
export function randomWeights(model: tf.LayersModel, seed: number): tf.LayersModel {
  const random = new Random(seed, "weights of an exported model");
  for (const layer of model.layers) {
    const isNorm = layer.getClassName() === "BatchNormalization";
    const weights = layer.getWeights();
    const values = weights.map(({ shape, size }, part) => {
      const isVariance = isNorm && part === weights.length - 1;
      const fanIn = shape.slice(0, -1).reduce((product, length) => product * length, 1);
      const scale = shape.length === 4 ? Math.sqrt(2 / fanIn) : shape.length === 2 ? Math.sqrt(1 / fanIn) : 0.3;
      const value = () => (isVariance ? 0.2 + 2 * random.uniform() : scale * random.normal() + (isNorm ? 0.5 : 0));
      return tf.tensor(Float32Array.from({ length: size }, value), shape);
    });
    layer.setWeights(values);
    tf.dispose(values);
  }
  return model;
}

const any = { height: null, width: null };

/** Every layer that can be exported, in unusual forms, with names that are no identifiers; sizes are multiples of 6. */
function oddLayers(): tf.LayersModel {
  const { conv2d, conv2dTranspose, maxPooling2d, upSampling2d, batchNormalization, activation } = tf.layers;
  const apply = (x: Tensor | Tensor[], ...layers: tf.layers.Layer[]) =>
    layers.reduce<Tensor | Tensor[]>((y, layer) => layer.apply(y) as Tensor, x) as Tensor;
  const common = { filters: 5, biasInitializer: "ones" } as const;
  const input = tf.input({ shape: [null, null, 3], name: "1st-input" });
  const first = apply(input, conv2d({ ...common, name: "conv/3x3", kernelSize: [3, 2], padding: "same", activation: "tanh" }));
  const dilated = apply(first, conv2d({ ...common, name: "class", kernelSize: 3, dilationRate: 2, padding: "same", useBias: false }));
  const shrunk = apply(dilated, conv2d({ ...common, name: "half", kernelSize: [3, 5] }), tf.layers.reLU());
  const grown = apply(shrunk, conv2dTranspose({ ...common, name: "conv_3x3", kernelSize: [3, 5], padding: "valid", activation: "hardSigmoid" }));
  const strided = apply(grown, conv2d({ ...common, name: "x", kernelSize: [5, 2], strides: [2, 3], padding: "same" }));
  const up = apply(strided, tf.layers.dropout({ rate: 0.5 }), conv2dTranspose({ ...common, kernelSize: [3, 6], strides: [2, 3], padding: "same" }));
  const gaps = apply(strided, conv2dTranspose({ ...common, kernelSize: 1, strides: [2, 3], padding: "same", activation: "relu" }));
  const pooled = apply(grown, maxPooling2d({ poolSize: [3, 4], strides: [2, 3], padding: "same" }), maxPooling2d({ poolSize: 3, strides: 1, padding: "same" }));
  const larger = apply(pooled, batchNormalization({ scale: false }), upSampling2d({ size: [2, 3] }), activation({ activation: "sigmoid" }));
  // two ways of equal length to the result, each with a convolution
  const left = apply(larger, conv2d({ ...common, name: "left", kernelSize: 1 }), batchNormalization({ center: false, epsilon: 0.1 }));
  const right = apply(up, conv2d({ ...common, name: "right", kernelSize: 1 }), batchNormalization());
  const sum = apply([right, left, gaps], tf.layers.add());
  const joined = apply([sum, dilated, input], tf.layers.concatenate());
  return tf.model({ inputs: input, outputs: apply(joined, conv2d({ filters: 3, kernelSize: 1, name: "result" })), name: "odd_layers" });
} // biome-ignore format: one layer a line

/** By what is special about them. */
export const exportedModels: Readonly<Record<string, () => tf.LayersModel>> = {
  "simple autoencoder": () => simpleAutoencoder(),
  "simple autoencoder, colour, any size": () => simpleAutoencoder({ channels: 3, ...any }),
  "U-Net": () => unet({ filters: 4 }),
  "U-Net, residual, hard sigmoid, any size": () =>
    unet({ filters: [4, 6, 8], residual: true, outputActivation: "hardSigmoid", ...any }),
  "U-Net, predicts the noise, colour, any size": () => unet({ filters: 4, channels: 3, predicts: "noise", ...any }),
  "U-Net, predicts the noise, residual, any width": () =>
    unet({ filters: 4, predicts: "noise", residual: true, height: 16, width: null }),
  "U-Net, attention": () => unet({ filters: 4, attention: "layer" }),
  "U-Net, transformer, several windows": () =>
    unet({ filters: [4, 4, 12], attention: "transformer", residual: true, height: 56, width: 84 }),
  "U-Net, transformer, colour, any size": () => unet({ filters: 4, attention: "transformer", channels: 3, ...any }),
  "odd layers": oddLayers,
};
