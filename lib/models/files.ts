// Models on disk in TensorFlow.js' layers format, which a browser can load too: `model.json` and a file of weights that
// it names; and the model's card. Each save writes weights under a new name and then replaces model.json in one step, so
// that there is a complete model at every moment, also when a save is interrupted or two processes save at the same time.
import { createHash, randomUUID } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import * as tf from "@tensorflow/tfjs";
import writeFileAtomic from "write-file-atomic";
import "./bias-free-normalization"; // so that models with these layers can be loaded
import "./window-attention";
import { type ModelCard, problemOfCard } from "./card";
import { cardOf, readCard } from "./card-file";

/** What model.json holds, apart from the layers; tfjs reads the first two. */
interface ModelFile {
  readonly format: string;
  readonly weightsManifest: readonly {
    readonly paths: readonly string[];
    readonly weights: tf.io.WeightsManifestEntry[];
  }[];
  /** SHA-256 of the weights. */
  readonly weightsDigest?: string;
  /** The card, so that it is replaced together with the model. card.json is the same for readers, and may be edited. */
  readonly card?: ModelCard;
}

/**
 * Saves a model in a folder, in place of the one there, and its card as `card.json`. Other files in the folder stay.
 * @param card what the model was trained on and for; without it, a card of the model before is removed
 * @throws {Error} when there is a model.json that is not a saved model, a card.json that is not a card, or a file in
 *   place of the folder
 * @example
 * ```ts no-run
 * import { loadModel, saveModel, unet } from "image-denoiser";
 *
 * await saveModel(unet({ filters: 8 }), "models/small");
 * const model = await loadModel("models/small");
 * ```
 */
export async function saveModel(model: tf.LayersModel, folder: string, card?: ModelCard): Promise<void> {
  if (fs.existsSync(folder) && !fs.statSync(folder).isDirectory())
    throw new Error(`${folder} is a file, not a folder: choose another folder for the model`);
  weightFiles(folder);
  readCard(folder);
  const problem = card && problemOfCard(card);
  if (problem) throw new Error(`the card of the model ${model.name} ${problem}`);
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      write(artifacts, folder, card);
      return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
    }),
  );
}

function write(
  { weightData, weightSpecs = [], ...topology }: tf.io.ModelArtifacts,
  folder: string,
  card: ModelCard | undefined,
): void {
  fs.mkdirSync(folder, { recursive: true });
  const name = `weights-${randomUUID()}.bin`;
  const file = path.join(folder, name);
  const weights = Buffer.from(tf.io.CompositeArrayBuffer.join(weightData));
  const weightsDigest = digest(weights);
  let replaced: string[];
  try {
    writeNew(file, weights);
    replaced = weightFiles(folder);
    const weightsManifest = [{ paths: [name], weights: weightSpecs }];
    const content = { ...topology, weightsManifest, weightsDigest, ...(card && { card }) };
    writeFileAtomic.sync(path.join(folder, "model.json"), JSON.stringify(content));
  } catch (error) {
    fs.rmSync(file, { force: true });
    throw error;
  }
  const cardFile = path.join(folder, "card.json");
  if (card) writeFileAtomic.sync(cardFile, `${JSON.stringify({ ...card, weightsDigest }, null, 2)}\n`);
  else fs.rmSync(cardFile, { force: true });
  for (const old of replaced) fs.rmSync(old, { force: true });
}

const digest = (content: Uint8Array): string => createHash("sha256").update(content).digest("hex");

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
  const described = parse(fs.readFileSync(file, "utf8"));
  if (!described)
    throw new Error(
      `${file} is not a saved model in TensorFlow.js' layers format, and would be replaced: choose another folder for the model`,
    );
  const names = described.weightsManifest.flatMap(({ paths }) => paths);
  return names.filter((name) => path.basename(name) === name).map((name) => path.join(folder, name));
}

