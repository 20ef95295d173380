// The card of a saved model, read from its folder without the model.
import fs from "node:fs";
import path from "node:path";
import { type ModelCard, problemOfCard } from "./card";

/** card.json: the card, and which weights it is of. */
export type CardFile = ModelCard & { readonly weightsDigest: string };

/**
 * @returns undefined when there is no card.json
 * @throws {Error} when card.json is not a card
 */
export function readCard(folder: string): CardFile | undefined {
  const file = path.join(folder, "card.json");
  if (!fs.existsSync(file)) return undefined;
  let card: unknown;
  try {
    card = JSON.parse(fs.readFileSync(file, "utf8"));
  } catch {
    throw new Error(`${file} is not JSON, or is damaged: correct or delete it`);
  }
  const problem = problemOfCard(card);
  if (problem) throw new Error(`${file} ${problem}: correct or delete it`);
  return card as CardFile;
}

/**
 * The card of a model: card.json, where it is of these weights, or else what model.json holds.
 * @param modelFile the content of model.json
 * @throws {Error} when card.json is not a card
 */
export function cardOf(
  folder: string,
  modelFile: { readonly weightsDigest?: string; readonly card?: ModelCard },
): ModelCard | undefined {
  const { weightsDigest, ...card } = readCard(folder) ?? {};
  const own = weightsDigest !== undefined && weightsDigest === modelFile.weightsDigest;
  return own ? (card as ModelCard) : modelFile.card;
}
