// The card of a model: what it was trained on and for, how well it does, and how to make it again. Saved beside the model.

import type { NoiseKind } from "../noise/kinds";

/** Which noise a model was trained to remove. */
export interface CardNoise {
  /** Of several kinds, each image had one. */
  readonly kind: NoiseKind | readonly NoiseKind[];
  /** The least and the greatest standard deviation of the noise, in units of the images' values; see `noiseModel`. */
  readonly sigma: readonly [low: number, high: number];
  /** Whether noisy values were clipped to the range of the images. */
  readonly clipped: boolean;
  /**
   * What `estimateSigma` gives for such noisy images: the range that the model is for. It differs from `sigma` where noise
   * is clipped (0.5 on digits looks like 0.2), or texture looks like noise. From `estimatedRange`.
   */
  readonly estimated: readonly [low: number, high: number];
}

/** A mean with its 95 % interval. */
export interface CardScore {
  /** On which images: "10,000 test digits". */
  readonly data: string;
  readonly sigma: number;
  readonly metric: "PSNR" | "SSIM";
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

export interface ModelCard {
  readonly schema: 1;
  readonly name: string;
  /** One sentence: "Removes Gaussian noise from photographs." */
  readonly description: string;
  readonly trainedOn: {
    /** "MNIST", "nine photographs of scikit-image". */
    readonly data: string;
    readonly channels: 1 | 3;
    /** Height and width where the model saw whole images of one size; null where it saw patches of larger ones. */
    readonly size: readonly [height: number, width: number] | null;
    /** Of the files or sets, by name. */
    readonly digests: Readonly<Record<string, string>>;
  };
  readonly noise: CardNoise;
  readonly scores: readonly CardScore[];
  /** Settings of the training. */
  readonly recipe: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly versions: Readonly<Record<string, string>>;
  /** In pixels; null where each pixel of the result depends on the whole image. */
  readonly receptiveField: readonly [height: number, width: number] | null;
  /** The command that makes this model again. */
  readonly command: string;
}

/** Why a content is not a card; undefined for a card. */
export function problemOfCard(content: unknown): string | undefined {
  const card = content as Partial<ModelCard> | null;
  if (typeof card !== "object" || card === null) return "is not a card of a model";
  if (card.schema !== 1) return `has schema ${JSON.stringify(card.schema)}, not 1`;
  const texts = ["name", "description", "command"] as const;
  for (const key of texts) if (typeof card[key] !== "string") return `lacks ${key}`;
  const { trainedOn, noise } = card;
  if (typeof trainedOn?.data !== "string" || ![1, 3].includes(trainedOn.channels)) return "lacks trainedOn";
  if (!noise || !isRange(noise.sigma) || !isRange(noise.estimated)) return "lacks noise";
  if (!Array.isArray(card.scores)) return "lacks scores";
  return undefined;
}

const isRange = (range: unknown): boolean =>
  Array.isArray(range) && range.length === 2 && range.every(Number.isFinite) && 0 <= range[0] && range[0] <= range[1];
