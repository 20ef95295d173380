// One U-Net for all levels of Gaussian noise beside one for each level, with as many steps as each of these and with as many
// as all of them; and the best classical filter. Scored on validation digits; the test digits are not used.
import * as lib from "../lib";
import { loadDigits, progress, type StudyAnswer, type StudySize } from "./study";

const seed = 42;
const clip = false;
/** The digits to tune the classical filters with. */
const tuningDigits = 100;

export interface NoiseLevelsOptions extends StudySize {
  readonly sigmas?: readonly number[];
}

export async function noiseLevels({
  sigmas = [0.2, 0.35, 0.5, 0.65, 0.8],
  epochs = 1,
  digits,
}: NoiseLevelsOptions = {}): Promise<StudyAnswer> {
  const recipe = lib.chooseRecipe("default", { epochs, attention: "none" });
  const { train, validation: clean } = loadDigits({ validationShare: recipe.validationShare, seed }, digits);
  const heldOut = lib.sliceImages(clean, 0, Math.min(500, clean.shape[0]));
  const trained = async (
    name: string,
    sigma: lib.NoiseLevel,
    { passes = epochs, network }: { passes?: number; network?: lib.UnetOptions } = {},
  ): Promise<lib.tf.LayersModel> => {
    console.error(name);
    const model = lib.unet({ filters: recipe.filters, attention: recipe.attention, seed, ...network });
    const noisy = lib.gaussian(heldOut, { sigma, seed, stream: "noise while training", clip });
    const data = { train, validation: { clean: heldOut, noisy }, sigma, seed, clip };
    await lib.fitByRecipe(model, { ...recipe, epochs: passes }, data, { callbacks: [progress()] });
    return model;
  };
  const specialists = new Map<number, lib.tf.LayersModel>();
  for (const sigma of sigmas) specialists.set(sigma, await trained(`U-Net for sigma ${sigma}`, sigma));
  const range = [sigmas[0], sigmas[sigmas.length - 1]] as const;
  const levels = `${range[0]} to ${range[1]}`;
  const told = { noiseLevelMap: true };
  const together = epochs * sigmas.length;
  const blind = await trained(`U-Net for ${levels}`, range);
  const withMap = await trained(`U-Net for ${levels}, told the level`, range, { network: told });
  const longer = await trained(`U-Net for ${levels}, ${together} epochs`, range, { passes: together });
  const longerWithMap = await trained(`U-Net for ${levels}, told the level, ${together} epochs`, range, {
    passes: together,
    network: told,
  });

  const tuning = lib.sliceImages(train, 0, Math.min(tuningDigits, train.shape[0]));
  const classical: lib.LevelMethod["denoise"] = (noisy, sigma) => {
    const pairs = { clean: tuning, noisy: lib.gaussian(tuning, { sigma, seed, stream: "tuning noise", clip }) };
    return lib.bestClassical(pairs, sigma, { clipped: false }).denoise(noisy);
  };
  const methods: lib.LevelMethod[] = [
    { name: "best classical filter, tuned for each level", denoise: classical },
    { name: "U-Net for each level", denoise: (noisy, sigma) => lib.denoise(specialists.get(sigma)!, noisy) },
    { name: `one U-Net for ${levels}`, denoise: (noisy) => lib.denoise(blind, noisy) },
    { name: "the same, told the level", denoise: (noisy, sigma) => lib.denoise(withMap, noisy, { sigma }) },
    { name: "the same, the level estimated", denoise: (noisy) => lib.denoise(withMap, noisy) },
    { name: `one U-Net for ${levels}, ${together} epochs`, denoise: (noisy) => lib.denoise(longer, noisy) },
    { name: "the same, told the level", denoise: (noisy, sigma) => lib.denoise(longerWithMap, noisy, { sigma }) },
    { name: "the same, the level estimated", denoise: (noisy) => lib.denoise(longerWithMap, noisy) },
  ];
  const scores = lib.scoreLevels(clean, sigmas, methods, (sigma) =>
    lib.gaussian(clean, { sigma, seed, stream: "test noise", clip }),
  );
  const table: lib.Table = {
    columns: [`PSNR in dB, ${epochs} epoch${epochs === 1 ? "" : "s"}, at sigma`, ...sigmas.map(String)],
    rows: scores.map(({ name, psnr }) => [name, ...psnr.map(({ mean }) => mean.toFixed(2))]),
  };
  return { result: { seed, epochs, clip, digits: clean.shape[0], sigmas, methods: scores }, table };
}
