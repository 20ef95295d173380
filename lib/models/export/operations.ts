// What exports are written from: a model's layers as a few operations with plain numbers, which every format has. A layer
// that is none of them is refused here, so that no format gets a model that it would compute differently.
import type * as tf from "@tensorflow/tfjs";

export interface Weight {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export type Activation = "relu" | "sigmoid" | "hardSigmoid" | "tanh";

/** "same" as in TensorFlow: half of it before, half after, the odd pixel after. */
export type Padding = "same" | "valid";

export type Sides = readonly [rows: number, columns: number];

export type Operation =
  | {
      readonly kind: "convolution";
      /** [height, width, channels in, channels out] */
      readonly kernel: Weight;
      readonly bias?: Weight;
      readonly strides: Sides;
      readonly dilation: Sides;
      readonly padding: Padding;
      readonly activation?: Activation;
    }
  | {
      readonly kind: "transposed convolution";
      /** [height, width, channels out, channels in] */
      readonly kernel: Weight;
      readonly bias?: Weight;
      readonly strides: Sides;
      readonly padding: Padding;
      readonly activation?: Activation;
    }
  | { readonly kind: "max pooling"; readonly size: Sides; readonly strides: Sides; readonly padding: Padding }
  /** Nearest neighbour. */
  | { readonly kind: "upsampling"; readonly factors: Sides }
  | {
      readonly kind: "batch normalization";
      readonly scale: Weight;
      readonly offset: Weight;
      readonly mean: Weight;
      readonly variance: Weight;
      readonly epsilon: number;
    }
  | {
      readonly kind: "window attention";
      readonly heads: number;
      readonly window: number;
      /** Of the images that the layer takes; null where it takes any. */
      readonly size: readonly [height: number | null, width: number | null];
      /** [window * window, channels], added to the positions of each window */
      readonly positions: Weight;
      /** [channels, 3 * channels], to queries, keys and values, each with the channels of all heads */
      readonly projection: Weight;
      /** [channels, channels], from the channels of all heads */
      readonly output: Weight;
    }
  | { readonly kind: "activation"; readonly activation: Activation }
  | { readonly kind: "add" }
  /** Of channels. */
  | { readonly kind: "concatenate" };

/** A layer at work. */
export interface Step {
  /** The layer's name, unique in the model. */
  readonly name: string;
  /** Names of the steps, or of the model's input, that it takes. */
  readonly inputs: readonly string[];
  readonly operation: Operation;
}

export interface Operations {
  readonly name: string;
  readonly input: {
    readonly name: string;
    /** Null where the model takes any. */
    readonly height: number | null;
    readonly width: number | null;
    readonly channels: number;
  };
  readonly outputChannels: number;
  /** Each after those that it takes; the last one gives the result. */
  readonly steps: readonly Step[];
}

const possible =
  "Conv2D, Conv2DTranspose, MaxPooling2D, UpSampling2D (nearest), BatchNormalization, Activation and ReLU (linear, relu, sigmoid, hardSigmoid, tanh), Add, Concatenate, Dropout, WindowAttention";

/**
 * @throws {RangeError} when the model has several inputs or outputs, does not take images, or has a layer that cannot be
 *   exported
 */
export function operationsOf(model: tf.LayersModel): Operations {
  const refused = (reason: string) =>
    new RangeError(`the model ${model.name} cannot be exported: ${reason}. These layers can be: ${possible}`);
  if (model.inputs.length !== 1 || model.outputs.length !== 1)
    throw refused(`it has ${model.inputs.length} inputs and ${model.outputs.length} outputs instead of one each`);
  const [input] = model.inputs;
  const [, height, width, channels] = input.shape;
  if (input.rank !== 4 || !channels)
    throw refused(`it takes [${input.shape.join(", ")}], not images [n, height, width, channels]`);

  const steps = new Map<tf.layers.Layer, Step>();
  /** Adds a tensor's steps after those that it is computed from. @returns the name of the one that computes it */
  const visit = (tensor: tf.SymbolicTensor): string => {
    const layer = tensor.sourceLayer;
    if (tensor.id === input.id) return layer.name;
    const inputs = tensor.inputs.map(visit);
    const known = steps.get(layer);
    if (known && known.inputs.join("\n") !== inputs.join("\n"))
      throw refused(`its layer ${layer.name} (${layer.getClassName()}) is used in several places`);
    if (atRest.has(layer.getClassName())) return inputs[0];
    const operation = operationOf(layer);
    if (typeof operation === "string") throw refused(`its layer ${layer.name} (${layer.getClassName()}) ${operation}`);
    if (operation) steps.set(layer, { name: layer.name, inputs, operation });
    return operation ? layer.name : inputs[0];
  };
  visit(model.outputs[0]);
  if (steps.size === 0) throw refused("it has no layers that compute anything");
  return {
    name: model.name,
    input: { name: input.sourceLayer.name, height, width, channels },
    outputChannels: Number(model.outputs[0].shape[3]),
    steps: [...steps.values()],
  };
}

/** Layers that do something in training only. */
const atRest = new Set(["Dropout", "SpatialDropout2D", "GaussianNoise", "GaussianDropout", "AlphaDropout"]);

/** @returns undefined for a layer that changes nothing; why it cannot be exported, as the rest of a sentence */
function operationOf(layer: tf.layers.Layer): Operation | string | undefined {
  const config = layer.getConfig();
  const [first, second, third, fourth] = layer.getWeights().map(weight);
  const sides = (value: unknown): Sides => (Array.isArray(value) ? [value[0], value.at(-1)] : [value, value]) as Sides;
  const padding = config.padding as Padding;
  const bias = config.useBias ? second : undefined;
  if (config.dataFormat !== undefined && config.dataFormat !== "channelsLast")
    return `takes its channels first (${config.dataFormat})`;
  if (config.activation !== undefined && !activations.has(config.activation as string))
    return `has the activation ${config.activation}`;
  const activation = config.activation === "linear" ? undefined : (config.activation as Activation | undefined);
  switch (layer.getClassName()) {
    case "Conv2D": {
      const dilation = sides(config.dilationRate ?? 1);
      return {
        kind: "convolution",
        kernel: first,
        bias,
        strides: sides(config.strides),
        dilation,
        padding,
        activation,
      };
    }
    case "Conv2DTranspose":
      if (sides(config.dilationRate ?? 1).some((rate) => rate !== 1)) return "is dilated";
      return {
        kind: "transposed convolution",
        kernel: first,
        bias,
        strides: sides(config.strides),
        padding,
        activation,
      };
    case "MaxPooling2D":
      return { kind: "max pooling", size: sides(config.poolSize), strides: sides(config.strides), padding };
    case "UpSampling2D":
      // tfjs puts bilinear pixels elsewhere than Keras does
      if (config.interpolation !== "nearest") return `has the interpolation ${config.interpolation}`;
      return { kind: "upsampling", factors: sides(config.size) };
    case "BatchNormalization": {
      if (!isOfChannels(config.axis)) return `works along the axis ${config.axis}, not along the channels`;
      const weights = [first, second, third, fourth];
      const scale = config.scale ? weights.shift() : undefined;
      const offset = config.center ? weights.shift() : undefined;
      const [mean, variance] = weights;
      const all = (value: number): Weight => ({ shape: mean.shape, data: mean.data.map(() => value) });
      const epsilon = Number(config.epsilon);
      return { kind: "batch normalization", scale: scale ?? all(1), offset: offset ?? all(0), mean, variance, epsilon };
    }
    case "WindowAttention": {
      const [, height, width] = layer.outputShape as (number | null)[];
      const [heads, window] = [Number(config.heads), Number(config.window)];
      const size = [height, width] as const;
      return { kind: "window attention", heads, window, size, positions: first, projection: second, output: third };
    }
    case "Activation":
      return activation && { kind: "activation", activation };
    case "ReLU":
      if ((config.maxValue ?? null) !== null) return `is clipped at ${config.maxValue}`;
      return { kind: "activation", activation: "relu" };
    case "Add":
      return { kind: "add" };
    case "Concatenate":
      if (!isOfChannels(config.axis)) return `works along the axis ${config.axis}, not along the channels`;
      return { kind: "concatenate" };
    default:
      return "is not one of the layers that can be exported";
  }
}

const activations = new Set(["linear", "relu", "sigmoid", "hardSigmoid", "tanh"]);

const isOfChannels = (axis: unknown): boolean => [axis].flat().every((of) => of === -1 || of === 3);

const weight = (tensor: tf.Tensor): Weight => ({ shape: tensor.shape, data: tensor.dataSync() as Float32Array });

/** A matrix [a, b] as [b, a]. */
export function transposedMatrix({ shape: [a, b], data }: Weight): Weight {
  return { shape: [b, a], data: data.map((_, i) => data[(i % a) * b + Math.floor(i / a)]) };
}

/** A kernel [height, width, a, b] as [b, a, height, width], as ONNX and PyTorch have it. */
export function channelsFirst({ shape, data }: Weight): Weight {
  const [height, width, a, b] = shape;
  const size = height * width;
  const result = new Float32Array(data.length);
  for (let pixel = 0, from = 0; pixel < size; pixel++)
    for (let i = 0; i < a; i++) for (let j = 0; j < b; j++, from++) result[(j * a + i) * size + pixel] = data[from];
  return { shape: [b, a, height, width], data: result };
}

/** What a transposed convolution cuts off its full result (before, after), or adds to it, along each axis. */
export function transposedMargins(kernel: Weight, strides: Sides, padding: Padding) {
  const excess = strides.map((stride, axis) => kernel.shape[axis] - stride);
  const cut = excess.map((pixels) => (padding === "same" ? Math.max(pixels, 0) : 0));
  return {
    before: cut.map((pixels) => Math.floor(pixels / 2)),
    after: cut.map((pixels) => Math.ceil(pixels / 2)),
    added: excess.map((pixels) => Math.max(-pixels, 0)),
  };
}
