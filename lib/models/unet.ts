// The advanced model: a U-Net (Ronneberger, Fischer & Brox 2015), whose decoder gets the encoder's features at each
// resolution through skip connections, so that detail need not pass through the bottleneck.
import * as tf from "@tensorflow/tfjs";
import { checkChoice, checkCount } from "../checks";
import { BiasFreeNormalization } from "./bias-free-normalization";
import { checkImageSize, type ImageSizeOptions, resolutionNames, sizeMultiple } from "./image-size";
import { glorotUniform } from "./initial-weights";
import { attended, heads, windowSize } from "./transformer";

export interface UnetOptions extends ImageSizeOptions {
  /** Channels at full resolution, twice and four times as many at the half and the quarter; or all three numbers. */
  filters?: number | readonly [full: number, half: number, quarter: number];
  /** Chooses the initial weights, a whole number. */
  seed?: number;
  /** Each block adds the result of its first convolution to that of its second (He et al. 2016). No more parameters. */
  residual?: boolean;
  /**
   * "image": the last layer gives the clean image. "noise": it gives the negative noise, which is added to the input
   * (residual learning, Zhang et al. 2017): better where noise is weak compared with the image, as in photographs. Before
   * training, the result is the input.
   * The result may then lie slightly outside of the range of the clean images.
   */
  predicts?: "image" | "noise";
  /** Of a U-Net that predicts the image. "hardSigmoid" is linear and clipped at 0 and 1, which it reaches. */
  outputActivation?: "sigmoid" | "hardSigmoid";
  /**
   * Takes the level of the noise as one more channel (Zhang, Zuo & Zhang 2018), so that one model fits many levels.
   * `denoise` adds it; see its option `sigma`.
   */
  noiseLevelMap?: boolean;
  /**
   * No additive constants, neither in convolutions nor in normalization (Mohan et al. 2020): a times the image gives a times
   * the result, and levels of noise beyond those of the training are removed better. The output is then linear.
   */
  biasFree?: boolean;
  /**
   * What N2V2 (Höck et al. 2022) does against the checkerboard that training with blind spots leaves: max-pooling is blurred
   * (Zhang 2019), and there is no skip connection at full resolution.
   */
  n2v2?: boolean;
  /**
   * Each position of the bottleneck learns from all others in its window of 7 x 7 positions, 28 x 28 pixels: the whole of a
   * digit. "layer" adds self-attention with four heads (Vaswani et al. 2017), as in the U-Nets of diffusion models (Ho et
   * al. 2020); "transformer" adds two transformer blocks, which also have two dense layers at each position. Heights and
   * widths are then multiples of 28; `denoise` pads others.
   */
  attention?: "none" | "layer" | "transformer";
}

/**
 * Two levels down and two up, (conv 3x3 - ReLU - batch normalization) twice at each, skip connections in between.
 * 118,033 parameters with 16 filters for grey images.
 * @param options by default, the model takes grey images of 28 x 28 pixels
 * @returns an untrained model [n, height, width, channels] -> the same shape, values from 0 to 1;
 *   with `noiseLevelMap` it takes one channel more than it gives
 * @throws {RangeError} when filters are not whole numbers of at least 1, seed is not a whole number, channels are not 1
 *   or 3, height or width is neither null nor a multiple of 4 (with attention of 28), or another option is not one of its
 *   choices or does not go with the others
 * @example
 * ```ts
 * import { unet } from "image-denoiser";
 *
 * unet({ filters: 8 }).countParams() // 29961
 * unet({ filters: [8, 24, 48], residual: true }).outputs[0].shape // [ null, 28, 28, 1 ]
 * unet({ channels: 3, height: null, width: null, predicts: "noise" }).outputs[0].shape // [ null, null, null, 3 ]
 * ```
 */
