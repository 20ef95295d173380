// Keras 3 files (.keras): a zip archive of the layers' configuration, weights in HDF5, and metadata.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type * as tf from "@tensorflow/tfjs";
import { strToU8, zipSync } from "fflate";
import type { ModelCard } from "../card";
import { changedNames, kerasName } from "./names";
import { type Activation, type Operation, type Operations, operationsOf, type Weight } from "./operations";

/** The oldest version that loads these files. */
const kerasVersion = "3.0.0";

interface KerasLayer {
  readonly className: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly config: object;
  readonly weights: readonly Weight[];
  /** Weights of layers within it, by their names. */
  readonly parts?: Readonly<Record<string, Weight>>;
}

/**
 * A model as a .keras file, which `keras.models.load_model` of Keras 3 loads, with any of its backends.
 * @param card written into the file's metadata.json, under "card"
 * @returns the file: a functional model [n, height, width, channels] -> the same shape, not compiled
 * @throws {RangeError} when the model has a layer that cannot be exported, or attention and takes images of any size
 * @example
 * ```ts no-run
 * import fs from "node:fs";
 * import { kerasFile, loadModel } from "image-denoiser";
 *
 * fs.writeFileSync("denoiser.keras", await kerasFile(await loadModel("models/unet")));
 * ```
 */
export async function kerasFile(model: tf.LayersModel, card?: ModelCard): Promise<Uint8Array> {
  const operations = operationsOf(model);
  const layers = layersOf(operations);
  const json = (content: unknown) => strToU8(JSON.stringify(content));
  return zipSync(
    {
      "metadata.json": json({ keras_version: kerasVersion, date_saved: new Date().toISOString(), card }),
      "config.json": json(configOf(operations.name, layers)),
      "model.weights.h5": await weightsOf(layers),
    },
    { level: 0 },
  );
}

function configOf(name: string, layers: readonly KerasLayer[]) {
  const shape = [null, null, null, null]; // Keras works it out again
  const tensor = (of: string) => ({
    class_name: "__keras_tensor__",
    config: { shape, dtype: "float32", keras_history: [of, 0, 0] },
  });
  const calls = ({ className, inputs }: KerasLayer) => {
    if (inputs.length === 0) return [];
    const tensors = inputs.map(tensor);
    if (className === "MultiHeadAttention") return [{ args: tensors, kwargs: {} }];
    return [{ args: [tensors.length === 1 ? tensors[0] : tensors], kwargs: {} }];
  };
  return {
    module: "keras.src.models.functional",
    class_name: "Functional",
    registered_name: "Functional",
    config: {
      name,
      trainable: true,
      layers: layers.map((layer) => ({
        module: "keras.layers",
        class_name: layer.className,
        registered_name: null,
        name: layer.name,
        config: { name: layer.name, dtype: "float32", ...layer.config },
        inbound_nodes: calls(layer),
      })),
      input_layers: [[layers[0].name, 0, 0]],
      output_layers: [[layers[layers.length - 1].name, 0, 0]],
    },
  };
}

function layersOf({ input, steps }: Operations): KerasLayer[] {
  const { height, width, channels } = input;
  const names = changedNames([input.name, ...steps.map((step) => step.name)], kerasName);
  const name = names.get(input.name) as string;
  const first = { className: "InputLayer", name, inputs: [], weights: [] };
  const layers: KerasLayer[] = [{ ...first, config: { batch_shape: [null, height, width, channels] } }];
  /** What takes a step's result finds it under this name: hardSigmoid becomes several layers. */
  const results = new Map([[input.name, name]]);
  const add = (layer: KerasLayer) => {
    layers.push(layer);
    return layer.name;
  };
  for (const step of steps) {
    const inputs = step.inputs.map((of) => results.get(of) as string);
    if (step.operation.kind === "window attention") {
      const own = windowAttention(step.operation, names.get(step.name) as string, inputs[0]);
      for (const layer of own) results.set(step.name, add(layer));
      continue;
    }
    let result = add({ name: names.get(step.name) as string, inputs, ...layerOf(step.operation) });
    const activation = "activation" in step.operation ? step.operation.activation : undefined;
    // tfjs' hardSigmoid is that of Keras 2, 0.2 x + 0.5; in Keras 3 it is x / 6 + 0.5
    if (activation === "hardSigmoid") {
      const then = (className: string, suffix: string, config: object) => {
        result = add({ className, name: `${result}.${suffix}`, inputs: [result], config, weights: [] });
      };
      then("Rescaling", "scaled", { scale: 0.2, offset: 0.5 });
      then("ReLU", "clipped", { max_value: 1 });
    }
    results.set(step.name, result);
  }
  return layers;
}

