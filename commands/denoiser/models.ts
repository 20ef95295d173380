// Finds saved models and their cards, without loading them.
import fs from "node:fs";
import path from "node:path";
import { shownPath } from "../../lib/data/image-file";
import type { ModelCard } from "../../lib/models/card";
import { cardOf } from "../../lib/models/card-file";

export interface SavedModel {
  readonly folder: string;
  readonly card?: ModelCard;
  /** Why the card cannot be read. */
  readonly problem?: string;
}

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

/** A model and its card in a few lines. */
export function describeModel({ folder, card, problem }: SavedModel): string {
  if (!card) return `${shownPath(folder)}\n  ${problem ?? "no card: what it was trained on is not known"}`;
  const { trainedOn, noise, scores } = card;
  const [low, high] = noise.sigma.map((sigma) => Number(sigma.toPrecision(3)));
  const lines = [
    card.description,
    `for ${trainedOn.channels === 1 ? "grey" : "colour"} pictures${trainedOn.size ? ` of ${trainedOn.size.join(" x ")} pixels` : " of any size"}, trained on ${trainedOn.data}`,
    `noise of sigma ${low === high ? low : `${low} to ${high}`}`,
    ...scores.map((score) => {
      const digits = score.metric === "PSNR" ? 2 : 4;
      const [mean, from, to] = [score.mean, score.low, score.high].map((value) => value.toFixed(digits));
      return `${score.metric} ${mean} (${from} to ${to})${score.metric === "PSNR" ? " dB" : ""} on ${score.data}, sigma ${Number(score.sigma.toPrecision(3))}`;
    }),
    `made by: ${card.command}`,
  ];
  return [`${card.name} (${shownPath(folder)})`, ...lines.map((line) => `  ${line}`)].join("\n");
}
