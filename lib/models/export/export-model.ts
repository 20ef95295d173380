// Writes a model for other programs into a folder: the model in a format of theirs, a test input with its result, and a
// README that says how to run and check it.
import fs from "node:fs";
import path from "node:path";
import type * as tf from "@tensorflow/tfjs";
import writeFileAtomic from "write-file-atomic";
import { checkChoice } from "../../checks";
import type { ModelCard } from "../card";
import { type ExportFormat, exportFormats } from "./formats";
import { kerasFile } from "./keras";
import { onnxFile } from "./onnx";
import { pytorchFiles } from "./pytorch";
import { readme } from "./readme";
import { safetensorsFile } from "./safetensors";
import { imagesChannelsFirst, npzFile, testImages } from "./test-images";

export interface ExportOptions {
  to: ExportFormat;
  /** Goes with the model, into the metadata of its file. */
  card?: ModelCard;
  /** Replaces files that exist. */
  overwrite?: boolean;
}

/**
 * Exports a model: `model.onnx`, `model.keras`, or `model.safetensors` with `denoiser.py`; a test input with its result
 * (`test.npz`, or `test.safetensors` for PyTorch); and `README.md`, which says how to use them.
 * @param folder is made where it does not exist; other files in it stay
 * @returns the names of the files in the folder
 * @throws {RangeError} when the model has a layer that cannot be exported; nothing is written
 * @throws {Error} when a file exists and is not to be replaced; nothing is written
 * @example
 * ```ts no-run
 * import { exportModel, loadModelAndCard } from "image-denoiser";
 *
 * const { model, card } = await loadModelAndCard("models/photographs");
 * await exportModel(model, "exported", { to: "onnx", card }); // [ 'test.npz', 'README.md', 'model.onnx' ]
 * ```
 */
export async function exportModel(
  model: tf.LayersModel,
  folder: string,
  { to, card, overwrite = false }: ExportOptions,
): Promise<string[]> {
  checkChoice("to", to, exportFormats);
  const files = await filesOf(model, to, card);
  if (fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory() === false)
    throw new Error(`${folder} is a file, not a folder: choose another folder for the export`);
  const existing = Object.keys(files).filter((name) => fs.existsSync(path.join(folder, name)));
  if (existing.length > 0 && !overwrite)
    throw new Error(
      `${path.join(folder, existing[0])} exists already: choose another folder, or replace it (option overwrite)`,
    );
  fs.mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(files))
    writeFileAtomic.sync(path.join(folder, name), typeof content === "string" ? content : Buffer.from(content));
  return Object.keys(files);
}

/** By name, the model last. */
async function filesOf(
  model: tf.LayersModel,
  to: ExportFormat,
  card: ModelCard | undefined,
): Promise<Record<string, string | Uint8Array>> {
  const text = { "README.md": readme(model, to, card) };
  if (to === "safetensors") {
    const { weights, code } = pytorchFiles(model, card);
    const { noisy, denoised } = testImages(model);
    const test = { noisy: imagesChannelsFirst(noisy), denoised: imagesChannelsFirst(denoised) };
    return { "test.safetensors": safetensorsFile(test), ...text, "denoiser.py": code, "model.safetensors": weights };
  }
  const content = to === "onnx" ? await onnxFile(model, card) : await kerasFile(model, card);
  const { noisy, denoised } = testImages(model);
  return { "test.npz": npzFile({ noisy, denoised }), ...text, [`model.${to}`]: content };
}
