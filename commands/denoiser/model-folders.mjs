// Which models a command may use: those of the user, and those that come along.
import fs from "node:fs";
import path from "node:path";
import { output } from "../support/paths.mjs";
import { savedModels } from "./modules.mjs";

/** Where notebooks save their models. */
export const ownModels = path.join(output, "models");

export const noModels = `There are no models in ${ownModels}: a notebook saves its model there, \`image-denoiser train\` and saveModel wherever you like.`;

/** The user's own, and those that come along. */
export function allModels() {
  const { modelsIn, pretrainedFolder } = savedModels();
  return [ownModels, pretrainedFolder()].map((folder) => (fs.existsSync(folder) ? modelsIn(folder) : []));
}

/**
 * @param {string} [name] a folder, or the name of a model that comes along; without it, all models
 * @returns models in the order of preference, and whether it is a single one that was named
 * @throws {Error} when there is none
 */
export function modelsFor(name) {
  if (name === undefined) {
    const groups = allModels();
    if (groups.flat().length === 0) throw new Error(`${noModels} Name it with --model.`);
    return { groups, named: false };
  }
  const { modelsIn, pretrainedFolder } = savedModels();
  const folder = fs.existsSync(name) ? name : path.join(pretrainedFolder(), name);
  if (!fs.existsSync(folder))
    throw new Error(
      `${name}: there is no folder of a model, and no model of this name comes along: ${namesIn(pretrainedFolder())}`,
    );
  const found = modelsIn(folder);
  if (found.length === 0) throw new Error(`${name} holds no model (model.json)`);
  const named = found.length === 1 && found[0].folder === folder;
  if (named && found[0].problem) throw new Error(found[0].problem);
  return { groups: [found], named };
}

/** @param {string} folder */
const namesIn = (folder) =>
  (fs.existsSync(folder) ? savedModels().modelsIn(folder) : [])
    .map((model) => path.basename(model.folder))
    .join(", ") || "there are none";
