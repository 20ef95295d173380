// What a notebook's last cell does: it keeps the model and the results.
import path from "node:path";
import { saveModel } from "../models/files";
import { type NotebookRun, outputFolder, type Results, saveResults } from "./results";
import { createRun, fullRunKept, publishRun, type Run, writeImageScores } from "./runs";

/** What was saved. */
export interface SavedRun {
  readonly results: Results;
  /** Where it was saved, as Markdown. */
  readonly message: string;
}

/**
 * Saves the model and the results of a run in a folder of its own in `runs/`, and a copy in `models/` and `results/`, where
 * the newest run is. A quick run does not replace a full one there. When a command runs the notebook, the command names the
 * folder by the environment variable IMAGE_DENOISER_RUN, and makes the copies when the report is there too.
 * @throws {Error} when something cannot be written
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
  const { notebook, parameters, model, denoised, seconds } = run;
  const ofCommand = process.env.IMAGE_DENOISER_RUN;
  const began = new Date(Date.now() - 1000 * seconds.total);
  const own = ofCommand ? undefined : createRun(outputFolder(), notebook, parameters, began);
  const folder = own?.folder ?? ofCommand!;
  await saveModel(model, path.join(folder, "models", notebook));
  writeImageScores(folder, notebook, denoised);
  const results = saveResults(run, folder);

  const minutes = (value: number) => `${(value / 60).toFixed(1)} minutes`;
  const { training, total } = results.seconds;
  const where = path.relative(outputFolder(), folder) || path.basename(folder); // that of a sweep's run is the same
  const saved = `Saved in \`${where}\`. Training took ${minutes(training)}, everything ${minutes(total)}.`;
  return { results, message: own ? `${saved} ${copyNewest({ ...own, results })}` : saved };
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
