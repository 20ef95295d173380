// ONNX files. The graph takes and gives [n, height, width, channels], as this library and Keras do; inside, after a
// transposition, channels come before pixels, which is ONNX's own order.
import type * as tf from "@tensorflow/tfjs";
import type { ModelCard } from "../card";
import {
  type Activation,
  channelsFirst,
  type Operation,
  operationsOf,
  type Padding,
  type Sides,
  type Step,
  transposedMargins,
  type Weight,
} from "./operations";

/** Operators of ONNX 1.12 (2022), which runtimes of today all have. */
const [operatorSet, formatVersion] = [17n, 8n];

/**
 * A model as an ONNX file, for any batch size, and for any height and width where the model takes any.
 * @param card written into the file's metadata, as JSON under "card"
 * @returns the file: a graph [n, height, width, channels] -> the same shape, float32
 * @throws {RangeError} when the model has a layer that cannot be exported
 * @example
 * ```ts no-run
 * import fs from "node:fs";
 * import { loadModelAndCard, onnxFile } from "image-denoiser";
 *
 * const { model, card } = await loadModelAndCard("models/photographs");
 * fs.writeFileSync("denoiser.onnx", await onnxFile(model, card));
 * ```
 */
export async function onnxFile(model: tf.LayersModel, card?: ModelCard): Promise<Uint8Array> {
  const [{ create, toBinary }, onnx] = await Promise.all([import("@bufbuild/protobuf"), import("onnx-buf")]);
  const { name, input, outputChannels, steps } = operationsOf(model);
  const { AttributeProto_AttributeType: types } = onnx;

  const attribute = (name: string, value: number | string | readonly number[]) => {
    if (typeof value === "string")
      return create(onnx.AttributeProtoSchema, { name, type: types.STRING, s: bytes(value) });
    if (typeof value === "number") return create(onnx.AttributeProtoSchema, { name, type: types.FLOAT, f: value });
    return create(onnx.AttributeProtoSchema, { name, type: types.INTS, ints: value.map(BigInt) });
  };
  const whole = (name: string, value: number) =>
    create(onnx.AttributeProtoSchema, { name, type: types.INT, i: BigInt(value) });
  type Attribute = ReturnType<typeof attribute>;
  const nodeOf = (opType: string, input: string[], output: string, attribute: Attribute[] = []) =>
    create(onnx.NodeProtoSchema, { name: output, opType, input, output: [output], attribute });
  const nodes: ReturnType<typeof nodeOf>[] = [];
  const node = (...parts: Parameters<typeof nodeOf>) => nodes.push(nodeOf(...parts));
  const tensorOf = (name: string, { shape, data }: Weight) => {
    const rawData = new Uint8Array(data.slice().buffer as ArrayBuffer);
    const dataType = onnx.TensorProto_DataType.FLOAT;
    return create(onnx.TensorProtoSchema, { name, dataType, dims: shape.map(BigInt), rawData });
  };
  const tensors: ReturnType<typeof tensorOf>[] = [];
  const tensor = (name: string, weight: Weight): string => {
    tensors.push(tensorOf(name, weight));
    return name;
  };
  const integers = (name: string, values: readonly number[], shape = [values.length]): string => {
    const rawData = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    const dataType = onnx.TensorProto_DataType.INT64;
    tensors.push(create(onnx.TensorProtoSchema, { name, dataType, dims: shape.map(BigInt), rawData }));
    return name;
  };
  const image = (name: string, channels: number) => {
    const dimensions = ["batch", input.height ?? "height", input.width ?? "width", channels];
    const dim = dimensions.map((size) =>
      create(onnx.TensorShapeProto_DimensionSchema, {
        value: typeof size === "string" ? { case: "dimParam", value: size } : { case: "dimValue", value: BigInt(size) },
      }),
    );
    const shape = create(onnx.TensorShapeProtoSchema, { dim });
    const tensorType = create(onnx.TypeProto_TensorSchema, { elemType: onnx.TensorProto_DataType.FLOAT, shape });
    const type = create(onnx.TypeProtoSchema, { value: { case: "tensorType", value: tensorType } });
    return create(onnx.ValueInfoProtoSchema, { name, type });
  };

  const result = (name: string) => `${name}.result`;
  const activate = (activation: Activation | undefined, from: string, to: string) => {
    const operators = { relu: "Relu", sigmoid: "Sigmoid", tanh: "Tanh", hardSigmoid: "HardSigmoid" };
    const attributes = activation === "hardSigmoid" ? [attribute("alpha", 0.2), attribute("beta", 0.5)] : [];
    node(activation ? operators[activation] : "Identity", [from], to, attributes);
  };
  const convolve = (operator: string, step: Step, weights: Convolution, attributes: Attribute[]) => {
    const inputs = [result(step.inputs[0]), tensor(`${step.name}.kernel`, channelsFirst(weights.kernel))];
    if (weights.bias) inputs.push(tensor(`${step.name}.bias`, weights.bias));
    const before = weights.activation ? `${step.name}.linear` : result(step.name);
    node(operator, inputs, before, attributes);
    if (weights.activation) activate(weights.activation, before, result(step.name));
  };
  const padded = (padding: Padding, kernel: readonly number[], strides: Sides, dilation: Sides = [1, 1]) => {
    if (padding === "valid") return attribute("auto_pad", "VALID");
    if (strides.some((stride) => stride > 1)) return attribute("auto_pad", "SAME_UPPER"); // depends on the image's size
    const total = dilation.map((rate, axis) => (kernel[axis] - 1) * rate);
    return attribute("pads", [
      ...total.map((pixels) => Math.floor(pixels / 2)),
      ...total.map((pixels) => Math.ceil(pixels / 2)),
    ]);
  };

  /** Windows become channels and back, which works for images of any size. */
  const attend = (from: string, name: string, { heads, window, ...weights }: WindowAttention, to: string) => {
    const [places, channels] = weights.positions.shape;
    const size = channels / heads;
    const part = (own: string) => `${name}.${own}`;
    const then = (operator: string, inputs: string[], own: string, attributes: Attribute[] = []) => {
      node(operator, inputs, part(own), attributes);
      return part(own);
    };
    const permute = (x: string, own: string, perm: number[]) => then("Transpose", [x], own, [attribute("perm", perm)]);
    const reshape = (x: string, own: string, shape: number[]) =>
      then("Reshape", [x, integers(part(`${own}_shape`), shape)], own);
    const block = whole("blocksize", window);

    const across = permute(then("SpaceToDepth", [from], "blocks", [block]), "grid", [0, 2, 3, 1]);
    const windows = reshape(across, "windows", [-1, places, channels]);
    const tokens = then("Add", [windows, tensor(part("positions"), weights.positions)], "tokens");
    const projected = then("MatMul", [tokens, tensor(part("projection"), weights.projection)], "projected");
    const split = permute(reshape(projected, "split", [-1, places, 3, heads, size]), "by_head", [2, 0, 3, 1, 4]);
    const [queries, keys, values] = ["queries", "keys", "values"].map((own, i) =>
      then("Gather", [split, integers(part(`${own}_index`), [i], [])], own, [whole("axis", 0)]),
    );
    const scale = tensor(part("scale"), { shape: [], data: Float32Array.of(1 / Math.sqrt(size)) });
    const scaled = then("Mul", [queries, scale], "scaled_queries");
    const scores = then("MatMul", [scaled, permute(keys, "transposed_keys", [0, 1, 3, 2])], "scores");
    const means = then("MatMul", [then("Softmax", [scores], "weights", [whole("axis", -1)]), values], "means");
    const joined = reshape(permute(means, "by_position", [0, 2, 1, 3]), "joined", [-1, places, channels]);
    const mixed = then("MatMul", [joined, tensor(part("output"), weights.output)], "mixed");
    const grid = then("Reshape", [mixed, then("Shape", [across], "grid_shape")], "mixed_grid");
    node("DepthToSpace", [permute(grid, "mixed_blocks", [0, 3, 1, 2])], to, [block, attribute("mode", "DCR")]);
  };

  node("Transpose", [input.name], result(input.name), [attribute("perm", [0, 3, 1, 2])]);
  for (const step of steps) {
    const { name, operation } = step;
    const inputs = step.inputs.map(result);
    const output = result(name);
    switch (operation.kind) {
      case "convolution": {
        const { kernel, strides, dilation, padding } = operation;
        convolve("Conv", step, operation, [
          attribute("strides", strides),
          attribute("dilations", dilation),
          padded(padding, kernel.shape, strides, dilation),
        ]);
        break;
      }
      case "transposed convolution": {
        const { before, after, added } = transposedMargins(operation.kernel, operation.strides, operation.padding);
        convolve("ConvTranspose", step, operation, [
          attribute("strides", operation.strides),
          attribute("pads", [...before, ...after]),
          attribute("output_padding", added),
        ]);
        break;
      }
      case "max pooling": {
        const { size, strides, padding } = operation;
        node("MaxPool", inputs, output, [
          attribute("kernel_shape", size),
          attribute("strides", strides),
          padded(padding, size, strides),
        ]);
        break;
      }
      case "upsampling": {
        const scales = Float32Array.of(1, 1, ...operation.factors);
        node("Resize", [...inputs, "", tensor(`${name}.scales`, { shape: [4], data: scales })], output, [
          attribute("mode", "nearest"),
          attribute("coordinate_transformation_mode", "asymmetric"),
          attribute("nearest_mode", "floor"),
        ]);
        break;
      }
      case "batch normalization": {
        const { scale, offset, mean, variance, epsilon } = operation;
        const weights = Object.entries({ scale, offset, mean, variance });
        const names = weights.map(([part, weight]) => tensor(`${name}.${part}`, weight));
        node("BatchNormalization", [...inputs, ...names], output, [attribute("epsilon", epsilon)]);
        break;
      }
      case "window attention":
        attend(inputs[0], name, operation, output);
        break;
      case "activation":
        activate(operation.activation, inputs[0], output);
        break;
      case "add":
        node("Sum", inputs, output);
        break;
      case "concatenate":
        node("Concat", inputs, output, [whole("axis", 1)]);
    }
  }
  const { name: last } = steps[steps.length - 1];
  node("Transpose", [result(last)], last, [attribute("perm", [0, 2, 3, 1])]);

  return toBinary(
    onnx.ModelProtoSchema,
    create(onnx.ModelProtoSchema, {
      irVersion: formatVersion,
      opsetImport: [create(onnx.OperatorSetIdProtoSchema, { domain: "", version: operatorSet })],
      producerName: "image-denoiser",
      docString: `${card ? `${card.description} ` : ""}${input.name} and ${last} are float32, [n, height, width, channels].`,
      graph: create(onnx.GraphProtoSchema, {
        name,
        node: nodes,
        initializer: tensors,
        input: [image(input.name, input.channels)],
        output: [image(last, outputChannels)],
      }),
      metadataProps: card && [create(onnx.StringStringEntryProtoSchema, { key: "card", value: JSON.stringify(card) })],
    }),
  );
}

type WindowAttention = Extract<Operation, { kind: "window attention" }>;
type Convolution = Extract<Operation, { kind: "convolution" | "transposed convolution" }>;

const bytes = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text));
