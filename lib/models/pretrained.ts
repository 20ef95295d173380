// The small trained models that come along in `pretrained/`, so that cleaning a picture needs no training.
import fs from "node:fs";
import path from "node:path";
import type * as tf from "@tensorflow/tfjs";
import type { ModelCard } from "./card";
import { loadModel } from "./files";
import { modelsIn, pretrainedFolder } from "./saved-models";

export interface PretrainedModel {
  /** As `loadPretrained` takes it. */
  readonly name: string;
  readonly folder: string;
  readonly card: ModelCard;
}

/**
 * The models that come along, with their cards, without loading them. `chooseModel` takes them.
 * @throws {Error} when the card of one is damaged
 * @example
 * ```ts no-run
 * import { chooseModel, denoise, loadPretrained, pretrainedModels, readImage } from "image-denoiser";
 *
 * const noisy = await readImage("photo.jpg");
 * const { chosen, reason } = chooseModel(pretrainedModels(), noisy);
 * console.log(reason);
 * denoise(await loadPretrained(chosen.name), noisy);
 * ```
 */
export function pretrainedModels(): PretrainedModel[] {
  const folder = pretrainedFolder();
  const saved = fs.existsSync(folder) ? modelsIn(folder) : [];
  return saved.map(({ folder, card, problem }) => {
    if (!card) throw new Error(`the pretrained model in ${folder} is damaged (${problem ?? "it has no card"})`);
    return { name: path.basename(folder), folder, card };
  });
}

/**
 * Loads a model that comes along.
 * @param name "digits", "photos-grey" or "photos-colour"; `pretrainedModels` lists them with what each is for
 * @throws {Error} when there is none of that name, or its files are damaged
 * @example
 * ```ts no-run
 * import { denoise, loadPretrained, readImage, writeImage } from "image-denoiser";
 *
 * const noisy = await readImage("photo.jpg");
 * await writeImage("clean.jpg", denoise(await loadPretrained("photos-colour"), noisy), { like: noisy });
 * ```
 */
export async function loadPretrained(name: string): Promise<tf.LayersModel> {
  const models = pretrainedModels();
  const model = models.find((each) => each.name === name);
  if (!model)
    throw new Error(
      `there is no pretrained model ${JSON.stringify(name)}; there ${models.length === 0 ? "are none" : `are ${models.map((each) => each.name).join(", ")}`} in ${pretrainedFolder()}`,
    );
  return loadModel(model.folder);
}
