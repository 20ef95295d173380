// Measures a model: adds noise to clean pictures, denoises them, and compares with the clean ones.
import { createHash } from "node:crypto";
import fs from "node:fs";
import { shownPath } from "../../lib/data/image-file";
import { clipImages } from "../../lib/data/images";
import { readImage } from "../../lib/data/picture";
import { joinScores, pictureNoise } from "../../lib/evaluation/pictures";
import { scoreTable } from "../../lib/evaluation/score-tables";
import { type Table, tableText } from "../../lib/evaluation/table";
import { denoise } from "../../lib/inference/denoise";
import { shownLevels } from "../../lib/inference/model-choice";
import { type ImageScores, scoreImages, summarize } from "../../lib/metrics/scores";
import { noiseModel } from "../../lib/noise/kinds";
import type { Models } from "./clean";
import { about, type Streams } from "./clean-all";

export interface EvaluateOptions {
  readonly sigma?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly signal?: AbortSignal;
}

/** Of the noise that is added: the same for everybody, so that scores can be compared. */
const seed = 42;

/** @returns the exit code: 0, 1 when a picture could not be measured, 130 when it was stopped */
export async function evaluatePictures(
  files: readonly string[],
  models: Models,
  { stdout, stderr }: Streams,
  options: EvaluateOptions,
): Promise<number> {
  const [saved] = models.saved;
  const { card } = saved;
  const sigma =
    options.sigma ?? (card && card.noise.sigma[0] === card.noise.sigma[1] ? card.noise.sigma[0] : undefined);
  if (sigma === undefined)
    throw new Error(
      `name the noise with --sigma: ${card ? `the model is for ${shownLevels(card.noise)}` : "the model has no card that says it"}`,
    );
  if (card && (sigma < card.noise.sigma[0] || sigma > card.noise.sigma[1]))
    stderr.write(`${card.name} is for noise of sigma ${shownLevels(card.noise)}, and is measured with ${sigma}\n`);
  const trainedOn = new Set(Object.values(card?.trainedOn.digests ?? {}));
  const model = await models.load(saved);
  const channels = model.outputs[0].shape[3];
  const clip = card?.noise.clipped ?? false;
  const addNoise = noiseModel({ kind: card?.noise.kind ?? "gaussian", sigma });
  const scores: Record<"noisy" | "denoised", ImageScores[]> = { noisy: [], denoised: [] };
  const failed: string[] = [];
  for (const file of files) {
    if (options.signal?.aborted) return 130;
    try {
      const clean = await readImage(file);
      if (clean.channels !== channels)
        throw new Error(
          `the model takes ${channels === 1 ? "grey" : "colour"} pictures, and this one is ${clean.channels === 1 ? "grey" : "colour"}`,
        );
      const noisy = addNoise(clean, { seed, clip, stream: pictureNoise(file) });
      const both = { noisy, denoised: clipImages(denoise(model, noisy, { sigma })) };
      for (const kind of ["noisy", "denoised"] as const) scores[kind].push(scoreImages(clean, both[kind]));
      if (!options.quiet) stderr.write(`${shownPath(file)}\n`);
      if (trainedOn.size > 0 && trainedOn.has(digestOfFile(file)))
        stderr.write(`  ${shownPath(file)} is a picture that ${card?.name} was trained on: new ones are harder\n`);
    } catch (error) {
      failed.push(about(shownPath(file), (error as Error).message));
    }
    await new Promise(setImmediate); // yields, so that an interrupt is seen
  }
  const n = scores.noisy.length;
  if (n > 0) {
    const rows = (["noisy", "denoised"] as const).map((kind) => ({
      name: kind === "noisy" ? kind : (card?.name ?? model.name),
      scores: summarize(joinScores(scores[kind])),
    }));
    if (options.json) stdout.write(`${JSON.stringify({ pictures: n, sigma, seed, rows, failed })}\n`);
    else stdout.write(`${tableText(table(rows, n))}\n`);
  }
  if (failed.length > 0) stderr.write(`Failed:\n${failed.map((sentence) => `  ${sentence}\n`).join("")}`);
  return failed.length > 0 ? 1 : 0;
}

const digestOfFile = (file: string): string => createHash("sha256").update(fs.readFileSync(file)).digest("hex");

const table = (rows: Parameters<typeof scoreTable>[0], n: number): Table =>
  scoreTable(rows, `${n} ${n === 1 ? "picture" : "pictures"}`);