/** Layers that compute attention in windows, one after the other. */
function windowAttention(
  { heads, window, size: [height, width], positions, projection, output }: WindowAttention,
  name: string,
  input: string,
): KerasLayer[] {
  const [places, channels] = positions.shape;
  if (height === null || width === null)
    throw new RangeError(
      `the layer ${name} (attention) cannot be exported to Keras in a model that takes images of any size: make the model with a height and a width, or export it to "onnx" or "safetensors"`,
    );
  const [down, across, row] = [height / window, width / window, window * channels];
  const layers: KerasLayer[] = [];
  const add = (className: string, suffix: string, config: object, more: Partial<KerasLayer> = {}) => {
    const inputs = [layers.at(-1)?.name ?? input];
    layers.push({ className, name: `${name}${suffix}`, inputs, config, weights: [], ...more });
  };
  const reshape = (suffix: string, ...target_shape: number[]) => add("Reshape", suffix, { target_shape });
  const exchange = (suffix: string) => add("Permute", suffix, { dims: [1, 3, 2, 4] });

  reshape(".rows", down, window, across, row);
  exchange(".windows");
  reshape(".tokens", down * across, places, channels);
  const identity = Float32Array.from({ length: channels ** 2 }, (_, i) => Number(i % (channels + 1) === 0));
  add(
    "EinsumDense",
    ".positions",
    { equation: "nwtc,cd->nwtd", output_shape: [down * across, places, channels], bias_axes: "td" },
    { weights: [{ shape: [channels, channels], data: identity }, positions] },
  );
  const of = [heads, channels / heads];
  const columns = (part: number): Weight => {
    const data = identity.map(
      (_, i) => projection.data[(3 * Math.floor(i / channels) + part) * channels + (i % channels)],
    );
    return { shape: [channels, ...of], data };
  };
  const tokens = `${name}.positions`;
  add(
    "MultiHeadAttention",
    ".attention",
    { num_heads: heads, key_dim: of[1], use_bias: false, attention_axes: [2] },
    {
      inputs: [tokens, tokens],
      parts: {
        query_dense: columns(0),
        key_dense: columns(1),
        value_dense: columns(2),
        output_dense: { shape: [...of, channels], data: output.data },
      },
    },
  );
  reshape(".mixed_windows", down, across, window, row);
  exchange(".mixed_rows");
  reshape("", height, width, channels);
  return layers;
}

type WindowAttention = Extract<Operation, { kind: "window attention" }>;

/** Whatever Keras' own settings are. */
const layout = { data_format: "channels_last" };

function layerOf(operation: Exclude<Operation, WindowAttention>): Pick<KerasLayer, "className" | "config" | "weights"> {
  switch (operation.kind) {
    case "convolution":
    case "transposed convolution": {
      const { kernel, bias, strides, padding, activation } = operation;
      const transposed = operation.kind === "transposed convolution";
      const config = {
        ...layout,
        filters: kernel.shape[transposed ? 2 : 3],
        kernel_size: kernel.shape.slice(0, 2),
        ...{ strides, padding, use_bias: bias !== undefined, activation: activationName(activation) },
        ...(operation.kind === "convolution" && { dilation_rate: operation.dilation }),
      };
      const className = transposed ? "Conv2DTranspose" : "Conv2D";
      return { className, config, weights: bias ? [kernel, bias] : [kernel] };
    }
    case "max pooling": {
      const { size, strides, padding } = operation;
      return { className: "MaxPooling2D", config: { ...layout, pool_size: size, strides, padding }, weights: [] };
    }
    case "upsampling":
      return {
        className: "UpSampling2D",
        config: { ...layout, size: operation.factors, interpolation: "nearest" },
        weights: [],
      };
    case "batch normalization": {
      const { scale, offset, mean, variance, epsilon } = operation;
      const config = { axis: -1, momentum: 0.99, epsilon, center: true, scale: true };
      return { className: "BatchNormalization", config, weights: [scale, offset, mean, variance] };
    }
    case "activation":
      return { className: "Activation", config: { activation: activationName(operation.activation) }, weights: [] };
    case "add":
      return { className: "Add", config: {}, weights: [] };
    case "concatenate":
      return { className: "Concatenate", config: { axis: -1 }, weights: [] };
  }
}

const activationName = (activation: Activation | undefined): string =>
  activation === undefined || activation === "hardSigmoid" ? "linear" : activation;

/** The weights in HDF5. Keras finds those of a layer by its class, counted in its own order of the layers. */
async function weightsOf(layers: readonly KerasLayer[]): Promise<Uint8Array> {
  const hdf5 = await import("h5wasm/node");
  await hdf5.ready;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "image-denoiser-keras-"));
  const name = path.join(folder, "model.weights.h5");
  try {
    const file = new hdf5.File(name, "w");
    const all = file.create_group("layers");
    const counts = new Map<string, number>();
    for (const { className, name, weights, parts = {} } of inKerasOrder(layers)) {
      const count = counts.get(className) ?? 0;
      counts.set(className, count + 1);
      if (weights.length === 0 && Object.keys(parts).length === 0) continue;
      const group = all.create_group(`${snakeCase(className)}${count > 0 ? `_${count}` : ""}`);
      const write = (to: typeof all, name: string, weights: readonly Weight[]) => {
        const variables = to.create_group("vars");
        variables.create_attribute("name", name);
        for (const [index, { shape, data }] of weights.entries())
          variables.create_dataset({ name: String(index), data, shape: [...shape], dtype: "<f" });
      };
      if (weights.length > 0) write(group, name, weights);
      for (const [part, weight] of Object.entries(parts)) write(group.create_group(part), part, [weight]);
    }
    file.close();
    return fs.readFileSync(name);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/**
 * The order that Keras gives the layers of a functional model: those furthest from the result first; among equals, the
 * one first that is met first on the way from the result to the inputs.
 */
function inKerasOrder(layers: readonly KerasLayer[]): KerasLayer[] {
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  const depths = new Map<string, number>();
  for (const { name, inputs } of [...layers].reverse()) {
    const depth = depths.get(name) ?? 0;
    depths.set(name, depth);
    for (const input of inputs) depths.set(input, Math.max(depth + 1, depths.get(input) ?? 0));
  }
  const met = new Set<string>();
  const meet = (name: string) => {
    if (met.has(name)) return;
    met.add(name);
    byName.get(name)?.inputs.forEach(meet);
  };
  meet(layers[layers.length - 1].name);
  const order = [...met].map((name) => byName.get(name) as KerasLayer);
  return order.sort((a, b) => (depths.get(b.name) as number) - (depths.get(a.name) as number));
}

/** As Keras writes class names: "conv2d_transpose", "batch_normalization". */
const snakeCase = (className: string): string =>
  className
    .replace(/\W+/g, "")
    .replace(/(.)([A-Z][a-z]+)/g, "$1_$2")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase();
