// Results files: one JSON file per notebook, from which tables, comparisons and the README are made.
import fs from "node:fs";
import path from "node:path";
import type * as tf from "@tensorflow/tfjs";
import writeFileAtomic from "write-file-atomic";
import type { PictureSet } from "../data/image-folder";
import type { Images, LabelledImages } from "../data/images";
import { type ImageScores, type Scores, summarize, summarizeByDigit } from "../metrics/scores";
import { loadModel } from "../models/files";
import type { NoiseKind, NoiseLevel } from "../noise/kinds";
import type { Epoch, History } from "../training/training-run";
import { type Machine, machine } from "./machine";
import type { ScoreRow } from "./score-tables";
import { digestOf } from "./test-images";
import { versions } from "./versions";

const projectFolder = path.resolve(__dirname, "../..");

/**
 * The folder of `runs/`, `results/` and `models/`: the one that the environment variable
 * IMAGE_DENOISER_OUTPUT names, or else the project's folder.
 * @example
 * ```ts
 * import path from "node:path";
 * import { outputFolder } from "image-denoiser";
 * path.isAbsolute(outputFolder()) // true
 * ```
 */
export const outputFolder = (): string => process.env.IMAGE_DENOISER_OUTPUT ?? projectFolder;

/** The parameters of a run, as in the notebook's parameters cell. */
export type Parameters = Readonly<Record<string, number | string | boolean | readonly number[]>>;

/** The content of a results file. Other programs read it: keys are added, never renamed or removed. */
export interface Results {
  readonly schema: 1;
  readonly notebook: string;
  /** The name of the run's folder; older files do not have it. */
  readonly run?: string;
  readonly parameters: Parameters;
  readonly seed: number;
  /** The number of the model's weights, those that are not trained included. */
  readonly modelParameters: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly data: { train: number; validation: number; test: number; digests: Readonly<Record<string, string>> };
  readonly history: readonly Epoch[];
  /** Epochs that the model had been trained for before; see `History`. */
  readonly trainedBefore?: number;
  readonly test: {
    /** SHA-256 of the test images, clean and noisy: equal where scores are comparable. Older files do not have it. */
    digest?: string;
    noisy: Scores;
    denoised: Scores;
    /** Of digits. */
    perDigit?: (Scores | undefined)[];
    /** Names of the pictures that were scored. */
    pictures?: readonly string[];
    /** All methods that were evaluated, the model itself included. */
    methods?: readonly ScoreRow[];
  };
  readonly seconds: { training: number; evaluation: number; total: number };
  /** Where and when it was run; older files do not say. */
  readonly machine?: Machine;
  /** ISO 8601, in UTC. */
  readonly date?: string;
}

/** What a run has worked with: digits, or pictures in files. */
export type RunData =
  | {
      readonly train: Images;
      readonly validation: Images;
      readonly test: LabelledImages;
      readonly digests: Readonly<Record<string, string>>;
    }
  | { readonly train: PictureSet; readonly validation: PictureSet; readonly test: PictureSet };

export interface RunCard {
  /** One sentence: "Removes Gaussian noise from photographs." */
  readonly description: string;
  /** "MNIST". */
  readonly data: string;
  /** Images or patches with noise like that of the training; a few hundred are enough. */
  readonly noisy: Images;
  /** Standard deviation of that noise, or its range. */
  readonly sigma: NoiseLevel;
  /** Its kind: "gaussian" if not given. */
  readonly noiseKind?: NoiseKind | readonly NoiseKind[];
  /** Whether its noisy values were clipped. */
  readonly clipped: boolean;
}

/** What a notebook has at its end. */
export interface NotebookRun {
  /** Its file name without ".ipynb". */
  notebook: string;
  parameters: Parameters & { seed: number };
  model: tf.LayersModel;
  data: RunData;
  /** The test images that were scored, or their SHA-256. */
  test: { readonly clean: Images; readonly noisy: Images } | { readonly digest: string };
  history: History;
  /** Scores of the test images before and after denoising. */
  noisy: ImageScores;
  denoised: ImageScores;
  /** All methods that were evaluated, the model itself included. */
  methods?: readonly ScoreRow[];
  /** What the model's card says besides what is known from the rest. */
  card?: RunCard;
  /** Wall-clock seconds; those of the training are in `history`. */
  seconds: { evaluation: number; total: number };
}

