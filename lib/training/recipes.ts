// Recipes: named settings for training the U-Net. The Keras original's, ours, and ours with a larger network.
import * as tf from "@tensorflow/tfjs";
import type { Images } from "../data/images";
import type { ImageSource } from "../data/patches";
import { gaussian } from "../noise/gaussian";
import { type NoiseKind, type NoiseLevel, noiseModel } from "../noise/kinds";
import { takesLevelMap } from "../noise/level-map";
import { earlyStopping, reduceLROnPlateau, warmUpThenDecay } from "./callbacks";
import type { OnlineNoise, TrainingData } from "./data";
import { type FitOptions, fit } from "./fit";
import { logMseAndSsim } from "./losses";
import { type Choice, checkParameters } from "./parameters";
import type { History } from "./training-run";

export interface Recipe {
  /** Channels of the U-Net; see `unet`. */
  readonly filters: number | readonly [full: number, half: number, quarter: number];
  /** Whether the U-Net has self-attention; see `unet`. */
  readonly attention: Choice<"attention">;
  readonly epochs: number;
  readonly batchSize: number;
  /** The highest of the training. */
  readonly learningRate: number;
  /** "plateau": constant, divided by five when the validation loss stalls. "warm-up and decay": see `warmUpThenDecay`. */
  readonly schedule: Choice<"schedule">;
  readonly loss: Choice<"loss">;
  /** The weight of 1 - SSIM in the second of these losses. */
  readonly ssimWeight: number;
  /** "fixed": drawn once for each image. "online": drawn anew for every epoch. */
  readonly noise: Choice<"noise">;
  /**
   * What the model learns from; see `fit`. "clean" if not given. Without clean targets, the loss is the mean squared error,
   * and noisy values are not clipped.
   */
  readonly supervision?: Choice<"supervision">;
  /** Share of the training digits kept for validation. */
  readonly validationShare: number;
}

const ours: Recipe = {
  filters: 16,
  attention: "layer",
  epochs: 12,
  batchSize: 64,
  learningRate: 8e-3,
  schedule: "warm-up and decay",
  loss: "log-MSE and SSIM",
  ssimWeight: 1,
  noise: "online",
  validationShare: 1 / 12,
};

export const recipes = {
  /** The Keras original's, except that it validates on its test digits. */
  original: {
    filters: 16,
    attention: "none",
    epochs: 10,
    batchSize: 256,
    learningRate: 1e-3,
    schedule: "plateau",
    loss: "mean squared error",
    ssimWeight: 0,
    noise: "fixed",
    validationShare: 1 / 60,
  },
  /** The original's network with self-attention: a sixth more parameters. */
  default: ours,
  /** Eight times as many parameters, nearly all training digits, SSIM weighted twice: 50 minutes on two cores. */
  best: {
    ...ours,
    filters: [32, 96, 192],
    attention: "none",
    epochs: 14,
    learningRate: 5e-3,
    ssimWeight: 2,
    validationShare: 1 / 60,
  },
} satisfies Record<string, Recipe>;

export type RecipeName = keyof typeof recipes;

/**
 * A recipe by its name, with some settings changed.
 * @param changes those that are undefined keep the recipe's value. With a supervision other than "clean", the loss becomes
 *   the mean squared error
 * @throws {RangeError} when there is no recipe of that name, or a setting is out of range
 * @example
 * ```ts
 * import { chooseRecipe } from "image-denoiser";
 *
 * const { epochs, noise } = chooseRecipe("default", { epochs: 3 });
 * [epochs, noise] // [ 3, 'online' ]
 * ```
 */
export function chooseRecipe(
  name: RecipeName,
  changes: { readonly [Setting in keyof Recipe]?: Recipe[Setting] | undefined } = {},
): Recipe {
  if (!Object.hasOwn(recipes, name))
    throw new RangeError(`there is no recipe ${JSON.stringify(name)}; there are ${Object.keys(recipes).join(", ")}`);
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  const withoutClean = (changes.supervision ?? "clean") !== "clean";
  const loss = withoutClean ? { loss: "mean squared error" as const } : {};
  const recipe: Recipe = { ...recipes[name], ...loss, ...Object.fromEntries(given) };
  checkParameters(recipe);
  return recipe;
}

export interface RecipeData {
  /**
   * Clean training images, or `patches` of pictures in files, which need online noise. Or images or patches that are noisy
   * already, for a supervision that takes these alone: then no noise is added.
   */
  readonly train: Images | ImageSource | { readonly noisy: Images | ImageSource };
  /** With clean images where there are any; see `fit`. */
  readonly validation: FitOptions["validation"];
  /** Standard deviation of the noise, or its range; see `noiseModel` for what it means for other kinds than Gaussian. */
  readonly sigma: NoiseLevel;
  /** "gaussian" if not given; of several kinds, each image gets one. For other noise, `fit` takes any noise model. */
  readonly noiseKind?: NoiseKind | readonly NoiseKind[];
  /** Whether noisy values are clipped to [0, 1]. By default they are if the model learns from clean images, else not. */
  readonly clip?: boolean;
  /** Of the noise and the order of the images. */
  readonly seed: number;
}

