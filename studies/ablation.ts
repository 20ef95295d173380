// Ablation of the default recipe on the original's network: from the original's recipe to ours, one change at a time, and
// further changes to ours. Short trainings, scored on validation digits; the test digits are not used.
import * as lib from "../lib";
import { loadDigits, type StudyAnswer, type StudySize } from "./study";
import { averageWeights } from "./weight-average";

const sigma = 0.5;
const seed = 42;

interface Line {
  readonly name: string;
  readonly recipe: lib.Recipe;
  /** What the network is besides its width. */
  readonly network?: Pick<lib.UnetOptions, "residual" | "outputActivation">;
  /** Ends with the weights' moving average instead of the last step's. */
  readonly averaged?: boolean;
  /** Test-time augmentation: the mean over these shifts of the noisy image. */
  readonly shifts?: readonly lib.Shift[];
  /** The line that it is compared with; without it, the one above. */
  readonly beside?: string;
}

const ourRecipe = (epochs: number): lib.Recipe => lib.chooseRecipe("default", { attention: "none", epochs });

function linesOf(epochs: number): readonly Line[] {
  const ours = ourRecipe(epochs);
  const { learningRate, schedule, batchSize, noise } = ours;
  const original: lib.Recipe = { ...lib.recipes.original, epochs, validationShare: ours.validationShare };
  const online: lib.Recipe = { ...original, noise };
  const scheduled: lib.Recipe = { ...online, schedule, learningRate };
  const small: lib.Recipe = { ...scheduled, batchSize };

  const reference = "+ log-MSE and SSIM as loss = ours";
  return [
    { name: "the original's recipe", recipe: original },
    { name: "+ online noise, drawn anew in every epoch", recipe: online },
    { name: "+ a learning rate that rises and falls", recipe: scheduled },
    { name: "+ batches of 64", recipe: small },
    { name: reference, recipe: ours },
    { name: "ours, test-time augmentation with five shifts", recipe: ours, shifts: lib.fiveShifts, beside: reference },
    { name: "ours, moving average of the weights", recipe: ours, averaged: true, beside: reference },
    { name: "ours, residual blocks", recipe: ours, network: { residual: true }, beside: reference },
    {
      name: "ours, output clipped to 0 and 1",
      recipe: ours,
      network: { outputActivation: "hardSigmoid" },
      beside: reference,
    },
    { name: "ours, SSIM counts twice", recipe: { ...ours, ssimWeight: 2 }, beside: reference },
    { name: "ours, twice as wide", recipe: { ...ours, filters: [32, 64, 128] }, beside: reference },
  ];
}

const rowOf = (scores: lib.ImageScores) => ({
  psnr: lib.bootstrapMean(scores.psnr),
  ssim: lib.bootstrapMean(scores.ssim),
});

/** @param epochs passes over the training digits: two tell the lines apart, and are a sixth of the recipe's own */
export async function ablation({ epochs = 2, digits }: StudySize = {}): Promise<StudyAnswer> {
  const lines = linesOf(epochs);
  const { validationShare } = lib.recipes.default;
  const mnist = loadDigits({ validationShare, seed }, digits);
  const withNoise = (clean: lib.Images, stream: string) => lib.gaussian(clean, { sigma, seed, stream });
  const validation = { clean: mnist.validation, noisy: withNoise(mnist.validation, "validation noise") };
  const trained = new Map<string, { model: lib.tf.LayersModel; seconds: number }>();
  const scored = new Map<string, lib.ImageScores>();
  const rows = [];
  for (const [i, line] of lines.entries()) {
    const { name, recipe, network, averaged = false, shifts, beside = lines[i - 1]?.name } = line;
    console.error(`${i + 1} of ${lines.length}: ${name}`);
    const key = JSON.stringify({ recipe, network, averaged });
    let run = trained.get(key);
    if (!run) {
      const model = lib.unet({ ...network, filters: recipe.filters, attention: recipe.attention, seed });
      const data = { train: mnist.train, validation, sigma, seed };
      const callbacks = averaged
        ? [averageWeights({ noisy: withNoise(mnist.train, "training noise"), batchSize: recipe.batchSize })]
        : [];
      const history = await lib.fitByRecipe(model, recipe, data, { callbacks });
      run = { model, seconds: history.seconds };
      trained.set(key, run);
    }
    const denoised = shifts
      ? lib.denoiseAugmented(run.model, validation.noisy, shifts)
      : lib.denoise(run.model, validation.noisy);
    const scores = lib.scoreImages(validation.clean, denoised);
    scored.set(name, scores);
    const other = beside === undefined ? undefined : scored.get(beside);
    const difference = other && lib.pairedDifferences(scores, other);
    rows.push({
      name,
      ...rowOf(scores),
      ...(difference && { beside, gain: { psnr: difference.psnr, ssim: difference.ssim } }),
      parameters: run.model.countParams(),
      seconds: run.seconds,
    });
  }
  const table: lib.Table = {
    columns: [
      `${epochs} epoch${epochs === 1 ? "" : "s"}, ${mnist.validation.shape[0].toLocaleString("en-US")} validation digits`,
      "PSNR, dB",
      "gain (95 % interval)",
      "SSIM",
      "gain (95 % interval)",
    ],
    rows: rows.map(({ name, psnr, ssim, gain }) => [
      name,
      psnr.mean.toFixed(2),
      gain ? lib.formatDifference(gain.psnr, 2) : "",
      ssim.mean.toFixed(4),
      gain ? lib.formatDifference(gain.ssim, 4) : "",
    ]),
  };
  return { result: { epochs, sigma, seed, recipe: ourRecipe(epochs), rows }, table };
}
