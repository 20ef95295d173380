// A model for PyTorch: its weights as a safetensors file, and a Python file with the network that loads them. PyTorch has
// channels before pixels: [n, channels, height, width].
import type * as tf from "@tensorflow/tfjs";
import type { ModelCard } from "../card";
import { changedNames, pythonName } from "./names";
import {
  type Activation,
  channelsFirst,
  type Operations,
  operationsOf,
  type Sides,
  type Step,
  transposedMargins,
  transposedMatrix,
  type Weight,
} from "./operations";
import { safetensorsFile } from "./safetensors";

/** What an export for PyTorch consists of. */
export interface PytorchExport {
  /** A safetensors file: the `state_dict` of the network. */
  readonly weights: Uint8Array;
  /** A Python file: `load()` gives the network with the weights of `model.safetensors`, which is expected beside it. */
  readonly code: string;
}

/**
 * A model as a safetensors file, and the Python file that makes a `torch.nn.Module` of it.
 * @param card written into the header of the safetensors file, as JSON under "card"
 * @returns a network [n, channels, height, width] -> the same shape
 * @throws {RangeError} when the model has a layer that cannot be exported
 * @example
 * ```ts no-run
 * import fs from "node:fs";
 * import { loadModel, pytorchFiles } from "image-denoiser";
 *
 * const { weights, code } = pytorchFiles(await loadModel("models/unet"));
 * fs.writeFileSync("model.safetensors", weights);
 * fs.writeFileSync("denoiser.py", code);
 * ```
 */
export function pytorchFiles(model: tf.LayersModel, card?: ModelCard): PytorchExport {
  const operations = operationsOf(model);
  const names = changedNames([operations.input.name, ...operations.steps.map(({ name }) => name)], pythonName);
  const tensors: Record<string, Weight> = {};
  for (const { name, operation } of operations.steps)
    for (const [part, weight] of Object.entries(weightsOf(operation))) tensors[`${names.get(name)}.${part}`] = weight;
  const metadata = { format: "pt", producer: "image-denoiser", ...(card && { card: JSON.stringify(card) }) };
  return { weights: safetensorsFile(tensors, metadata), code: codeOf(operations, names, card) };
}

/** By their names in PyTorch. */
function weightsOf(operation: Step["operation"]): Record<string, Weight> {
  switch (operation.kind) {
    case "convolution":
    case "transposed convolution":
      return { weight: channelsFirst(operation.kernel), ...(operation.bias && { bias: operation.bias }) };
    case "batch normalization": {
      const { scale, offset, mean, variance } = operation;
      return { weight: scale, bias: offset, running_mean: mean, running_var: variance };
    }
    case "window attention":
      return {
        positions: operation.positions,
        "attention.in_proj_weight": transposedMatrix(operation.projection),
        "attention.out_proj.weight": transposedMatrix(operation.output),
      };
    default:
      return {};
  }
}

