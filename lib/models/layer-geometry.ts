// Which pixels of a layer's input each pixel of its output is computed from, along one axis: what the receptive field of
// a model is worked out from.
import type * as tf from "@tensorflow/tfjs";

/** How a layer's output lies on its input along one axis: output size = input size * up / down + growth. */
export interface LayerGeometry {
  readonly up: number;
  readonly down: number;
  readonly growth: number;
  /** Side of the windows that lie side by side on the input, of a layer that computes each from itself alone. */
  readonly window?: number;
  /** The first and the last input pixel that output pixel i depends on; both may lie outside of the image. */
  first(i: number): number;
  last(i: number): number;
}

/** Layers that compute each pixel from the same pixel of their inputs, at inference. */
const pixelwise = new Set(
  "Activation Add AlphaDropout Average BiasFreeNormalization Dense Dropout ELU GaussianDropout GaussianNoise LeakyReLU Maximum Minimum Multiply ReLU Rescaling ThresholdedReLU".split(
    " ",
  ),
);

/** Layers that do so along the axis of their configuration; over other axes they mix pixels. */
const channelwise = new Set(["BatchNormalization", "Concatenate", "LayerNormalization", "Softmax"]);

const same: LayerGeometry = { up: 1, down: 1, growth: 0, first: (i) => i, last: (i) => i };

/**
 * @param axis 0 for rows, 1 for columns
 * @returns undefined for a layer that may mix pixels from anywhere in the image, or that is not known
 */
export function layerGeometry(layer: tf.layers.Layer, axis: 0 | 1): LayerGeometry | undefined {
  const config = layer.getConfig();
  const kind = layer.getClassName();
  if (config.dataFormat !== undefined && config.dataFormat !== "channelsLast") return undefined;
  const along = (value: unknown): number =>
    Array.isArray(value) ? value[value.length === 1 ? 0 : axis] : Number(value);
  if (pixelwise.has(kind)) return same;
  if (channelwise.has(kind)) return [config.axis].flat().every((of) => of === -1 || of === 3) ? same : undefined;
  switch (kind) {
    case "PReLU": {
      const shared = [config.sharedAxes].flat(); // else each pixel has a slope of its own
      return shared.includes(1) && shared.includes(2) ? same : undefined;
    }
    case "Conv2D":
    case "DepthwiseConv2D":
    case "SeparableConv2D": {
      const extent = (along(config.kernelSize) - 1) * along(config.dilationRate ?? 1) + 1;
      return sliding(extent, along(config.strides), config.padding === "same");
    }
    case "MaxPooling2D":
    case "AveragePooling2D":
      return sliding(along(config.poolSize), along(config.strides), config.padding === "same");
    case "Conv2DTranspose":
      return transposed(along(config.kernelSize), along(config.strides), config.padding === "same");
    case "UpSampling2D":
      return upsampling(along(config.size), config.interpolation === "bilinear");
    case "ZeroPadding2D": {
      const [before, after] = (config.padding as number[][])[axis];
      return shifted(before, after);
    }
    case "WindowAttention":
      return windows(Number(config.window));
    case "Cropping2D": {
      const [before, after] = (config.cropping as number[][])[axis];
      return shifted(-before, -after);
    }
  }
}

/** A window of pixels that moves by the stride. Padding "same" is put half before, half after, the odd pixel after. */
function sliding(extent: number, stride: number, isSame: boolean): LayerGeometry {
  const before = isSame ? Math.floor(Math.max(extent - stride, 0) / 2) : 0;
  const first = (i: number) => i * stride - before;
  const growth = isSame ? 0 : 1 - Math.ceil(extent / stride);
  return { up: 1, down: stride, growth, first, last: (i) => first(i) + extent - 1 };
}

/** Pixel i becomes the pixels i * stride … i * stride + extent - 1, of which padding "same" cuts off what is too much. */
function transposed(extent: number, stride: number, isSame: boolean): LayerGeometry {
  const excess = Math.max(extent - stride, 0);
  const cut = isSame ? Math.floor(excess / 2) : 0;
  return {
    up: stride,
    down: 1,
    growth: isSame ? 0 : excess,
    first: (i) => Math.ceil((i + cut - extent + 1) / stride),
    last: (i) => Math.floor((i + cut) / stride),
  };
}

/** Bilinear upsampling is known where it does not round: by powers of two. */
function upsampling(factor: number, isBilinear: boolean): LayerGeometry | undefined {
  if (isBilinear && !Number.isInteger(Math.log2(factor))) return undefined;
  const first = (i: number) => Math.floor(i / factor);
  return { up: factor, down: 1, growth: 0, first, last: isBilinear ? (i) => Math.ceil(i / factor) : first };
}

/** Each pixel is computed from all of its window. */
function windows(window: number): LayerGeometry {
  const first = (i: number) => Math.floor(i / window) * window;
  return { ...same, window, first, last: (i) => first(i) + window - 1 };
}

const shifted = (before: number, after: number): LayerGeometry => ({
  ...same,
  growth: before + after,
  first: (i) => i - before,
  last: (i) => i - before,
});
