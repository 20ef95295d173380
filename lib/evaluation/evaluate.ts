// Scores of all methods on the same noisy images: PSNR, SSIM and the accuracy of a digit classifier.
import path from "node:path";
import type * as tf from "@tensorflow/tfjs";
import type { Images, LabelledImages } from "../data/images";
import { denoise } from "../inference/denoise";
import { bootstrapMean } from "../metrics/bootstrap";
import { scoreImages, summarize } from "../metrics/scores";
import { loadModel } from "../models/files";
import { accuracy } from "./accuracy";
import type { ScoredMethod } from "./comparison";
import { outputFolder, type Parameters, type Results } from "./results";
import { findTrained } from "./runs";
import { type ScoreRow, scoreTable } from "./score-tables";
import type { Table } from "./table";
import { nameBeside } from "./task";

/** A method and its denoised images. */
export interface Method {
  readonly name: string;
  /** [n, height, width, channels], values in [0, 1]. */
  readonly images: Images;
  /** The parameters of its training, if it was trained. */
  readonly training?: Parameters;
  /** The name of the run that has trained it, if that was another one. */
  readonly run?: string;
}

/** A method with its images, its scores and the classifier's accuracy on its images. */
export interface Evaluated extends ScoredMethod {
  readonly images: Images;
  readonly accuracy: Float64Array;
}

/**
 * Denoises images with the model that another notebook has trained: the newest run with the same data set, sigma and seed,
 * or else with the same data set and sigma, or else the one in `models/`.
 * @param name the method's name in tables and figures; where the model was trained with another data set or sigma, that is
 *   added to it
 * @param notebook its file name without ".ipynb"
 * @param noisy [n, height, width, channels], values in [0, 1]
 * @param parameters of the training that it is compared with: `dataset`, `sigma`, `noiseKind` and `seed` count
 * @returns one method, or none when that notebook has not been run yet
 * @example
 * ```ts no-run
 * import { gaussian, loadMnist, trainedMethod } from "image-denoiser";
 * const parameters = { dataset: "full", sigma: 0.5, seed: 42 } as const;
 * const noisy = gaussian(loadMnist().test, parameters);
 * const [baseline] = await trainedMethod("simple autoencoder", "simple-autoencoder", noisy, parameters);
 * ```
 */
export async function trainedMethod(
  name: string,
  notebook: string,
  noisy: Images,
  parameters: Parameters,
): Promise<(Method & { results: Results; model: tf.LayersModel })[]> {
  const trained = findTrained(outputFolder(), notebook, parameters);
  if (!trained) return [];
  const { folder, results } = trained;
  const { parameters: training, run } = results;
  const model = await loadModel(path.join(folder, "models", notebook));
  const images = denoise(model, noisy);
  return [{ name: nameBeside(name, training, parameters), images, training, results, model, ...(run && { run }) }];
}

/**
 * Scores each method's images against the originals.
 * @param clean the originals, [n, height, width, channels], values in [0, 1], with the digit on each
 * @param classifier from `trainDigitClassifier`
 * @throws {RangeError} when shapes differ
 * @example
 * ```ts
 * import { evaluate, tf } from "image-denoiser";
 * const clean = { data: new Float32Array(128), shape: [2, 8, 8, 1] as const, labels: Uint8Array.of(0, 1) };
 * const noisy = { data: new Float32Array(128).fill(0.1), shape: clean.shape };
 * const units = { units: 2, kernelInitializer: "zeros" } as const;
 * const alwaysZero = tf.sequential({ layers: [tf.layers.flatten({ inputShape: [8, 8, 1] }), tf.layers.dense(units)] });
 * const [{ scores, accuracy }] = evaluate(clean, [{ name: "noisy", images: noisy }], alwaysZero);
 * scores.psnr[0] // 20
 * accuracy // Float64Array(2) [ 1, 0 ]
 * ```
 */
export const evaluate = (clean: LabelledImages, methods: readonly Method[], classifier: tf.LayersModel): Evaluated[] =>
  methods.map((method) => ({
    ...method,
    scores: scoreImages(clean, method.images),
    accuracy: accuracy(classifier, method.images, clean.labels),
  }));

/**
 * A method's mean scores with their 95 % intervals.
 * @example
 * ```ts
 * import { scoreRow } from "image-denoiser";
 * const each = Float64Array.of(20, 22);
 * scoreRow({ name: "U-Net", scores: { psnr: each, ssim: each, imageSsim: each } }).scores.psnr.mean // 21
 * ```
 */
export const scoreRow = ({ name, scores, accuracy, run }: ScoredMethod): ScoreRow => ({
  name,
  scores: summarize(scores),
  ...(run !== undefined && { run }),
  ...(accuracy && { accuracy: bootstrapMean(accuracy) }),
});

/**
 * The mean scores of all methods, one row each; `scoreTable` of their `scoreRow`s.
 * @example
 * ```ts
 * import { evaluationTable } from "image-denoiser";
 * const each = Float64Array.of(21, 21);
 * const { rows } = evaluationTable([{ name: "U-Net", scores: { psnr: each, ssim: each, imageSsim: each } }]);
 * rows[0].slice(0, 2) // [ 'U-Net', '21.00 (21.00 to 21.00)' ]
 * ```
 */
export const evaluationTable = (evaluated: readonly ScoredMethod[]): Table => scoreTable(evaluated.map(scoreRow));
