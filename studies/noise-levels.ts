// Each method at low to high noise levels: the models trained for sigma 0.5, a U-Net trained for all levels, and the
// classical filters, tuned for each level. Scored on validation digits; the test digits are not used.
import * as lib from "../lib";
import { loadDigits, progress, type StudyAnswer, type StudySize } from "./study";

const seed = 42;
/** The smallest that a recipe keeps for validation: no model was trained with any of these digits. */
const validationShare = 1 / 60;

type Denoise = (noisy: lib.Images) => lib.Images;

/** A U-Net trained with noise of every level between the lowest and the highest. */
async function trainForAllLevels(sigmas: readonly number[], { digits, epochs }: StudySize): Promise<Denoise> {
  const recipe = { ...lib.recipes.default, ...(epochs && { epochs }) };
  const { train, validation: clean } = loadDigits({ validationShare: recipe.validationShare, seed }, digits);
  const sigma = [sigmas[0], sigmas[sigmas.length - 1]] as const;
  const validation = { clean, noisy: lib.gaussian(clean, { sigma, seed, stream: "validation noise" }) };
  const model = lib.unet({ filters: recipe.filters, seed });
  await lib.fitByRecipe(model, recipe, { train, validation, sigma, seed }, { callbacks: [progress()] });
  await lib.saveModel(model, `${lib.outputFolder()}/models/unet-all-noise-levels`);
  return (noisy) => lib.denoise(model, noisy);
}

async function trained(notebook: string): Promise<Denoise> {
  const run = await lib.loadTrained(notebook);
  const { sigma, dataset } = run?.results.parameters ?? {};
  if (!run || sigma !== 0.5 || dataset !== "full")
    throw new Error(`${notebook} has not been trained on all digits with sigma 0.5 yet: run npm start first`);
  return (noisy) => lib.denoise(run.model, noisy);
}

/** The digits to tune the classical filters with: as many as in the notebooks. */
const tuningDigits = 200;

/** @throws {Error} when the notebooks' models are not there */
export async function noiseLevels({
  sigmas = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1],
  ...size
}: StudySize & { sigmas?: readonly number[] } = {}): Promise<StudyAnswer> {
  const models: [string, Denoise][] = [
    ["simple autoencoder, for 0.5", await trained("simple-autoencoder")],
    ["U-Net, for 0.5", await trained("unet")],
  ];
  console.error("Training a U-Net for all noise levels");
  models.push([`U-Net, for ${sigmas[0]} to ${sigmas[sigmas.length - 1]}`, await trainForAllLevels(sigmas, size)]);

  const { train, validation: clean } = loadDigits({ validationShare, seed }, size.digits);
  const forTuning = lib.sliceImages(train, 0, Math.min(tuningDigits, train.shape[0]));
  const scores = new Map<string, { psnr: lib.Interval[]; ssim: lib.Interval[] }>();
  for (const sigma of sigmas) {
    console.error(`sigma ${sigma}`);
    const noisy = lib.gaussian(clean, { sigma, seed, stream: "test noise" });
    const tuned = lib.tuneClassical(
      { clean: forTuning, noisy: lib.gaussian(forTuning, { sigma, seed, stream: "tuning noise" }) },
      sigma,
    );
    const methods: [string, Denoise][] = [
      ["noisy", (images) => images],
      ...tuned.map(({ family, denoise }): [string, Denoise] => [family, denoise]),
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
  const figure = lib.noiseLevelFigure(sigmas, methods, "Denoising at different noise levels");
  const table: lib.Table = {
    columns: ["PSNR in dB at sigma", ...sigmas.map(String)],
    rows: methods.map(({ name, psnr }) => [name, ...psnr.map(({ mean }) => mean.toFixed(2))]),
  };
  const result = { seed, digits: clean.shape[0], sigmas, methods };
  return { result, table, images: { "noise-levels": lib.staticSvg(figure) } };
}
