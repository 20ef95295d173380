// The card of a model that has just been trained: what the training knows, and what follows from the model.
import { createHash } from "node:crypto";
import type * as tf from "@tensorflow/tfjs";
import type { PictureSet } from "../data/image-folder";
import type { Images } from "../data/images";
import { estimatedRange } from "../inference/model-choice";
import { type ImageScores, summarize } from "../metrics/scores";
import type { CardScore, ModelCard } from "../models/card";
import { receptiveField } from "../models/receptive-field";
import type { NoiseKind, NoiseLevel } from "../noise/kinds";
import { versions } from "./versions";

/** Scores of test images with noise of one level. */
export interface TestScores {
  /** Which images: "4 test photographs". */
  readonly data: string;
  readonly sigma: number;
  readonly scores: ImageScores;
}

export interface ModelCardOptions extends Pick<ModelCard, "name" | "description" | "recipe" | "seed" | "command"> {
  readonly model: tf.LayersModel;
  readonly trainedOn: Omit<ModelCard["trainedOn"], "channels">;
  /** Standard deviation of the training's noise, or its range. */
  readonly sigma: NoiseLevel;
  /** Its kind: "gaussian" if not given. */
  readonly noiseKind?: NoiseKind | readonly NoiseKind[];
  /** Whether its noisy values were clipped to [0, 1]. */
  readonly clipped: boolean;
  /** A few hundred images or patches with that noise, as the model was trained on. */
  readonly noisy: Images;
  readonly scores: readonly TestScores[];
}

/**
 * Makes the card of a model for `saveModel`. Channels, receptive field, versions, what `estimateSigma` gives for the noise,
 * and the 95 % intervals of the scores are worked out.
 * @throws {RangeError} when there are no noisy images, or no scores of a level
 * @example
 * ```ts
 * import { digestsOf, drawPatches, evaluatePictures, gaussian, loadPhotographs, modelCard, unet } from "image-denoiser";
 *
 * const { train, test } = loadPhotographs({ channels: 1 });
 * const model = unet({ filters: 2, height: null, width: null }); // then train it
 * const sigma = 25 / 255;
 * const { evaluated } = await evaluatePictures(test, [], { sigma, seed: 42 });
 * const card = modelCard({
 *   model,
 *   name: "photos",
 *   description: "Removes Gaussian noise from grey photographs.",
 *   trainedOn: { data: "9 photographs of scikit-image", size: null, digests: digestsOf(train) },
 *   sigma,
 *   clipped: false,
 *   noisy: gaussian(await drawPatches(train, { count: 100 }), { sigma, clip: false, seed: 42 }),
 *   scores: [{ data: "4 test photographs", sigma, scores: evaluated[0].scores }],
 *   recipe: { epochs: 0 },
 *   seed: 42,
 *   command: "npm start -- --notebook photos",
 * });
 * card.receptiveField // [ 47, 47 ]
 * card.scores.map(({ metric, mean }) => [metric, mean.toFixed(1)]) // [ [ 'PSNR', '20.2' ], [ 'SSIM', '0.4' ] ]
 * ```
 */
export function modelCard(options: ModelCardOptions): ModelCard {
  const { model, name, description, trainedOn, sigma, noiseKind = "gaussian", clipped, noisy } = options;
  const { scores, recipe, seed, command } = options;
  const [low, high] = typeof sigma === "number" ? [sigma, sigma] : sigma;
  return {
    schema: 1,
    name,
    description,
    trainedOn: { ...trainedOn, channels: channelsOf(model) },
    noise: { kind: noiseKind, sigma: [low, high], clipped, estimated: estimatedRange(noisy) },
    scores: scores.flatMap(cardScores),
    recipe,
    seed,
    versions: versions(),
    receptiveField: receptiveFieldOf(model),
    command,
  };
}

function channelsOf({ name, outputs }: tf.LayersModel): 1 | 3 {
  const channels = outputs[0].shape.at(-1);
  if (channels === 1 || channels === 3) return channels;
  throw new RangeError(`the model ${name} takes images with ${channels} channels, neither grey nor colour`);
}

function cardScores({ data, sigma, scores }: TestScores): CardScore[] {
  const { psnr, ssim } = summarize(scores);
  return [
    { data, sigma, metric: "PSNR", ...psnr },
    { data, sigma, metric: "SSIM", ...ssim },
  ];
}

function receptiveFieldOf(model: tf.LayersModel): [height: number, width: number] | null {
  try {
    const { rows, columns } = receptiveField(model);
    return [rows.before + 1 + rows.after, columns.before + 1 + columns.after];
  } catch (error) {
    if (error instanceof RangeError) return null; // a layer mixes pixels from anywhere in the image
    throw error;
  }
}

/** More pictures than these have one digest together. */
const mostDigests = 100;

/**
 * SHA-256 digests of a set's files by name, for a card; of large sets one over all names and digests.
 * @example
 * ```ts
 * import { digestsOf, loadPhotographs } from "image-denoiser";
 *
 * Object.keys(digestsOf(loadPhotographs().test)) // [ 'astronaut', 'chelsea' ]
 * ```
 */
export function digestsOf({ pictures }: PictureSet): Record<string, string> {
  if (pictures.length <= mostDigests) return Object.fromEntries(pictures.map(({ name, digest }) => [name, digest]));
  const hash = createHash("sha256");
  for (const { name, digest } of pictures) hash.update(`${name}\n${digest}\n`);
  return { [`${pictures.length} pictures`]: hash.digest("hex") };
}
