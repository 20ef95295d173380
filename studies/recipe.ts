// The U-Net by a recipe that is not the notebook's default, trained to its end and scored once on the test digits.
// `original`: does it give what the Keras original gives? `best`: what does a larger network give?
// A training that was interrupted goes on where it stood when the same study is asked for again.
import fs from "node:fs";
import * as lib from "../lib";

const sigma = 0.5;
const seed = 42;
/** From the README of the original, which validates on its test digits. */
const published = { psnr: 20.96, ssim: 0.8371 };

async function main(name: "original" | "best"): Promise<void> {
  const recipe = lib.chooseRecipe(name);
  const mnist = lib.loadMnist({ validationShare: recipe.validationShare, seed });
  const noisy = (clean: lib.Images, stream: string) => lib.gaussian(clean, { sigma, seed, stream });
  const validation = { clean: mnist.validation, noisy: noisy(mnist.validation, "validation noise") };
  const model = lib.unet({ filters: recipe.filters, seed });
  const data = { train: mnist.train, validation, sigma, seed };
  const saved = `${lib.outputFolder()}/models/unet-${name}`;
  const checkpoint = { file: `${saved}.checkpoint`, resume: true };
  const callbacks = [lib.terminalProgress()];
  const history = await lib.fitByRecipe(model, recipe, data, { callbacks, checkpoint });
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
    columns: ["10,000 test digits", "PSNR, dB (95 % interval)", "SSIM (95 % interval)", "parameters", "training"],
    rows: [
      [`U-Net, recipe "${name}"`, ...row(scores), parameters.toLocaleString("en"), minutes],
      ...(shifted ? [["the same, mean of five shifts", ...row(shifted), "", ""]] : []),
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
  process.stdout.write(JSON.stringify({ result, text: lib.tableText(table), markdown: lib.tableMarkdown(table) }));
}

main(process.argv[2] as "original" | "best");
