// How each method copes with more and less noise than it was made for: the trained models, one U-Net that was trained on
// all of it, and the classical filters, tuned anew for each. On validation digits; the test digits are not touched.
import * as lib from "../lib";

const sigmas = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];
const seed = 42;
/** Of which no model has learned anything: the validation digits of the smallest share that a recipe keeps. */
const share = 1 / 60;

type Denoise = (noisy: lib.Images) => lib.Images;

async function trainBlind(): Promise<lib.tf.LayersModel> {
  const recipe = lib.recipes.default;
  const mnist = lib.loadMnist({ validationShare: recipe.validationShare, seed });
  const sigma = [sigmas[0], sigmas[sigmas.length - 1]] as const;
  const validation = {
    clean: mnist.validation,
    noisy: lib.gaussian(mnist.validation, { sigma, seed, stream: "validation noise" }),
  };
  const model = lib.unet({ filters: recipe.filters, seed });
  await lib.fitByRecipe(
    model,
    recipe,
    { train: mnist.train, validation, sigma, seed },
    { callbacks: [lib.terminalProgress()] },
  );
  await lib.saveModel(model, `${lib.outputFolder()}/models/unet-blind`);
  return model;
}

async function trained(notebook: string): Promise<Denoise> {
  const run = await lib.loadTrained(notebook);
  const { sigma, dataset } = run?.results.parameters ?? {};
  if (!run || sigma !== 0.5 || dataset !== "full")
    throw new Error(`${notebook} has not been trained on all digits with sigma 0.5 yet: run npm start first`);
  return (noisy) => lib.denoise(run.model, noisy);
}

async function main(): Promise<void> {
  const models: [string, Denoise][] = [
    ["simple autoencoder, for 0.5", await trained("simple-autoencoder")],
    ["U-Net, for 0.5", await trained("unet")],
  ];
  console.error("Training a U-Net for all of it");
  const blind = await trainBlind();
  models.push(["U-Net, for 0.1 to 1", (noisy) => lib.denoise(blind, noisy)]);

  const { train, validation: clean } = lib.loadMnist({ validationShare: share, seed });
  const forTuning = lib.sliceImages(train, 0, 200);
  const scores = new Map<string, { psnr: lib.Interval[]; ssim: lib.Interval[] }>();
  for (const sigma of sigmas) {
    console.error(`sigma ${sigma}`);
    const noisy = lib.gaussian(clean, { sigma, seed, stream: "test noise" });
    const tuned = lib.tuneClassical(
      { clean: forTuning, noisy: lib.gaussian(forTuning, { sigma, seed, stream: "tuning noise" }) },
      sigma,
    );
    const families = ["mean", "Gaussian", "median", "total variation", "non-local means"];
    const methods: [string, Denoise][] = [
      ["noisy", (images) => images],
      ...tuned.map(({ denoise }, i): [string, Denoise] => [families[i], denoise]),
      ...models,
    ];
    for (const [name, denoise] of methods) {
      const own = scores.get(name) ?? { psnr: [], ssim: [] };
      const denoised = denoise(noisy);
      own.psnr.push(lib.bootstrapMean(lib.psnr(clean, denoised)));
      own.ssim.push(lib.bootstrapMean(lib.ssim(clean, denoised)));
      scores.set(name, own);
    }
  }
  const methods = [...scores].map(([name, values]) => ({ name, ...values }));
  const figure = lib.noiseLevelFigure(sigmas, methods, "Denoising more and less noise");
  const table: lib.Table = {
    columns: ["PSNR in dB at sigma", ...sigmas.map(String)],
    rows: methods.map(({ name, psnr }) => [name, ...psnr.map(({ mean }) => mean.toFixed(2))]),
  };
  const result = { seed, digits: clean.shape[0], sigmas, methods };
  const words = { text: lib.tableText(table), markdown: lib.tableMarkdown(table) };
  process.stdout.write(JSON.stringify({ result, ...words, pictures: { "noise-levels": lib.staticSvg(figure) } }));
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
