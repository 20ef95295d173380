// What changes to the U-Net's layers are worth: short trainings by the default recipe, each with several seeds. Scored on
// validation digits; the test digits are not used.
import * as lib from "../lib";
import { loadDigits, mean, progress, type SeededStudySize, type StudyAnswer } from "./study";

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

export async function networksStudy({
  epochs = 2,
  seeds = [42, 43, 44],
  digits,
}: SeededStudySize = {}): Promise<StudyAnswer> {
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
  const spread = (scores: readonly Score[], of: "psnr" | "ssim", decimals: number) => {
    const values = scores.map((score) => score[of]);
    const [middle, low, high] = [mean(values), Math.min(...values), Math.max(...values)].map((value) =>
      value.toFixed(decimals),
    );
    return `${middle} (${low} to ${high})`;
  };
  return {
    columns: [
      `${epochs} epoch${epochs === 1 ? "" : "s"}, ${digits.toLocaleString("en-US")} validation digits`,
      "PSNR, dB (lowest to highest seed)",
      "SSIM (lowest to highest seed)",
      "parameters",
    ],
    rows: trained.map(({ name, parameters, scores }) => [
      name,
      spread(scores, "psnr", 2),
      spread(scores, "ssim", 4),
      parameters.toLocaleString("en-US"),
    ]),
  };
}
