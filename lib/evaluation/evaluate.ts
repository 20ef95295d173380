// All methods on the same noisy images: what they score, and whether a reader of digits still recognizes what they show.
import type * as tf from "@tensorflow/tfjs";
import type { Images, LabelledImages } from "../data/images";
import { denoise } from "../inference/denoise";
import { bootstrapMean } from "../metrics/bootstrap";
import { scoreImages, summarize } from "../metrics/scores";
import { accuracy } from "../models/digit-classifier";
import type { Contender } from "./comparison";
import { loadTrained, type Parameters, type Results } from "./results";
import { type ScoreRow, scoreTable, type Table } from "./table";

/** A method, what it made of the noisy images, and the parameters of its training, if it was trained. */
export interface Method {
  readonly name: string;
  readonly images: Images;
  readonly training?: Parameters;
}

export interface Evaluated extends Contender {
  readonly images: Images;
  readonly recognized: Float64Array;
}

/**
 * What a model that another notebook has trained makes of the images: one method, or none when that notebook has not
 * been run yet.
 * @param notebook its name, without ".ipynb"
 */
export async function trainedMethod(
  name: string,
  notebook: string,
  noisy: Images,
): Promise<(Method & { results: Results })[]> {
  const run = await loadTrained(notebook);
  if (!run) return [];
  const { model, results } = run;
  return [{ name, images: denoise(model, noisy), training: results.parameters, results }];
}

/**
 * @param clean the originals, with the digit on each
 * @param classifier from `trainDigitClassifier`
 * @throws {RangeError} when shapes differ
 */
export const evaluate = (clean: LabelledImages, methods: readonly Method[], classifier: tf.LayersModel): Evaluated[] =>
  methods.map((method) => ({
    ...method,
    scores: scoreImages(clean, method.images),
    recognized: accuracy(classifier, method.images, clean.labels),
  }));

/** A method's mean scores with their intervals. */
export const scoreRow = ({ name, scores, recognized }: Contender): ScoreRow => ({
  name,
  scores: summarize(scores),
  ...(recognized && { accuracy: bootstrapMean(recognized) }),
});

/** One row a method. */
export const evaluationTable = (evaluated: readonly Contender[]): Table => scoreTable(evaluated.map(scoreRow));