/** As in `fit`: callbacks besides those of the recipe, and a checkpoint, which is not resumed with another recipe or noise. */
export type RecipeFitOptions = Pick<FitOptions, "callbacks" | "checkpoint" | "signal">;

/**
 * Compiles a model and trains it by a recipe. Fixed noise is that of `noiseModel` with the stream "training noise".
 * @param model [n, height, width, channels] -> the same shape, as from `unet`
 * @throws {RangeError} when a setting is out of range, patches are to have fixed noise, or the supervision does not fit the
 *   loss, the schedule or the noise
 * @example
 * ```ts
 * import { chooseRecipe, fitByRecipe, gaussian, unet } from "image-denoiser";
 *
 * const train = { data: new Float32Array(4 * 784), shape: [4, 28, 28, 1] as const };
 * const noisy = gaussian(train, { sigma: 0.5, seed: 42, stream: "validation noise" });
 * const data = { train, validation: { clean: train, noisy }, sigma: 0.5, seed: 42 };
 * const history = await fitByRecipe(unet({ filters: 4 }), chooseRecipe("default", { epochs: 1 }), data);
 * history.epochs.length // 1
 * ```
 */
export async function fitByRecipe(
  model: tf.LayersModel,
  recipe: Omit<Recipe, "filters" | "attention" | "validationShare">,
  data: RecipeData,
  { callbacks = [], checkpoint, signal }: RecipeFitOptions = {},
): Promise<History> {
  const { epochs, batchSize, learningRate, schedule, loss, ssimWeight, noise, supervision = "clean" } = recipe;
  checkParameters({ epochs, batchSize, learningRate, schedule, loss, ssimWeight, noise, supervision });
  if (supervision !== "clean" && loss !== "mean squared error")
    throw new RangeError(`${supervision} needs the loss "mean squared error": "${loss}" is for clean targets`);
  const { validation, sigma, noiseKind = "gaussian", clip = supervision === "clean", seed } = data;
  const levelMap = takesLevelMap(model);
  const train = trainingData(data, { noise, supervision, noiseKind, clip, levelMap });
  model.compile({
    optimizer: tf.train.adam(learningRate),
    loss:
      loss === "mean squared error"
        ? "meanSquaredError"
        : (clean: tf.Tensor, denoised: tf.Tensor) => logMseAndSsim(clean, denoised, ssimWeight),
  });
  const scheduled =
    schedule === "plateau"
      ? [earlyStopping({ patience: 10 }), reduceLROnPlateau({ factor: 0.2, patience: 5, minLearningRate: 1e-5 })]
      : [warmUpThenDecay({ peak: learningRate })];
  const settings = {
    schedule,
    loss,
    ssimWeight,
    noise,
    learningRate,
    sigma: String(sigma),
    ...(noiseKind !== "gaussian" && { noiseKind: String(noiseKind) }),
    ...(!clip && { clip }),
    ...(schedule === "warm-up and decay" && { epochs }), // the schedule depends on their number
  };
  return fit(model, train, {
    ...{ epochs, batchSize, validation, seed, supervision },
    callbacks: [...scheduled, ...callbacks],
    ...(signal && { signal }),
    ...(checkpoint && { checkpoint: { ...checkpoint, settings: { ...settings, ...checkpoint.settings } } }),
  });
}

type NoiseOfTraining = Required<Pick<Recipe, "noise" | "supervision"> & Pick<RecipeData, "noiseKind" | "clip">> & {
  readonly levelMap: boolean;
};

function trainingData(
  { train, sigma, seed }: RecipeData,
  { noise, supervision, noiseKind, clip, levelMap }: NoiseOfTraining,
): TrainingData {
  if ("noisy" in train) return typeof sigma === "number" ? { ...train, sigma } : train;
  const settings = { kind: noiseKind, sigma };
  if (noise === "online") {
    if (noiseKind !== "gaussian" || supervision !== "clean" || levelMap) return { clean: train, noise: settings, clip };
    // for whole batches, whose seeds come from the training's
    const noisy: OnlineNoise["noisy"] = (clean, seedOfBatch) =>
      gaussian(clean, { sigma, clip, seed: seedOfBatch, stream: "online noise" });
    return { clean: train, noisy };
  }
  if ("images" in train)
    throw new RangeError('patches are others in each epoch, so their noise cannot be fixed: choose noise "online"');
  if (supervision === "sure" && (noiseKind !== "gaussian" || clip))
    throw new RangeError("SURE is for Gaussian noise that is not clipped");
  const drawn = (stream: string) => noiseModel(settings)(train, { clip, seed, stream });
  const noisy = drawn("training noise");
  if (supervision === "clean") return { clean: train, noisy, ...(typeof sigma === "number" && { sigma }) };
  if (supervision === "noise2noise") return { inputs: noisy, targets: drawn("training noise of targets") };
  return typeof sigma === "number" ? { noisy, sigma } : { noisy };
}
