// What it costs to have no clean images: the same U-Net trained with equally many steps from clean images and from noisy
// ones alone, with several seeds; and classical filters. Scored on validation digits; the test digits are not used.
import * as lib from "../lib";
import { formatNumber } from "../lib/numbers";
import { loadDigits, mean, progress, type SeededStudySize, type StudyAnswer } from "./study";

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

const blindSpots: readonly lib.Supervision[] = ["noise2self", "noise2void"];

/** Over the digits. */
interface Means {
  readonly psnr: number;
  readonly ssim: number;
}

/** Of one training. */
interface Score extends Means {
  readonly seed: number;
  readonly seconds: number;
  /** After training with blind spots: with each pixel's own noisy value added. */
  readonly withOwnPixels?: Means;
}

export interface SupervisionResult {
  readonly sigma: number;
  readonly clip: boolean;
  readonly epochs: number;
  readonly seeds: readonly number[];
  readonly digits: number;
  readonly noisy: Means;
  readonly classical: readonly ({ readonly name: string } & Means)[];
  readonly trained: readonly { readonly supervision: lib.Supervision; readonly scores: readonly Score[] }[];
}

export async function supervisionStudy({
  epochs = 1,
  seeds = [42, 43, 44],
  digits,
}: SeededStudySize = {}): Promise<StudyAnswer> {
  const { validationShare } = lib.recipes.default;
  const { train, validation: clean } = loadDigits({ validationShare, seed }, digits);
  const noisy = lib.gaussian(clean, { sigma, seed, stream: "test noise", clip });
  const few = (images: lib.Images) => lib.sliceImages(images, 0, Math.min(500, images.shape[0]));
  const validation = { clean: few(clean), noisy: few(noisy) };
  const meansOf = (denoised: lib.Images): Means => ({
    psnr: mean(lib.psnr(clean, denoised)),
    ssim: mean(lib.ssim(clean, denoised)),
  });

  const trained: { supervision: lib.Supervision; scores: Score[] }[] = [];
  // the mean squared error also with clean images: what the others estimate
  const settings = { epochs, attention: "none", loss: "mean squared error" } as const;
  for (const supervision of Object.keys(names) as lib.Supervision[]) {
    const recipe = lib.chooseRecipe("default", { ...settings, supervision });
    const scores: Score[] = [];
    for (const seed of seeds) {
      console.error(`${names[supervision]}, seed ${seed}`);
      const model = lib.unet({ filters: recipe.filters, attention: recipe.attention, seed });
      const data = { train, validation, sigma, seed, clip };
      const { seconds } = await lib.fitByRecipe(model, recipe, data, { callbacks: [progress()] });
      const denoised = lib.denoise(model, noisy);
      const own = blindSpots.includes(supervision) && {
        withOwnPixels: meansOf(lib.withOwnPixels(noisy, denoised, sigma)),
      };
      scores.push({ seed, ...meansOf(denoised), ...own, seconds });
    }
    trained.push({ supervision, scores });
  }

  const tuning = lib.sliceImages(train, 0, Math.min(tuningDigits, train.shape[0]));
  const pairs = { clean: tuning, noisy: lib.gaussian(tuning, { sigma, seed, stream: "tuning noise", clip }) };
  const classical = lib
    .tuneClassical(pairs, sigma, { clipped: false })
    .map(({ name, denoise }) => ({ name, ...meansOf(denoise(noisy)) }));

  const result = { sigma, clip, epochs, seeds, digits: clean.shape[0], noisy: meansOf(noisy), classical, trained };
  return { result, table: supervisionTable(result) };
}

/** @param result of the study: its scores */
export function supervisionTable({ sigma, epochs, seeds, noisy, classical, trained }: SupervisionResult): lib.Table {
  const psnrs = (scores: readonly Means[]) => scores.map(({ psnr }) => psnr);
  const lines = trained.flatMap(({ supervision, scores }) => {
    const own = scores.flatMap((score) => score.withOwnPixels ?? []);
    return [
      { name: `U-Net, ${names[supervision]}`, psnr: psnrs(scores) },
      ...(own.length > 0 ? [{ name: "the same, with each pixel's own value", psnr: psnrs(own) }] : []),
    ];
  });
  const best = Math.max(...classical.map(({ psnr }) => psnr));
  const reference = mean(lines[0].psnr);
  return {
    columns: [
      `sigma ${sigma}, ${epochs} epoch${epochs === 1 ? "" : "s"}, ${seeds.length} seeds`,
      "PSNR, dB",
      "lowest to highest",
      `minus ${names[trained[0].supervision]}`,
      "minus best classical",
    ],
    rows: [
      ["noisy", noisy.psnr.toFixed(2), "", "", ""],
      ...classical.map(({ name, psnr }) => [name, psnr.toFixed(2), "", "", ""]),
      ...lines.map(({ name, psnr }, line) => {
        const difference = (from: number) => `${mean(psnr) > from ? "+" : ""}${formatNumber(mean(psnr) - from, 2)}`;
        return [
          name,
          mean(psnr).toFixed(2),
          `${Math.min(...psnr).toFixed(2)} to ${Math.max(...psnr).toFixed(2)}`,
          line === 0 ? "" : difference(reference),
          difference(best),
        ];
      }),
    ],
  };
}
