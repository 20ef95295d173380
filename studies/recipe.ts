// Trains the U-Net by a recipe and scores it once on the test digits: `original` reproduces the Keras original, `best` is a
// larger network, `default` shows what the notebook's recipe reaches with several seeds, and with the original's network.
// After an interruption the same command resumes the training.
import fs from "node:fs";
import * as lib from "../lib";
import { loadDigits, progress, type StudyAnswer, type StudySize } from "./study";

const sigma = 0.5;
/** Of the split, and of the noise that is scored: the same for all trainings. */
const seed = 42;
/** From the README of the original, which validates on its test digits. */
const published = { psnr: 20.96, ssim: 0.8371 };

/** What is trained: a recipe with a seed. */
interface Line {
  readonly name: string;
  readonly recipe: lib.RecipeName;
  readonly changes?: Parameters<typeof lib.chooseRecipe>[1];
  /** Of initial weights, training noise and order. */
  readonly seed?: number;
  /** Whether it is also scored with test-time augmentation. */
  readonly shifted?: boolean;
}

const lines = {
  original: [{ name: 'U-Net, recipe "original"', recipe: "original" }],
  default: [
    ...[42, 43, 44].map((seed): Line => ({ name: `U-Net, recipe "default", seed ${seed}`, recipe: "default", seed })),
    { name: "the original's network by this recipe, seed 42", recipe: "default", changes: { attention: "none" } },
  ],
  best: [{ name: 'U-Net, recipe "best"', recipe: "best", shifted: true }],
} as const satisfies Record<string, readonly Line[]>;

export async function recipeStudy(study: keyof typeof lines, size: StudySize = {}): Promise<StudyAnswer> {
  const models = (lines[study] as readonly Line[]).map((line, i, { length }) => ({
    line,
    saved: `${lib.outputFolder()}/models/unet-${study}${length > 1 ? `-${i + 1}` : ""}`,
  }));
  const trained = [];
  for (const { line, saved } of models) trained.push(await train(line, saved, size));
  for (const { saved } of models) fs.rmSync(checkpointOf(saved));
  const row = ({ psnr, ssim }: lib.Scores) => [lib.formatInterval(psnr, 2), lib.formatInterval(ssim, 4)];
  const [{ digits }] = trained;
  const table: lib.Table = {
    columns: [
      `${digits.toLocaleString("en-US")} test digits`,
      "PSNR, dB (95 % interval)",
      "SSIM (95 % interval)",
      "parameters",
      "training",
    ],
    rows: [
      ...trained.flatMap(({ name, parameters, test, testShifted, seconds }) => [
        [name, ...row(test), parameters.toLocaleString("en-US"), `${(seconds / 60).toFixed(1)} min`],
        ...(testShifted ? [["the same, test-time augmentation with five shifts", ...row(testShifted), "", ""]] : []),
      ]),
      ...(study === "original"
        ? [["the original's README", published.psnr.toFixed(2), published.ssim.toFixed(4), "", ""]]
        : []),
    ],
  };
  return { result: { sigma, ...(study === "original" && { published }), trained }, table };
}

/** Kept until all of the study's trainings are done, so that none of them is done again. */
const checkpointOf = (saved: string) => `${saved}.checkpoint`;

async function train(line: Line, saved: string, { digits, epochs }: StudySize) {
  const { name, changes, seed: own = seed, shifted } = line;
  console.error(name);
  const recipe = lib.chooseRecipe(line.recipe, { ...changes, epochs });
  const mnist = loadDigits({ validationShare: recipe.validationShare, seed }, digits);
  const noisy = (clean: lib.Images, stream: string) => lib.gaussian(clean, { sigma, seed, stream });
  const validation = { clean: mnist.validation, noisy: noisy(mnist.validation, "validation noise") };
  const model = lib.unet({ filters: recipe.filters, attention: recipe.attention, seed: own });
  const data = { train: mnist.train, validation, sigma, seed: own };
  const checkpoint = { file: checkpointOf(saved), resume: true };
  const history = await lib.fitByRecipe(model, recipe, data, { callbacks: [progress()], checkpoint });
  await lib.saveModel(model, saved);
  const test = { clean: mnist.test, noisy: noisy(mnist.test, "test noise") };
  const summary = (denoised: lib.Images) => lib.summarize(lib.scoreImages(test.clean, denoised));
  return {
    ...{ name, seed: own, recipe, parameters: model.countParams(), digits: mnist.test.shape[0] },
    test: summary(lib.denoise(model, test.noisy)),
    ...(shifted && { testShifted: summary(lib.denoiseAugmented(model, test.noisy, lib.fiveShifts)) }),
    seconds: history.seconds,
    history: history.epochs,
  };
}