/**
 * Summarizes a run and writes it atomically to `results/<notebook>.json`. Notebooks use `saveRun`, which saves the model too.
 * @param folder of the run, in whose `results/` they go; without it, those of `outputFolder()`
 * @returns what was written
 * @example
 * ```ts no-run
 * import { denoise, fit, gaussian, loadMnist, saveResults, scoreImages, simpleAutoencoder, tf } from "image-denoiser";
 * const parameters = { sigma: 0.5, seed: 42 };
 * const mnist = loadMnist({ dataset: "quick" });
 * const model = simpleAutoencoder(parameters);
 * model.compile({ optimizer: tf.train.adam(0.001), loss: "meanSquaredError" });
 * const validation = { clean: mnist.validation, noisy: gaussian(mnist.validation, parameters) };
 * const train = { clean: mnist.train, noisy: gaussian(mnist.train, parameters) };
 * const history = await fit(model, train, { epochs: 1, batchSize: 128, validation });
 * const test = { clean: mnist.test, noisy: gaussian(mnist.test, parameters) };
 * const noisy = scoreImages(test.clean, test.noisy);
 * const denoised = scoreImages(test.clean, denoise(model, test.noisy));
 * const seconds = { evaluation: 1, total: 60 };
 * saveResults({ notebook: "mine", parameters, model, data: mnist, test, history, noisy, denoised, seconds });
 * ```
 */
export function saveResults(run: NotebookRun, folder?: string): Results {
  const { notebook, parameters, model, data, test, history, noisy, denoised, methods, seconds } = run;
  const results: Results = {
    schema: 1,
    notebook,
    ...(folder !== undefined && { run: path.basename(folder) }),
    parameters,
    seed: parameters.seed,
    modelParameters: model.countParams(),
    versions: versions(),
    data: {
      train: countOf(data.train),
      validation: countOf(data.validation),
      test: countOf(data.test),
      digests: digestsByName(data),
    },
    history: history.epochs,
    ...(history.trainedBefore && { trainedBefore: history.trainedBefore }),
    test: {
      digest: "digest" in test ? test.digest : digestOf(test),
      noisy: summarize(noisy),
      denoised: summarize(denoised),
      ...("labels" in data.test && { perDigit: summarizeByDigit(denoised, data.test.labels) }),
      ...("pictures" in data.test && { pictures: data.test.pictures.map(({ name }) => name) }),
      ...(methods && { methods }),
    },
    seconds: {
      training: history.seconds,
      evaluation: seconds.evaluation,
      // a training that was resumed began in another session
      total: Math.max(seconds.total, history.seconds + seconds.evaluation),
    },
    machine: machine(),
    date: new Date().toISOString(),
  };
  const file = resultsFile(notebook, folder);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  writeFileAtomic.sync(file, `${JSON.stringify(results, null, 2)}\n`);
  return results;
}

const countOf = (set: Images | PictureSet): number => ("shape" in set ? set.shape[0] : set.pictures.length);

/** SHA-256 by the names of files. */
function digestsByName(data: RunData): Readonly<Record<string, string>> {
  if ("digests" in data) return data.digests;
  const pictures = [data.train, data.validation, data.test].flatMap((set) => set.pictures);
  return Object.fromEntries(pictures.map(({ name, digest }) => [name, digest]));
}

/**
 * Loads the model that a notebook has trained and saved, with its results.
 * @param notebook its file name without ".ipynb"
 * @returns undefined when that notebook has not been run yet
 * @throws {Error} when the results file has another schema
 * @example
 * ```ts no-run
 * import { denoise, gaussian, loadMnist, loadTrained } from "image-denoiser";
 * const trained = await loadTrained("unet"); // after `npm start`
 * if (trained) denoise(trained.model, gaussian(loadMnist().test, { sigma: 0.5, seed: 42 }));
 * ```
 */
export async function loadTrained(notebook: string): Promise<{ model: tf.LayersModel; results: Results } | undefined> {
  const results = loadResults(notebook);
  const folder = path.join(outputFolder(), "models", notebook);
  return results && fs.existsSync(folder) ? { model: await loadModel(folder), results } : undefined;
}

const resultsFile = (notebook: string, folder = outputFolder()) => path.join(folder, "results", `${notebook}.json`);

/**
 * Reads a notebook's results file.
 * @param notebook its file name without ".ipynb"
 * @returns undefined when that notebook has not been run yet
 * @throws {Error} when the file has another schema
 * @example
 * ```ts
 * import { loadResults } from "image-denoiser";
 * loadResults("a notebook that nobody has run") // undefined
 * ```
 */
export function loadResults(notebook: string): Results | undefined {
  const file = resultsFile(notebook);
  if (!fs.existsSync(file)) return undefined;
  const results = JSON.parse(fs.readFileSync(file, "utf8")) as Results;
  if (results.schema !== 1) throw new Error(`${file} has schema ${results.schema}, not 1: run the notebook again`);
  return results;
}