export function unet(options: UnetOptions = {}): tf.LayersModel {
  const { channels = 1, height = 28, width = 28, filters = 16, seed = 42, residual = false } = options;
  const { predicts = "image", outputActivation = predicts === "image" ? "sigmoid" : undefined } = options;
  const { noiseLevelMap = false, biasFree = false, n2v2 = false, attention = "none" } = options;
  checkChoice("attention", attention, ["none", "layer", "transformer"]);
  const attends = attention !== "none";
  checkImageSize({ channels, height, width }, attends ? sizeMultiple * windowSize : sizeMultiple);
  checkChoice("predicts", predicts, ["image", "noise"]);
  if (biasFree && options.outputActivation)
    throw new RangeError(`a bias-free U-Net has a linear output: leave out outputActivation "${outputActivation}"`);
  if (predicts === "image") checkChoice("outputActivation", outputActivation, ["sigmoid", "hardSigmoid"]);
  else if (outputActivation)
    throw new RangeError(`outputActivation is for a U-Net that predicts the image: leave out "${outputActivation}"`);
  const widths = typeof filters === "number" ? [filters, 2 * filters, 4 * filters] : filters;
  for (const count of widths) checkCount("filters", count);
  if (widths.length !== 3)
    throw new RangeError(`filters must be one number or three, not ${widths.length}: [${widths.join(", ")}]`);
  const [wide, wider, widest] = widths;
  if (attends && biasFree)
    throw new RangeError(
      "attention is not proportional to its input, as a bias-free U-Net must be: choose one of them",
    );
  if (attends && widest % heads !== 0)
    throw new RangeError(
      `attention has ${heads} heads: the filters of the quarter must be a multiple of ${heads}, not ${widest}`,
    );
  const [full, half, quarter] = resolutionNames(height);
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
      useBias: !biasFree,
      kernelInitializer: kernelInitializer(),
    });
  const normalization = (name: string) =>
    biasFree ? new BiasFreeNormalization({ name }) : tf.layers.batchNormalization({ name });
  const block = (x: tf.SymbolicTensor, name: string, filters: number) => {
    const first = apply(x, convolution(`${name}_conv1`, filters), normalization(`${name}_norm1`));
    const second = apply(first, convolution(`${name}_conv2`, filters), normalization(`${name}_norm2`));
    return residual ? (tf.layers.add({ name: `${name}_sum` }).apply([first, second]) as tf.SymbolicTensor) : second;
  };
  const pool = (x: tf.SymbolicTensor, name: string) =>
    apply(x, ...(n2v2 ? maxBlurPooling(name) : [tf.layers.maxPooling2d({ name, poolSize: 2 })]));
  const upsample = (x: tf.SymbolicTensor, name: string, filters: number, skip?: tf.SymbolicTensor) => {
    const transposed = tf.layers.conv2dTranspose({
      name,
      filters,
      kernelSize: 2,
      strides: 2,
      padding: "same",
      useBias: !biasFree,
      kernelInitializer: kernelInitializer(),
    });
    if (!skip) return apply(x, transposed);
    return tf.layers.concatenate({ name: `${name}_join` }).apply([apply(x, transposed), skip]) as tf.SymbolicTensor;
  };

  const input = tf.input({ shape: [height, width, channels + Number(noiseLevelMap)], name: "noisy" });
  const down1 = block(input, `down${full}`, wide);
  const down2 = block(pool(down1, `to${half}`), `down${half}`, wider);
  const deepest = block(pool(down2, `to${quarter}`), `middle${quarter}`, widest);
  const middle = attends ? attended(deepest, `middle${quarter}`, attention, seed) : deepest;
  const up2 = block(upsample(middle, `back${half}`, wider, down2), `up${half}`, wider);
  const up1 = block(upsample(up2, `back${full}`, wide, n2v2 ? undefined : down1), `up${full}`, wide);
  const last = tf.layers.conv2d({
    name: predicts === "image" ? "denoised" : "negative_noise",
    filters: channels,
    kernelSize: 1,
    activation: biasFree ? undefined : outputActivation,
    useBias: !biasFree,
    // a residual of zero: training begins at the noisy image itself, not at noise of its own
    kernelInitializer: predicts === "image" ? kernelInitializer() : "zeros",
  });
  const result = apply(up1, last);
  const noisy = () => (noiseLevelMap ? withoutLast(input, channels) : input);
  const outputs =
    predicts === "image" ? result : (tf.layers.add({ name: "denoised" }).apply([noisy(), result]) as tf.SymbolicTensor);
  return tf.model({ inputs: input, outputs, name: "unet" });
}

/** The maximum of 2 x 2 pixels at each pixel, blurred by 1 2 1 (twice the mean of two), then every second pixel. */
const maxBlurPooling = (name: string): tf.layers.Layer[] => [
  tf.layers.maxPooling2d({ name: `${name}_max`, poolSize: 2, strides: 1, padding: "same" }),
  tf.layers.averagePooling2d({ name: `${name}_blur`, poolSize: 2, strides: 1, padding: "same" }),
  tf.layers.averagePooling2d({ name, poolSize: 2 }),
];

/** The first channels of images with a noise-level map, by a fixed convolution: tfjs has no layer that slices. */
function withoutLast(input: tf.SymbolicTensor, channels: number): tf.SymbolicTensor {
  const layer = tf.layers.conv2d({
    name: "image_channels",
    filters: channels,
    kernelSize: 1,
    useBias: false,
    trainable: false,
  });
  const image = layer.apply(input) as tf.SymbolicTensor;
  tf.tidy(() => layer.setWeights([tf.eye(channels + 1, channels).reshape([1, 1, channels + 1, channels])]));
  return image;
}
