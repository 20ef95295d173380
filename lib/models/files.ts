// Models on disk in TensorFlow.js' layers format, which a browser can load too: `model.json` and a file of weights that
// it names. Each save writes weights under a new name and then replaces model.json in one step, so that there is a
// complete model at every moment, also when a save is interrupted or two processes save at the same time.
import { randomUUID } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import * as tf from "@tensorflow/tfjs";
import writeFileAtomic from "write-file-atomic";

/**
 * Saves a model in a folder, in place of the one there. Other files in the folder stay.
 * @throws {Error} when there is a model.json that is not a saved model, or a file in place of the folder
 * @example
 * ```ts no-run
 * import { loadModel, saveModel, unet } from "image-denoiser";
 *
 * await saveModel(unet({ filters: 8 }), "models/small");
 * const model = await loadModel("models/small");
 * ```
 */
export async function saveModel(model: tf.LayersModel, folder: string): Promise<void> {
  if (fs.existsSync(folder) && !fs.statSync(folder).isDirectory())
    throw new Error(`${folder} is a file, not a folder: choose another folder for the model`);
  weightFiles(folder);
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      write(artifacts, folder);
      return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
    }),
  );
}

function write({ weightData, weightSpecs, ...topology }: tf.io.ModelArtifacts, folder: string): void {
  fs.mkdirSync(folder, { recursive: true });
  const name = `weights-${randomUUID()}.bin`;
  const file = path.join(folder, name);
  let replaced: string[];
  try {
    writeNew(file, Buffer.from(tf.io.CompositeArrayBuffer.join(weightData)));
    replaced = weightFiles(folder);
    const weightsManifest = [{ paths: [name], weights: weightSpecs }];
    writeFileAtomic.sync(path.join(folder, "model.json"), JSON.stringify({ ...topology, weightsManifest }));
  } catch (error) {
    fs.rmSync(file, { force: true });
    throw error;
  }
  for (const old of replaced) fs.rmSync(old, { force: true });
}

/** Writes a file that must not exist yet, and waits until it is on the disk. */
function writeNew(file: string, content: Uint8Array): void {
  const opened = fs.openSync(file, "wx");
  try {
    fs.writeFileSync(opened, content);
    fs.fsyncSync(opened);
  } finally {
    fs.closeSync(opened);
  }
}

/**
 * The files in the folder that hold the weights of its model; none where there is no model.
 * @throws {Error} when there is a model.json that is not a saved model
 */
function weightFiles(folder: string): string[] {
  const file = path.join(folder, "model.json");
  if (!fs.existsSync(file)) return [];
  const names = namesOfWeights(fs.readFileSync(file, "utf8"));
  if (!names)
    throw new Error(
      `${file} is not a saved model in TensorFlow.js' layers format, and would be replaced: choose another folder for the model`,
    );
  return names.filter((name) => path.basename(name) === name).map((name) => path.join(folder, name));
}

/** @returns undefined when the content is not that of a saved model's model.json */
function namesOfWeights(content: string): string[] | undefined {
  try {
    const { format, weightsManifest } = JSON.parse(content) as {
      format: string;
      weightsManifest: { paths: string[] }[];
    };
    return format === "layers-model" ? weightsManifest.flatMap(({ paths }) => paths) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Loads a model that `saveModel` or TensorFlow.js itself has saved.
 * @throws {Error} when the folder holds no model
 * @example
 * ```ts no-run
 * import { denoise, gaussian, loadMnist, loadModel } from "image-denoiser";
 *
 * const noisy = gaussian(loadMnist().test, { sigma: 0.5, seed: 42, stream: "test noise" });
 * const denoised = denoise(await loadModel("models/unet"), noisy);
 * ```
 */
export async function loadModel(folder: string): Promise<tf.LayersModel> {
  const file = path.join(folder, "model.json");
  if (!fs.existsSync(file)) throw new Error(`there is no model in ${folder} (no model.json)`);
  for (;;) {
    const content = fs.readFileSync(file, "utf8");
    if (!namesOfWeights(content)) throw new Error(`${file} is not a saved model in TensorFlow.js' layers format`);
    try {
      return await tf.loadLayersModel(`file://${file}`);
    } catch (error) {
      // where the model was replaced in between, its weights are gone and the new model's are there
      if (fs.readFileSync(file, "utf8") === content) throw error;
    }
  }
}
