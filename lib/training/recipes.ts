// How the U-Net is trained, as settings with a name: the Keras original's way, ours, and ours with a larger network.
import * as tf from "@tensorflow/tfjs";
import type { Images } from "../data/images";
import { gaussian } from "../noise";
import { earlyStopping, reduceLROnPlateau, warmUpThenDecay } from "./callbacks";
import type { CheckpointOptions } from "./checkpoint";
import type { Pairs } from "./data";
import { fit } from "./fit";
import { logMseAndSsim } from "./losses";
import { checkParameters } from "./parameters";
import type { Callback, History } from "./training-run";

export interface Recipe {
  /** Feature maps of the U-Net; see `unet`. */
  readonly filters: number | readonly [full: number, half: number, quarter: number];
  readonly epochs: number;
  readonly batchSize: number;
  /** The largest that is used. */
  readonly learningRate: number;
  /** "plateau": steady, divided by five when the validation loss stalls. "warm-up and decay": up, then down to zero. */
  readonly schedule: "plateau" | "warm-up and decay";
  readonly loss: "mean squared error" | "log-MSE and SSIM";
  /** How many times 1 - SSIM counts in the second of these losses. */
  readonly ssimWeight: number;
  /** "fixed": drawn once for each image. "online": drawn anew for every epoch. */
  readonly noise: "fixed" | "online";
  /** Share of the training digits kept for validation. */
  readonly validationShare: number;
}

const ours: Recipe = {
  filters: 16,
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
  /** The Keras original's, but for the validation digits, which were its test digits. */
  original: {
    filters: 16,
    epochs: 10,
    batchSize: 256,
    learningRate: 1e-3,
    schedule: "plateau",
    loss: "mean squared error",
    ssimWeight: 0,
    noise: "fixed",
    validationShare: 1 / 60,
  },
  /** As many parameters as the original, and less time than it takes in Keras. */
  default: ours,
  /** Eight times as many parameters, nearly all training digits, SSIM counts twice: most of an hour on two cores. */
  best: {
    ...ours,
    filters: [32, 96, 192],
    epochs: 14,
    learningRate: 5e-3,
    ssimWeight: 2,
    validationShare: 1 / 60,
  },
} satisfies Record<string, Recipe>;

export type RecipeName = keyof typeof recipes;

/**
 * A recipe by its name, with some settings changed.
 * @param changes those that are undefined stay as they are
 * @throws {RangeError} when there is no recipe of that name, or a setting is out of range
 */
export function chooseRecipe(
  name: RecipeName,
  changes: { readonly [Setting in keyof Recipe]?: Recipe[Setting] | undefined } = {},
): Recipe {
  if (!Object.hasOwn(recipes, name))
    throw new RangeError(`there is no recipe ${JSON.stringify(name)}; there are ${Object.keys(recipes).join(", ")}`);
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  const recipe = { ...recipes[name], ...Object.fromEntries(given) };
  checkParameters(recipe);
  return recipe;
}

export interface RecipeData {
  /** Clean training images. */
  readonly train: Images;
  readonly validation: Pairs;
  /** Of the noise; see `gaussian`. */
  readonly sigma: number | readonly [low: number, high: number];
  readonly seed: number;
}

/**
 * Compiles a model and trains it by a recipe. Noise that is drawn once is the same as that of `gaussian` with the
 * stream "training noise".
 * @param callbacks besides those of the recipe
 * @param checkpoint as in `fit`; going on by another recipe, or with another sigma, is refused
 */
export async function fitByRecipe(
  model: tf.LayersModel,
  { epochs, batchSize, learningRate, schedule, loss, ssimWeight, noise }: Omit<Recipe, "filters" | "validationShare">,
  { train, validation, sigma, seed }: RecipeData,
  { callbacks = [], checkpoint }: { callbacks?: Callback[]; checkpoint?: Omit<CheckpointOptions, "settings"> } = {},
): Promise<History> {
  model.compile({
    optimizer: tf.train.adam(learningRate),
    loss:
      loss === "mean squared error"
        ? "meanSquaredError"
        : (clean: tf.Tensor, denoised: tf.Tensor) => logMseAndSsim(clean, denoised, ssimWeight),
  });
  const pairs =
    noise === "online"
      ? {
          clean: train,
          noisy: (clean: Images, seedOfBatch: number) =>
            gaussian(clean, { sigma, seed: seedOfBatch, stream: "online noise" }),
        }
      : { clean: train, noisy: gaussian(train, { sigma, seed, stream: "training noise" }) };
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
    ...(schedule === "warm-up and decay" && { epochs }), // the plan ends with the last of them
  };
  return fit(model, pairs, {
    epochs,
    batchSize,
    validation,
    seed,
    callbacks: [...scheduled, ...callbacks],
    ...(checkpoint && { checkpoint: { ...checkpoint, settings } }),
  });
}
