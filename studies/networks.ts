// What changes to the U-Net's layers are worth: short trainings by the default recipe, each with several seeds. Scored on
// validation digits; the test digits are not used.
import * as lib from "../lib";
import { loadDigits, progress, type StudyAnswer, type StudySize } from "./study";

const sigma = 0.5;
/** Of the split, and of the noise that is scored: the same for all trainings. */
const seed = 42;

const networks = {
  "the original's network": { attention: "none" },
  "with self-attention: the default recipe": { attention: "layer" },
  "with two transformer blocks": { attention: "transformer" },
} as const satisfies Record<string, lib.UnetOptions>;

/** Of one training: means over the digits. */
interface Score {
  readonly seed: number;
  readonly psnr: number;
  readonly ssim: number;
  readonly seconds: number;
}

export interface NetworksResult {
  readonly sigma: number;
  readonly epochs: number;
  readonly digits: number;
  readonly trained: readonly {
    readonly name: string;
    readonly parameters: number;
    readonly scores: readonly Score[];
  }[];
}

export interface NetworksOptions extends StudySize {
  /** Of initial weights, training noise and order. */
  readonly seeds?: readonly number[];
}

export async function networksStudy({
  epochs = 2,
  seeds = [42, 43, 44],
  digits,
}: NetworksOptions = {}): Promise<StudyAnswer> {
  const recipe = lib.chooseRecipe("default", { epochs });
  const { train, validation: clean } = loadDigits({ validationShare: recipe.validationShare, seed }, digits);
  const noisy = lib.gaussian(clean, { sigma, seed, stream: "validation noise" });
  const trained = [];
  for (const [name, network] of Object.entries(networks)) {
    const scores: Score[] = [];
    let parameters = 0;
    for (const seed of seeds) {
      console.error(`${name}, seed ${seed}`);
      const model = lib.unet({ filters: recipe.filters, ...network, seed });
      const data = { train, validation: { clean, noisy }, sigma, seed };
      const { seconds } = await lib.fitByRecipe(model, recipe, data, { callbacks: [progress()] });
      const { psnr, ssim } = lib.scoreImages(clean, lib.denoise(model, noisy));
      scores.push({ seed, psnr: mean(psnr), ssim: mean(ssim), seconds });
      parameters = model.countParams();
    }
    trained.push({ name, parameters, scores });
  }
  const result: NetworksResult = { sigma, epochs, digits: clean.shape[0], trained };
  return { result, table: networksTable(result) };
}

/** @param result of the study: its scores */
export function networksTable({ epochs, digits, trained }: NetworksResult): lib.Table {
  const spread = (values: readonly number[], decimals: number) =>
    `${mean(values).toFixed(decimals)} (${Math.min(...values).toFixed(decimals)} to ${Math.max(...values).toFixed(decimals)})`;
  return {
    columns: [
      `${epochs} epoch${epochs === 1 ? "" : "s"}, ${digits.toLocaleString("en-US")} validation digits`,
      "PSNR, dB (lowest to highest seed)",
      "SSIM (lowest to highest seed)",
      "parameters",
    ],
    rows: trained.map(({ name, parameters, scores }) => [
      name,
      spread(
        scores.map(({ psnr }) => psnr),
        2,
      ),
      spread(
        scores.map(({ ssim }) => ssim),
        4,
      ),
      parameters.toLocaleString("en-US"),
    ]),
  };
}

const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value) / values.length;