/** @returns undefined when the content is not that of a saved model's model.json */
function parse(content: string): ModelFile | undefined {
  try {
    const file = JSON.parse(content) as ModelFile;
    const complete = file.weightsManifest.every(({ paths, weights }) => Array.isArray(paths) && Array.isArray(weights));
    return file.format === "layers-model" && complete ? file : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Loads a model that `saveModel` or TensorFlow.js itself has saved.
 * @throws {Error} when the folder holds no model, or one of another format; when its files are truncated or damaged, or a
 *   weight is not a finite number
 * @example
 * ```ts no-run
 * import { denoise, gaussian, loadMnist, loadModel } from "image-denoiser";
 *
 * const noisy = gaussian(loadMnist().test, { sigma: 0.5, seed: 42, stream: "test noise" });
 * const denoised = denoise(await loadModel("models/unet"), noisy);
 * ```
 */
export async function loadModel(folder: string): Promise<tf.LayersModel> {
  return (await loadModelAndCard(folder)).model;
}

/**
 * Loads a model together with its card.
 * @returns no card where the model was saved without one, as by earlier versions
 * @throws {Error} as `loadModel`, and when the card is damaged
 * @example
 * ```ts no-run
 * import { loadModelAndCard } from "image-denoiser";
 *
 * const { model, card } = await loadModelAndCard("models/photographs");
 * console.log(card?.noise.sigma, model.countParams());
 * ```
 */
export async function loadModelAndCard(folder: string): Promise<{ model: tf.LayersModel; card?: ModelCard }> {
  const file = path.join(folder, "model.json");
  if (!fs.existsSync(file)) throw new Error(`there is no model in ${folder} (no model.json)${otherFormat(folder)}`);
  for (;;) {
    const content = fs.readFileSync(file, "utf8");
    try {
      const described = parse(content);
      if (!described) throw new Error(`${file} ${whyNoModel(content)}`);
      checkWeightFiles(described, folder);
      const model = await tf.loadLayersModel(`file://${file}`).catch((error) => {
        throw new Error(`${file} cannot be loaded (${error.message})`, { cause: error });
      });
      checkWeights(model, folder);
      return { model, card: cardOf(folder, described) };
    } catch (error) {
      // where the model was replaced in between, its weights are gone and the new model's are there
      if (fs.readFileSync(file, "utf8") === content) throw error;
    }
  }
}

/** Files of other formats, by what their names end with. */
const formats = {
  "saved_model.pb": "TensorFlow's SavedModel",
  ".keras": "Keras",
  ".h5": "Keras",
  ".onnx": "ONNX",
  ".safetensors": "safetensors",
  ".pt": "PyTorch",
  ".pth": "PyTorch",
};

function otherFormat(folder: string): string {
  const names = fs.existsSync(folder) && fs.statSync(folder).isDirectory() ? fs.readdirSync(folder) : [folder];
  for (const [ending, format] of Object.entries(formats)) {
    const name = names.find((name) => name.endsWith(ending));
    if (name) return `: ${name} is of ${format}, and only TensorFlow.js' layers format can be loaded`;
  }
  return "";
}

function whyNoModel(content: string): string {
  let format: unknown;
  try {
    format = (JSON.parse(content) as { format?: unknown } | null)?.format;
  } catch {
    return "is not a saved model in TensorFlow.js' layers format, or is truncated or damaged: copy it again";
  }
  return format === "graph-model"
    ? "is not a saved model in TensorFlow.js' layers format, but a graph model, whose layers are not known: convert it to a layers model"
    : "is not a saved model in TensorFlow.js' layers format";
}

/** @throws {Error} when a file of weights is missing, of another size than its weights, or changed since it was saved */
function checkWeightFiles({ weightsManifest, weightsDigest }: ModelFile, folder: string): void {
  for (const { paths, weights } of weightsManifest) {
    const contents = paths.map((name) => {
      const file = path.join(folder, name);
      if (!fs.existsSync(file)) throw new Error(`the model in ${folder} lacks its file ${name}: copy it again`);
      return fs.readFileSync(file);
    });
    const bytes = contents.reduce((sum, { length }) => sum + length, 0);
    const expected = weights.reduce((sum, spec) => sum + bytesOf(spec), 0);
    if (bytes !== expected)
      throw new Error(
        `${path.join(folder, paths.join(", "))} holds ${bytes} bytes instead of ${expected}: it is ${bytes < expected ? "truncated" : "not of this model"}; copy it again`,
      );
    if (weightsDigest !== undefined && digest(Buffer.concat(contents)) !== weightsDigest)
      throw new Error(
        `${path.join(folder, paths.join(", "))} has been changed or damaged since it was saved: copy it again`,
      );
  }
}

function bytesOf({ shape, dtype, quantization }: tf.io.WeightsManifestEntry): number {
  const size = shape.reduce((product, length) => product * length, 1);
  return size * ({ uint8: 1, bool: 1, uint16: 2, float16: 2 }[(quantization?.dtype ?? dtype) as string] ?? 4);
}

/** @throws {Error} when a weight is not a finite number: the model would make nothing else of any image */
function checkWeights(model: tf.LayersModel, folder: string): void {
  for (const { name, value } of model.weights.map((weight) => ({ name: weight.name, value: weight.read() }))) {
    const broken = value.dataSync().find((number) => !Number.isFinite(number));
    if (broken !== undefined)
      throw new Error(`the model in ${folder} is of no use: its weights ${name} hold ${broken}; train it again`);
  }
}
