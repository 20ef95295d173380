// Whether a model suits images, by its card and an estimate of their noise, and which of several models does.
import { checkImages } from "../checks";
import type { Images } from "../data/images";
import type { ModelCard } from "../models/card";
import { estimateSigma } from "../noise/estimate";

/** An estimate may lie so many times below or above a card's range. */
const tolerance = 1.15;

/**
 * The range of `estimateSigma` over noisy images like those that a model was trained on, for its card. Nine in ten
 * images lie within.
 * @param noisy a few hundred images or patches, with the noise of the training
 * @throws {RangeError} when there are no images
 * @example
 * ```ts
 * import { estimatedRange, gaussian, loadMnist, sliceImages } from "image-denoiser";
 *
 * const digits = sliceImages(loadMnist({ dataset: "quick" }).train, 0, 200);
 * const [low, high] = estimatedRange(gaussian(digits, { sigma: 0.5, seed: 42 }));
 * low > 0.2 && high < 0.32 // true
 * ```
 */
export function estimatedRange(noisy: Images): [low: number, high: number] {
  const sorted = estimateSigma(noisy).sort();
  if (sorted.length === 0) throw new RangeError("a range of noise needs at least one image");
  const quantile = (share: number) => sorted[Math.round(share * (sorted.length - 1))];
  return [quantile(0.05), quantile(0.95)];
}

export interface ModelFitOptions {
  /** The noise's standard deviation, where it is known: it is compared with the card's `sigma`, and nothing is estimated. */
  readonly sigma?: number;
  /** Height and width of the picture that the images are parts of. */
  readonly size?: readonly [height: number, width: number];
}

/**
 * Why a model does not suit images: other channels, another size than the whole images that it was trained on, or noise
 * outside of its range (the median of `estimateSigma` over the images).
 * @param images [n, height, width, channels], in the units of the training
 * @returns sentences that begin with the model's name; none where it fits
 * @throws {RangeError} when there are no images, or a value is not finite
 * @example
 * ```ts no-run
 * import { checkFit, type Images, loadModelAndCard } from "image-denoiser";
 *
 * const photograph: Images = { data: new Float32Array(512 * 512 * 3), shape: [1, 512, 512, 3] };
 * const { card } = await loadModelAndCard("models/unet");
 * if (card) console.log(checkFit(card, photograph).join("\n"));
 * // unet was trained on grey images (MNIST), and these have 3 channels
 * // unet was trained on whole images of 28 x 28 pixels (MNIST), and these have 512 x 512
 * ```
 */
export const checkFit = (card: ModelCard, images: Images, options: ModelFitOptions = {}): string[] =>
  misfits(card, images, options.sigma ?? typicalSigma(images), options);

function typicalSigma(images: Images): number {
  checkImages(images);
  const sorted = estimateSigma(images).sort();
  if (sorted.length === 0) throw new RangeError("there is no image whose noise could be estimated");
  return sorted[sorted.length >> 1];
}

function misfits(
  { name, trainedOn, noise }: ModelCard,
  { shape }: Images,
  sigma: number,
  { sigma: known, size: whole }: ModelFitOptions,
): string[] {
  const [height, width] = whole ?? [shape[1], shape[2]];
  const channels = shape[3];
  const found: string[] = [];
  const { data, size } = trainedOn;
  if (channels !== trainedOn.channels)
    found.push(
      `${name} was trained on ${trainedOn.channels === 1 ? "grey" : "colour"} images (${data}), and these have ${channels} ${channels === 1 ? "channel" : "channels"}`,
    );
  if (size && (size[0] !== height || size[1] !== width))
    found.push(
      `${name} was trained on whole images of ${size.join(" x ")} pixels (${data}), and these have ${height} x ${width}`,
    );
  const [low, high] = known === undefined ? noise.estimated : noise.sigma;
  if (sigma < low / tolerance || sigma > high * tolerance) {
    const levels = shownLevels(noise);
    found.push(
      known === undefined
        ? `${name} is for noise of sigma ${levels}, which is estimated at ${shown(low)} to ${shown(high)}; that of these images is estimated at ${shown(sigma)}`
        : `${name} is for noise of sigma ${levels}; that of these images is said to be ${shown(sigma)}`,
    );
  }
  return found;
}

/** None of several models fits. The message has the reasons for those that come closest. */
export class NoFittingModel extends RangeError {
  /** @param reasons of each model, as from `checkFit` */
  constructor(readonly reasons: readonly (readonly string[])[]) {
    super(`no model fits:\n${ofClosest(reasons).join("\n")}`);
  }
}

/** The reasons of those models that have the fewest. */
export function ofClosest(reasons: readonly (readonly string[])[]): string[] {
  const fewest = Math.min(...reasons.map(({ length }) => length));
  return reasons.filter(({ length }) => length === fewest).flat();
}

/**
 * The model that suits images: of those that fit, the one with the narrowest range of noise.
 * @param models with their cards, as from `loadModelAndCard`
 * @returns that model, and a sentence that says which it is and why
 * @throws {NoFittingModel} when none fits, with the reasons for those that come closest
 * @example
 * ```ts no-run
 * import { chooseModel, denoise, type Images, loadModelAndCard } from "image-denoiser";
 *
 * const noisy: Images = { data: new Float32Array(512 * 512), shape: [1, 512, 512, 1] };
 * const loaded = await Promise.all(["models/digits", "models/photographs"].map(loadModelAndCard));
 * const models = loaded.flatMap(({ model, card }) => (card ? [{ model, card }] : []));
 * const { chosen, reason } = chooseModel(models, noisy);
 * console.log(reason);
 * denoise(chosen.model, noisy);
 * ```
 */
export function chooseModel<Model extends { readonly card: ModelCard }>(
  models: readonly Model[],
  images: Images,
  options: ModelFitOptions = {},
): { chosen: Model; reason: string } {
  if (models.length === 0) throw new RangeError("there are no models to choose from");
  const sigma = options.sigma ?? typicalSigma(images);
  const reasons = models.map(({ card }) => misfits(card, images, sigma, options));
  const fitting = models.filter((_, i) => reasons[i].length === 0);
  if (fitting.length === 0) throw new NoFittingModel(reasons);
  const width = ({ card }: Model) => card.noise.estimated[1] - card.noise.estimated[0];
  const chosen = fitting.reduce((best, model) => (width(model) < width(best) ? model : best));
  const { name, trainedOn } = chosen.card;
  const how = options.sigma === undefined ? "estimated at" : "said to be";
  return { chosen, reason: `${name} (trained on ${trainedOn.data}): the noise is ${how} sigma ${shown(sigma)}` };
}

/** The levels of noise that a model is for: "0.02 to 0.2", or "0.5". */
export const shownLevels = ({ sigma }: ModelCard["noise"]): string => [...new Set(sigma)].map(shown).join(" to ");

/** Two digits; rounding errors as 0. */
const shown = (sigma: number): string => String(Number(Number(sigma.toFixed(6)).toPrecision(2)));
