// Finds saved models and their cards, without loading the models.
import fs from "node:fs";
import path from "node:path";
import { shownPath } from "../data/image-file";
import type { ModelCard } from "./card";
import { cardOf } from "./card-file";

export interface SavedModel {
  readonly folder: string;
  readonly card?: ModelCard;
  /** Why the card cannot be read. */
  readonly problem?: string;
}

/**
 * The folder of the models that come along, each in a folder of its name: the one that the environment variable
 * IMAGE_DENOISER_PRETRAINED names, or else `pretrained/`.
 */
export const pretrainedFolder = (): string =>
  process.env.IMAGE_DENOISER_PRETRAINED ?? path.resolve(__dirname, "..", "..", "pretrained");

const holdsModel = (folder: string): boolean => fs.existsSync(path.join(folder, "model.json"));

/**
 * The models in a folder: the one that it is, or those in its folders.
 * @throws {Error} when there is no such folder
 */
export function modelsIn(folder: string): SavedModel[] {
  if (holdsModel(folder)) return [savedModel(folder)];
  const stat = fs.statSync(folder, { throwIfNoEntry: false });
  if (!stat?.isDirectory())
    throw new Error(`${shownPath(folder)}: ${stat ? "this is a file, not" : "there is no"} folder of a model`);
  const names = fs.readdirSync(folder).sort();
  return names
    .map((name) => path.join(folder, name))
    .filter(holdsModel)
    .map(savedModel);
}

function savedModel(folder: string): SavedModel {
  try {
    return { folder, card: cardOf(folder, JSON.parse(fs.readFileSync(path.join(folder, "model.json"), "utf8"))) };
  } catch (error) {
    return { folder, problem: error instanceof SyntaxError ? "model.json is damaged" : (error as Error).message };
  }
}
