// What it costs to have no clean images: the same U-Net trained with equally many steps from clean images and from noisy
// ones alone, with several seeds; and classical filters. Scored on validation digits; the test digits are not used.
import * as lib from "../lib";
import { formatNumber } from "../lib/numbers";
import { loadDigits, progress, type StudyAnswer, type StudySize } from "./study";

const sigma = 0.5;
const clip = false;
/** Of the split, and of the noise that is scored: the same for all trainings. */
const seed = 42;
/** The digits to tune the classical filters with. */
const tuningDigits = 100;

const names = {
  clean: "clean images",
  noise2noise: "Noise2Noise: two noisy versions of each image",
  sure: "SURE: noisy images and their sigma",
  noise2self: "Noise2Self: noisy images",
  noise2void: "Noise2Void: noisy images",
} as const satisfies Record<lib.Supervision, string>;

/** Means over the digits, of one training. */
interface Score {
  readonly seed: number;
  readonly psnr: number;
  readonly ssim: number;
  readonly seconds: number;
}

export interface SupervisionOptions extends StudySize {
  /** Of initial weights, training noise and order. */
  readonly seeds?: readonly number[];
  readonly supervisions?: readonly lib.Supervision[];
}

export async function supervisionStudy({
  epochs = 3,
  seeds = [42, 43, 44],
  supervisions = Object.keys(names) as lib.Supervision[],
  digits,
}: SupervisionOptions = {}): Promise<StudyAnswer> {
  const { validationShare } = lib.recipes.default;
  const { train, validation: clean } = loadDigits({ validationShare, seed }, digits);
  const noisy = lib.gaussian(clean, { sigma, seed, stream: "test noise", clip });
  const few = (images: lib.Images) => lib.sliceImages(images, 0, Math.min(500, images.shape[0]));
  const validation = { clean: few(clean), noisy: few(noisy) };
  const meanPsnr = (denoised: lib.Images) => lib.bootstrapMean(lib.psnr(clean, denoised)).mean;

  const trained: { supervision: lib.Supervision; scores: Score[] }[] = [];
  for (const supervision of supervisions) {
    // the mean squared error also with clean images: what the others estimate
    const recipe = lib.chooseRecipe("default", { epochs, supervision, loss: "mean squared error" });
    const scores: Score[] = [];
    for (const seed of seeds) {
      console.error(`${names[supervision]}, seed ${seed}`);
      const model = lib.unet({ filters: recipe.filters, seed });
      const data = { train, validation, sigma, seed, clip };
      const { seconds } = await lib.fitByRecipe(model, recipe, data, { callbacks: [progress()] });
      const denoised = lib.denoise(model, noisy);
      const ssim = lib.bootstrapMean(lib.ssim(clean, denoised)).mean;
      scores.push({ seed, psnr: meanPsnr(denoised), ssim, seconds });
    }
    trained.push({ supervision, scores });
  }

  const tuning = lib.sliceImages(train, 0, Math.min(tuningDigits, train.shape[0]));
  const pairs = { clean: tuning, noisy: lib.gaussian(tuning, { sigma, seed, stream: "tuning noise", clip }) };
  const classical = lib
    .tuneClassical(pairs, sigma, { clipped: false })
    .map(({ name, denoise }) => ({ name, psnr: meanPsnr(denoise(noisy)) }));

  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const psnrOf = ({ scores }: (typeof trained)[number]) => scores.map(({ psnr }) => psnr);
  const best = Math.max(...classical.map(({ psnr }) => psnr));
  const reference = mean(psnrOf(trained[0]));
  const table: lib.Table = {
    columns: [
      `sigma ${sigma}, ${epochs} epoch${epochs === 1 ? "" : "s"}, ${seeds.length} seeds`,
      "PSNR, dB",
      "lowest to highest",
      `minus ${names[supervisions[0]]}`,
      "minus best classical",
    ],
    rows: [
      ["noisy", meanPsnr(noisy).toFixed(2), "", "", ""],
      ...classical.map(({ name, psnr }) => [name, psnr.toFixed(2), "", "", ""]),
      ...trained.map((training) => {
        const psnr = psnrOf(training);
        const difference = (from: number) => `${mean(psnr) > from ? "+" : ""}${formatNumber(mean(psnr) - from, 2)}`;
        return [
          `U-Net, ${names[training.supervision]}`,
          mean(psnr).toFixed(2),
          `${Math.min(...psnr).toFixed(2)} to ${Math.max(...psnr).toFixed(2)}`,
          training === trained[0] ? "" : difference(reference),
          difference(best),
        ];
      }),
    ],
  };
  return { result: { sigma, clip, epochs, seeds, digits: clean.shape[0], classical, trained }, table };
}
