// The U-Net by the Keras original's recipe, trained to its end and scored on the test digits: does it give what the
// original gives?
import * as lib from "../lib";

const sigma = 0.5;
const seed = 42;
/** From the README of the original, which validates on its test digits. */
const published = { psnr: 20.96, ssim: 0.8371 };

async function main(): Promise<void> {
  const recipe = lib.chooseRecipe("original");
  const mnist = lib.loadMnist({ validationShare: recipe.validationShare, seed });
  const noisy = (clean: lib.Images, seedOfNoise: number) => lib.gaussian(clean, { sigma, seed: seedOfNoise });
  const validation = { clean: mnist.validation, noisy: noisy(mnist.validation, seed + 2) };
  const model = lib.unet({ filters: recipe.filters, seed });
  const report = {
    onEpochEnd: ({ epoch, valLoss, seconds }: lib.Epoch) =>
      console.error(
        `epoch ${epoch} of ${recipe.epochs}: validation loss ${valLoss.toFixed(5)}, ${seconds.toFixed(0)} s`,
      ),
  };
  const data = { train: mnist.train, validation, sigma, seed };
  const history = await lib.fitByRecipe(model, recipe, data, { callbacks: [report] });
  const scores = lib.summarize(lib.scoreImages(mnist.test, lib.denoise(model, noisy(mnist.test, seed + 3))));
  const table: lib.Table = {
    columns: ["U-Net, the original's recipe, 10,000 test digits", "PSNR, dB (95 % interval)", "SSIM (95 % interval)"],
    rows: [
      ["here", lib.formatInterval(scores.psnr, 2), lib.formatInterval(scores.ssim, 4)],
      ["the original's README", published.psnr.toFixed(2), published.ssim.toFixed(4)],
    ],
  };
  const result = { sigma, seed, recipe, published, test: scores, seconds: history.seconds, history: history.epochs };
  process.stdout.write(JSON.stringify({ result, text: lib.tableText(table), markdown: lib.tableMarkdown(table) }));
}

main();