function codeOf({ name, input, steps }: Operations, names: ReadonlyMap<string, string>, card?: ModelCard): string {
  const size = (pixels: number | null, word: string) => pixels ?? word;
  const shape = `[n, ${input.channels}, ${size(input.height, "height")}, ${size(input.width, "width")}]`;
  const modules = steps.flatMap((step) => {
    const made = moduleOf(step);
    return made ? [`        self.${names.get(step.name)} = ${made}`] : [];
  });
  const forward = forwardOf(input.name, steps, names).map((line) => `        ${line}`);
  const used = (helper: string) => forward.some((line) => line.includes(helper));
  return `${[
    `"""The model ${plain(name)}${card ? `: ${plain(card.description)}` : "."}`,
    "",
    "    model = load()",
    "    with torch.inference_mode():",
    `        denoised = model(noisy)  # float32, ${shape}`,
    "",
    "`python denoiser.py` compares the result for test.safetensors with the one at the export.",
    '"""',
    "from pathlib import Path",
    "",
    "import torch",
    ...(used("F.") || used("pad_same") ? ["import torch.nn.functional as F"] : []),
    "from safetensors.torch import load_file",
    "from torch import nn",
    "",
    "folder = Path(__file__).parent",
    ...(used("pad_same") ? ["", "", padSame] : []),
    ...(modules.some((line) => line.includes("WindowAttention(")) ? ["", "", windowAttention] : []),
    "",
    "",
    "class Denoiser(nn.Module):",
    "    def __init__(self):",
    "        super().__init__()",
    ...modules,
    "",
    `    def forward(self, ${names.get(input.name)}):`,
    ...forward,
    "",
    "",
    'def load(weights=folder / "model.safetensors"):',
    '    """The network with its weights, for inference."""',
    "    model = Denoiser()",
    "    model.load_state_dict(load_file(weights))",
    "    return model.eval()",
    "",
    "",
    'if __name__ == "__main__":',
    '    test = load_file(folder / "test.safetensors")',
    "    with torch.inference_mode():",
    '        difference = (load()(test["noisy"]) - test["denoised"]).abs().max().item()',
    '    print(f"largest difference from the exported model: {difference:.1e}")',
    "    if not difference < 1e-4:",
    '        raise SystemExit("the network does not compute what the exported model does")',
  ].join("\n")}\n`;
}

/** As TensorFlow pads: half before, half after, the odd pixel after. */
const padSame = `def pad_same(x, kernel, strides, dilation=(1, 1), value=0.0):
    """Pads so that the result has the size of x divided by the strides, rounded up."""
    sides = []
    for axis in (1, 0):
        size, stride = x.shape[2 + axis], strides[axis]
        total = max((-(-size // stride) - 1) * stride + (kernel[axis] - 1) * dilation[axis] + 1 - size, 0)
        sides += [total // 2, total - total // 2]
    return F.pad(x, sides, value=value)`;

const windowAttention = `class WindowAttention(nn.Module):
    """Self-attention of the positions in each window; height and width are multiples of the window."""

    def __init__(self, channels, heads, window):
        super().__init__()
        self.window = window
        self.positions = nn.Parameter(torch.zeros(window * window, channels))
        self.attention = nn.MultiheadAttention(channels, heads, bias=False, batch_first=True)

    def forward(self, x):
        n, channels, height, width = x.shape
        side = self.window
        down, across = height // side, width // side
        windows = x.reshape(n, channels, down, side, across, side).permute(0, 2, 4, 3, 5, 1)
        tokens = windows.reshape(-1, side * side, channels) + self.positions
        mixed, _ = self.attention(tokens, tokens, tokens, need_weights=False)
        mixed = mixed.reshape(n, down, across, side, side, channels).permute(0, 5, 1, 3, 2, 4)
        return mixed.reshape(n, channels, height, width)`;

const tuple = (sides: Sides): string => `(${sides.join(", ")})`;

/** Where both sides are equal, one number. */
const pair = (sides: Sides): string => (sides[0] === sides[1] ? String(sides[0]) : tuple(sides));

const isOne = (sides: Sides): boolean => sides[0] === 1 && sides[1] === 1;

/** @returns undefined for what has no weights */
function moduleOf({ operation }: Step): string | undefined {
  switch (operation.kind) {
    case "convolution": {
      const { kernel, bias, strides, dilation, padding } = operation;
      const [height, width, from, to] = kernel.shape;
      const options = [
        ...(isOne(strides) ? [] : [`stride=${pair(strides)}`]),
        ...(isOne(dilation) ? [] : [`dilation=${pair(dilation)}`]),
        ...(padding === "same" && isOne(strides) ? ['padding="same"'] : []),
        ...(bias ? [] : ["bias=False"]),
      ];
      return `nn.Conv2d(${[from, to, pair([height, width]), ...options].join(", ")})`;
    }
    case "transposed convolution": {
      const { kernel, bias, strides, padding } = operation;
      const [height, width, to, from] = kernel.shape;
      const { before, added } = transposedMargins(kernel, strides, padding);
      const options = [
        `stride=${pair(strides)}`,
        ...(before.some((cut) => cut > 0) ? [`padding=${pair(before as unknown as Sides)}`] : []),
        ...(added.some((more) => more > 0) ? [`output_padding=${pair(added as unknown as Sides)}`] : []),
        ...(bias ? [] : ["bias=False"]),
      ];
      return `nn.ConvTranspose2d(${[from, to, pair([height, width]), ...options].join(", ")})`;
    }
    case "batch normalization":
      return `nn.BatchNorm2d(${operation.mean.shape[0]}, eps=${operation.epsilon}, momentum=0.01)`;
    case "window attention":
      return `WindowAttention(${[operation.positions.shape[1], operation.heads, operation.window].join(", ")})`;
    default:
      return undefined;
  }
}

/** The lines of `forward`. What only the next line takes is called x. */
function forwardOf(input: string, steps: readonly Step[], names: ReadonlyMap<string, string>): string[] {
  const uses = new Map<string, number>();
  for (const { inputs } of steps) for (const of of inputs) uses.set(of, (uses.get(of) ?? 0) + 1);
  const variables = new Map([[input, names.get(input) as string]]);
  const lines = steps.map((step, i) => {
    const passing = uses.get(step.name) === 1 && steps[i + 1]?.inputs.includes(step.name);
    const inputs = step.inputs.map((of) => variables.get(of) as string);
    const variable = passing ? "x" : (names.get(step.name) as string);
    variables.set(step.name, variable);
    const value = expressionOf(step, names.get(step.name) as string, inputs);
    return i === steps.length - 1 ? `return ${value}` : `${variable} = ${value}`;
  });
  return lines;
}

function expressionOf({ operation }: Step, name: string, inputs: readonly string[]): string {
  const [x] = inputs;
  const module = `self.${name}`;
  switch (operation.kind) {
    case "convolution": {
      const { kernel, strides, dilation, padding, activation } = operation;
      const padded =
        padding === "same" && !isOne(strides)
          ? `pad_same(${x}, ${tuple([kernel.shape[0], kernel.shape[1]])}, ${tuple(strides)}, ${tuple(dilation)})`
          : x;
      return activated(activation, `${module}(${padded})`);
    }
    case "transposed convolution": {
      const { before, after } = transposedMargins(operation.kernel, operation.strides, operation.padding);
      const cuts = before.map((cut, axis) => (after[axis] > cut ? ":-1" : ":"));
      const cut = cuts.includes(":-1") ? `[:, :, ${cuts.join(", ")}]` : "";
      return activated(operation.activation, `${module}(${x})${cut}`);
    }
    case "max pooling": {
      const { size, strides, padding } = operation;
      if (padding === "same" && [...size, ...strides].every((pixels) => pixels === 2))
        return `F.max_pool2d(${x}, 2, ceil_mode=True)`;
      const padded = padding === "same" ? `pad_same(${x}, ${tuple(size)}, ${tuple(strides)}, value=-torch.inf)` : x;
      return `F.max_pool2d(${padded}, ${pair(size)}, ${pair(strides)})`;
    }
    case "upsampling":
      return `F.interpolate(${x}, scale_factor=${pair(operation.factors)}, mode="nearest")`;
    case "batch normalization":
    case "window attention":
      return `${module}(${x})`;
    case "activation":
      return activated(operation.activation, x);
    case "add":
      return inputs.join(" + ");
    case "concatenate":
      return `torch.cat([${inputs.join(", ")}], dim=1)`;
  }
}

function activated(activation: Activation | undefined, value: string): string {
  if (activation === undefined) return value;
  return activation === "hardSigmoid" ? `(0.2 * ${value} + 0.5).clamp(0, 1)` : `torch.${activation}(${value})`;
}

/** A text that may stand in a docstring. */
const plain = (text: string): string => text.replaceAll("\\", "/").replaceAll('"', "'").replaceAll(/\s+/g, " ");
