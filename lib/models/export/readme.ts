// The README of an export: what the model is for, what it takes and gives, and how to run and check it.
import type * as tf from "@tensorflow/tfjs";
import { noiseName } from "../../noise/kinds";
import { formatLevel } from "../../numbers";
import type { ModelCard } from "../card";
import { receptiveField } from "../receptive-field";
import type { ExportFormat } from "./formats";
import { operationsOf } from "./operations";

export function readme(model: tf.LayersModel, to: ExportFormat, card?: ModelCard): string {
  const { name, input } = operationsOf(model);
  const { rows, columns } = receptiveField(model);
  const channelsFirst = to === "safetensors";
  const image = [input.height ?? "height", input.width ?? "width"];
  const shape = channelsFirst ? ["n", input.channels, ...image] : ["n", ...image, input.channels];
  const multiple = (word: string, stride: number) => `${word} a multiple of ${stride}`;
  const sizes = [
    ...(input.height === null && rows.stride > 1 ? [multiple("height", rows.stride)] : []),
    ...(input.width === null && columns.stride > 1 ? [multiple("width", columns.stride)] : []),
  ];
  const { title, needs, code } = uses[to];
  return `# ${card?.name ?? name}, for ${title}

${card ? `${card.description} ` : ""}It takes noisy images and gives them back with less noise: float32, \`[${shape.join(", ")}]\`${sizes.length > 0 ? `, ${sizes.join(" and ")}` : ""}, ${input.channels === 1 ? "grey" : "channels red, green, blue"}, values from 0 (black) to 1 (white).
${card ? trained(card) : ""}
The program below needs ${needs}. It loads the model, and compares its result for the test images with what the model gave where it was exported. The difference should be below 1e-5.

\`\`\`python
${code(input.name)}
\`\`\`
`;
}

function trained({ trainedOn, noise, scores, command }: ModelCard): string {
  const [low, high] = noise.sigma.map(formatLevel);
  const lines = [
    `- trained on ${trainedOn.data}, with ${noiseName(noise.kind)} noise of standard deviation ${low === high ? low : `${low} to ${high}`}`,
    ...scores.map(
      ({ metric, mean, low, high, data, sigma }) =>
        `- ${metric} ${mean.toPrecision(4)} (95 % interval ${low.toPrecision(4)} to ${high.toPrecision(4)}) on ${data}, standard deviation ${formatLevel(sigma)}`,
    ),
    `- made by \`${command}\``,
  ];
  return `\n${lines.join("\n")}\n`;
}

const uses: Record<ExportFormat, { title: string; needs: string; code: (input: string) => string }> = {
  onnx: {
    title: "ONNX",
    needs: "`onnxruntime` and `numpy`",
    code: (input) => `import numpy, onnxruntime

model = onnxruntime.InferenceSession("model.onnx")
test = numpy.load("test.npz")
(denoised,) = model.run(None, {${JSON.stringify(input)}: test["noisy"]})
print(abs(denoised - test["denoised"]).max())`,
  },
  keras: {
    title: "Keras 3",
    needs: "`keras`, one of its backends (TensorFlow, JAX or PyTorch) and `numpy`",
    code: () => `import keras, numpy

model = keras.models.load_model("model.keras")
test = numpy.load("test.npz")
denoised = model.predict(test["noisy"])
print(abs(denoised - test["denoised"]).max())`,
  },
  safetensors: {
    title: "PyTorch",
    needs: "`torch` and `safetensors`; `denoiser.py` holds the network",
    code: () => `import torch
from safetensors.torch import load_file
from denoiser import load

model = load()
test = load_file("test.safetensors")
with torch.inference_mode():
    denoised = model(test["noisy"])
print((denoised - test["denoised"]).abs().max())`,
  },
};
