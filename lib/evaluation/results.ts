// What a run leaves behind: one JSON file a notebook, from which tables and comparisons are made.
import fs from "node:fs";
import path from "node:path";
import * as tf from "@tensorflow/tfjs";
import type { Mnist } from "../data/mnist";
import { type ImageScores, type Scores, summarize, summarizeByDigit } from "../metrics/scores";
import { loadModel } from "../models/files";
import type { Epoch, History } from "../training/fit";
import type { ScoreRow } from "./table";

const projectFolder = path.resolve(__dirname, "../..");

/** Where `results/` and `models/` are written: the project's folder, or the one that IMAGE_DENOISER_OUTPUT names. */
export const outputFolder = (): string => process.env.IMAGE_DENOISER_OUTPUT ?? projectFolder;

/** Parameters of a run, as in the notebook's parameters cell. */
export type Parameters = Readonly<Record<string, number | string | boolean | readonly number[]>>;

export interface Results {
  readonly schema: 1;
  readonly notebook: string;
  readonly parameters: Parameters;
  readonly seed: number;
  /** The model's trainable and other weights. */
  readonly modelParameters: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly data: { train: number; validation: number; test: number; digests: Readonly<Record<string, string>> };
  readonly history: readonly Epoch[];
  readonly test: {
    noisy: Scores;
    denoised: Scores;
    perDigit: (Scores | undefined)[];
    /** All methods that were evaluated beside the model, itself included. */
    methods?: readonly ScoreRow[];
  };
  readonly seconds: { training: number; evaluation: number; total: number };
}

export interface Run {
  notebook: string;
  parameters: Parameters & { seed: number };
  model: tf.LayersModel;
  mnist: Mnist;
  history: History;
  /** Scores of the test images before and after denoising. */
  noisy: ImageScores;
  denoised: ImageScores;
  methods?: readonly ScoreRow[];
  seconds: { evaluation: number; total: number };
}

/**
 * Summarizes a run and writes `results/<notebook>.json`, whole or not at all.
 * @returns what was written
 */
export function saveResults(run: Run): Results {
  const { notebook, parameters, model, mnist, history, noisy, denoised, methods, seconds } = run;
  const results: Results = {
    schema: 1,
    notebook,
    parameters,
    seed: parameters.seed,
    modelParameters: model.countParams(),
    versions: versions(),
    data: {
      train: mnist.train.shape[0],
      validation: mnist.validation.shape[0],
      test: mnist.test.shape[0],
      digests: mnist.digests,
    },
    history: history.epochs,
    test: {
      noisy: summarize(noisy),
      denoised: summarize(denoised),
      perDigit: summarizeByDigit(denoised, mnist.test.labels),
      ...(methods && { methods }),
    },
    seconds: { training: history.seconds, ...seconds },
  };
  const file = resultsFile(notebook);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(`${file}.part`, `${JSON.stringify(results, null, 2)}\n`);
  fs.renameSync(`${file}.part`, file);
  return results;
}

/** A model that its notebook has trained and saved, with its results; undefined when that has not been done yet. */
export async function loadTrained(notebook: string): Promise<{ model: tf.LayersModel; results: Results } | undefined> {
  const results = loadResults(notebook);
  const folder = path.join(outputFolder(), "models", notebook);
  return results && fs.existsSync(folder) ? { model: await loadModel(folder), results } : undefined;
}

const resultsFile = (notebook: string) => path.join(outputFolder(), "results", `${notebook}.json`);

/** @returns undefined when that notebook has not been run yet */
export function loadResults(notebook: string): Results | undefined {
  const file = resultsFile(notebook);
  if (!fs.existsSync(file)) return undefined;
  const results = JSON.parse(fs.readFileSync(file, "utf8")) as Results;
  if (results.schema !== 1) throw new Error(`${file} has schema ${results.schema}, not 1: run the notebook again`);
  return results;
}

function versions(): Record<string, string> {
  const { version } = JSON.parse(fs.readFileSync(path.join(projectFolder, "package.json"), "utf8"));
  const { binding } = tf.backend() as unknown as { binding?: { TF_Version: string } };
  return {
    "image-denoiser": version,
    node: process.versions.node,
    tfjs: tf.version.tfjs,
    ...(binding && { tensorflow: binding.TF_Version }),
  };
}
