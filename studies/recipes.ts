// The U-Net's other recipes, each trained to its end and scored on the test digits: the original's, as a check that it
// gives what the original gives, and the best.
import * as lib from "../lib";

const sigma = 0.5;
const seed = 42;

async function main(): Promise<void> {
  const rows = [];
  for (const name of ["original", "best"] as const) {
    const recipe = lib.chooseRecipe(name);
    console.error(`${name}: ${recipe.epochs} epochs`);
    const mnist = lib.loadMnist({ validationShare: recipe.validationShare, seed });
    const noisy = (clean: lib.Images, seedOfNoise: number) => lib.gaussian(clean, { sigma, seed: seedOfNoise });
    const validation = { clean: mnist.validation, noisy: noisy(mnist.validation, seed + 2) };
    const model = lib.unet({ filters: recipe.filters, seed });
    const report = {
      onEpochEnd: ({ epoch, valLoss, seconds }: lib.Epoch) =>
        console.error(`  epoch ${epoch}: validation loss ${valLoss.toFixed(4)}, ${seconds.toFixed(0)} s`),
    };
    const data = { train: mnist.train, validation, sigma, seed };
    const history = await lib.fitByRecipe(model, recipe, data, { callbacks: [report] });
    const scores = lib.scoreImages(mnist.test, lib.denoise(model, noisy(mnist.test, seed + 3)));
    await lib.saveModel(model, `${lib.outputFolder()}/models/unet-${name}`);
    rows.push({
      name,
      recipe,
      parameters: model.countParams(),
      seconds: history.seconds,
      history: history.epochs,
      test: lib.summarize(scores),
    });
  }
  const table: lib.Table = {
    columns: ["recipe", "parameters", "PSNR, dB (95 % interval)", "SSIM (95 % interval)", "training"],
    rows: rows.map(({ name, parameters, test, seconds }) => [
      name,
      parameters.toLocaleString("en-US"),
      lib.formatInterval(test.psnr, 2),
      lib.formatInterval(test.ssim, 4),
      `${(seconds / 60).toFixed(1)} min`,
    ]),
  };
  process.stdout.write(
    JSON.stringify({
      result: { sigma, seed, rows },
      text: lib.tableText(table),
      markdown: lib.tableMarkdown(table),
    }),
  );
}

main();
