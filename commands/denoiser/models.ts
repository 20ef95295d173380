// Saved models, described for people.
import { shownPath } from "../../lib/data/image-file";
import type { SavedModel } from "../../lib/models/saved-models";
import { noiseName } from "../../lib/noise/kinds";
import { formatLevel } from "../../lib/numbers";

/** A model and its card in a few lines. */
export function describeModel({ folder, card, problem }: SavedModel): string {
  if (!card) return `${shownPath(folder)}\n  ${problem ?? "no card: what it was trained on is not known"}`;
  const { trainedOn, noise, scores } = card;
  const [low, high] = noise.sigma.map(formatLevel);
  const lines = [
    card.description,
    `for ${trainedOn.channels === 1 ? "grey" : "colour"} pictures${trainedOn.size ? ` of ${trainedOn.size.join(" x ")} pixels` : " of any size"}, trained on ${trainedOn.data}`,
    `${noiseName(noise.kind)} noise of sigma ${low === high ? low : `${low} to ${high}`}`,
    ...scores.map((score) => {
      const digits = score.metric === "PSNR" ? 2 : 4;
      const [mean, from, to] = [score.mean, score.low, score.high].map((value) => value.toFixed(digits));
      return `${score.metric} ${mean} (${from} to ${to})${score.metric === "PSNR" ? " dB" : ""} on ${score.data}, sigma ${formatLevel(score.sigma)}`;
    }),
    `made by: ${card.command}`,
  ];
  return [`${card.name} (${shownPath(folder)})`, ...lines.map((line) => `  ${line}`)].join("\n");
}
