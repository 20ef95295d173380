// What a notebook's last cell does: it keeps the model and the results.
import path from "node:path";
import { type Images, sliceImages } from "../data/images";
import { denoise } from "../inference/denoise";
import { mse } from "../metrics/errors";
import type { ModelCard } from "../models/card";
import { saveModel } from "../models/files";
import { type NoiseKind, noiseModel } from "../noise/kinds";
import { formatShortest } from "../numbers";
import { formatMinutes } from "../training/duration";
import { firstExamples, writeExamples } from "./example-images";
import { digestsOf, modelCard } from "./model-card";
import { provenanceTable } from "./provenance";
import { type NotebookRun, outputFolder, type Results, type RunCard, saveResults } from "./results";
import { commandOf, createRun, fullRunKept, publishRun, type Run, writeImageScores } from "./runs";
import { tableMarkdown } from "./table";

/** What was saved. */
export interface SavedRun {
  readonly results: Results;
  /** Where it was saved, and a table of what it was made with, as Markdown. */
  readonly message: string;
}

/**
 * Saves the model and the results of a run in a folder of its own in `runs/`, and a copy in `models/` and `results/`, where
 * the newest run is. A quick run does not replace a full one there. When a command runs the notebook, the command names the
 * folder by the environment variable IMAGE_DENOISER_RUN, and makes the copies when the report is there too.
 * @throws {Error} when something cannot be written, or the noise of the test images is not what the parameters say
 * @example
 * ```ts no-run
 * import { denoise, fit, gaussian, loadMnist, saveRun, scoreImages, simpleAutoencoder, tf } from "image-denoiser";
 * const parameters = { dataset: "quick", sigma: 0.5, seed: 42 } as const;
 * const mnist = loadMnist(parameters);
 * const pairs = (clean: typeof mnist.train) => ({ clean, noisy: gaussian(clean, parameters) });
 * const test = pairs(mnist.test);
 * const model = simpleAutoencoder(parameters);
 * model.compile({ optimizer: tf.train.adam(0.001), loss: "meanSquaredError" });
 * const validation = pairs(mnist.validation);
 * const history = await fit(model, pairs(mnist.train), { epochs: 1, batchSize: 128, validation });
 * const noisy = scoreImages(test.clean, test.noisy);
 * const denoised = scoreImages(test.clean, denoise(model, test.noisy));
 * const seconds = { evaluation: 1, total: 60 };
 * await saveRun({ notebook: "mine", parameters, model, data: mnist, test, history, noisy, denoised, seconds });
 * ```
 */
export async function saveRun(run: NotebookRun): Promise<SavedRun> {
  const { notebook, parameters, model, test, denoised, seconds } = run;
  checkNoise(run);
  const ofCommand = process.env.IMAGE_DENOISER_RUN;
  const began = new Date(Date.now() - 1000 * seconds.total);
  const own = ofCommand ? undefined : createRun(outputFolder(), notebook, parameters, began);
  const folder = own?.folder ?? ofCommand!;
  await saveModel(model, path.join(folder, "models", notebook), run.card && cardOf(run, run.card));
  writeImageScores(folder, notebook, denoised);
  if ("noisy" in test) {
    const [clean, noisy] = [test.clean, test.noisy].map(firstExamples);
    writeExamples(folder, notebook, { clean, noisy, denoised: denoise(model, noisy) });
  }
  const results = saveResults(run, folder);

  const { training, total } = results.seconds;
  const where = path.relative(outputFolder(), folder) || path.basename(folder); // that of a sweep's run is the same
  const saved = `Saved in \`${where}\`. Training took ${formatMinutes(training)}, everything ${formatMinutes(total)}.`;
  const message = own ? `${saved} ${copyNewest({ ...own, results })}` : saved;
  return { results, message: `${message}\n\n${tableMarkdown(provenanceTable(results))}` };
}

/**
 * A parameter may be changed, and only some of the cells be run again: then the images still have the noise of before, and
 * the results would be saved under a wrong name.
 */
function checkNoise({ parameters: { sigma, noiseKind = "gaussian" }, test, card }: NotebookRun): void {
  if (!("noisy" in test) || typeof sigma !== "number") return;
  const [clean, noisy] = [test.clean, test.noisy].map((images) =>
    sliceImages(images, 0, Math.min(20, images.shape[0])),
  );
  const addNoise = noiseModel({ kind: noiseKind as NoiseKind, sigma });
  const expected = addNoise(clean, { seed: 42, stream: "expected noise", clip: card?.clipped ?? true });
  const rootMeanSquare = (images: Images) =>
    Math.sqrt(mse(clean, images).reduce((sum, value) => sum + value / clean.shape[0], 0));
  const [found, wanted] = [noisy, expected].map(rootMeanSquare);
  if (Math.abs(found - wanted) > 0.2 * Math.max(found, wanted))
    throw new Error(
      `Nothing was saved: the test images differ from the clean ones by ${formatShortest(found, 2)} (root mean square), and with noise of sigma ${sigma} it would be ${formatShortest(wanted, 2)}. Has a parameter been changed since the noise was added? Run all cells from there again, the training too.`,
    );
}

/** Copies the run to `models/` and `results/`, unless a full one is there. */
function copyNewest(run: Run): string {
  const places = `\`models/${run.notebook}/\` and \`results/${run.notebook}.json\``;
  const full = fullRunKept(outputFolder(), run);
  if (full) {
    const date = full.date ? ` of ${full.date.slice(0, 10)}` : "";
    return `${places} keep the full run${date}; to replace it: \`npm run runs -- use "${run.name}"\`.`;
  }
  publishRun(outputFolder(), run);
  return `${places} hold a copy.`;
}

function cardOf(run: NotebookRun, { description, data, noisy, sigma, noiseKind, clipped }: RunCard): ModelCard {
  const { notebook, model, parameters, denoised } = run;
  const [, height, width] = noisy.shape;
  const [size, digests, images] =
    "digests" in run.data
      ? [[height, width] as const, run.data.digests, "digits"]
      : [null, digestsOf(run.data.train), "pictures"];
  // where the user's folder is, is nobody's business who gets the model
  const recipe = { ...parameters, ...(parameters.folder && { folder: path.basename(String(parameters.folder)) }) };
  const test = `${denoised.psnr.length.toLocaleString("en-US")} test ${images}`;
  return modelCard({
    ...{ model, name: notebook, description, noisy, sigma, noiseKind, clipped, recipe, seed: parameters.seed },
    trainedOn: { data, size, digests },
    scores: [{ data: test, sigma: Number(parameters.sigma), scores: denoised }],
    command: commandOf(notebook, recipe),
  });
}
