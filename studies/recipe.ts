// Trains the U-Net by a recipe other than the notebook's default and scores it once on the test digits: `original`
// reproduces the Keras original, `best` is a larger network. After an interruption the same command resumes the training.
import fs from "node:fs";
import * as lib from "../lib";
import { loadDigits, progress, type StudyAnswer, type StudySize } from "./study";

const sigma = 0.5;
const seed = 42;
/** From the README of the original, which validates on its test digits. */
const published = { psnr: 20.96, ssim: 0.8371 };

export async function recipeStudy(name: "original" | "best", { digits, epochs }: StudySize = {}): Promise<StudyAnswer> {
  const recipe = lib.chooseRecipe(name, { epochs });
  const mnist = loadDigits({ validationShare: recipe.validationShare, seed }, digits);
  const noisy = (clean: lib.Images, stream: string) => lib.gaussian(clean, { sigma, seed, stream });
  const validation = { clean: mnist.validation, noisy: noisy(mnist.validation, "validation noise") };
  const model = lib.unet({ filters: recipe.filters, seed });
  const data = { train: mnist.train, validation, sigma, seed };
  const saved = `${lib.outputFolder()}/models/unet-${name}`;
  const checkpoint = { file: `${saved}.checkpoint`, resume: true };
  const history = await lib.fitByRecipe(model, recipe, data, { callbacks: [progress()], checkpoint });
  await lib.saveModel(model, saved);
  fs.rmSync(checkpoint.file);
  const test = { clean: mnist.test, noisy: noisy(mnist.test, "test noise") };
  const summary = (denoised: lib.Images) => lib.summarize(lib.scoreImages(test.clean, denoised));
  const scores = summary(lib.denoise(model, test.noisy));
  const shifted = name === "best" ? summary(lib.denoiseAugmented(model, test.noisy, lib.fiveShifts)) : undefined;
  const parameters = model.countParams();
  const row = ({ psnr, ssim }: lib.Scores) => [lib.formatInterval(psnr, 2), lib.formatInterval(ssim, 4)];
  const minutes = `${(history.seconds / 60).toFixed(1)} min`;
  const table: lib.Table = {
    columns: [
      `${mnist.test.shape[0].toLocaleString("en-US")} test digits`,
      "PSNR, dB (95 % interval)",
      "SSIM (95 % interval)",
      "parameters",
      "training",
    ],
    rows: [
      [`U-Net, recipe "${name}"`, ...row(scores), parameters.toLocaleString("en"), minutes],
      ...(shifted ? [["the same, test-time augmentation with five shifts", ...row(shifted), "", ""]] : []),
      ...(name === "original"
        ? [["the original's README", published.psnr.toFixed(2), published.ssim.toFixed(4), "", ""]]
        : []),
    ],
  };
  const result = {
    sigma,
    seed,
    recipe,
    parameters,
    ...(name === "original" && { published }),
    test: scores,
    ...(shifted && { testShifted: shifted }),
    seconds: history.seconds,
    history: history.epochs,
  };
  return { result, table };
}
