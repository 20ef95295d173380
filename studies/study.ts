// What all studies have in common: what they answer, and how a test makes them tiny.
import * as lib from "../lib";
import { progressDisplay } from "../lib/training/terminal-progress";

/** What a study has found. */
export interface StudyAnswer {
  /** Everything that was measured, for docs/results. */
  readonly result: object;
  /** The answer, for the terminal and the README. */
  readonly table: lib.Table;
  /** Figures by name, as SVG, for docs/images. */
  readonly images?: Readonly<Record<string, string>>;
}

/** Less than the whole study; nothing given means the whole. */
export interface StudySize {
  /** The most digits of each set. */
  readonly digits?: number;
  readonly epochs?: number;
}

/** Of a study that trains each network several times. */
export interface SeededStudySize extends StudySize {
  /** Of initial weights, training noise and order. */
  readonly seeds?: readonly number[];
}

/** MNIST with at most so many digits in each set. */
export function loadDigits(options: lib.MnistOptions, digits = Number.POSITIVE_INFINITY): lib.Mnist {
  const mnist = lib.loadMnist(options);
  const first = (images: lib.LabelledImages) => {
    const n = Math.min(digits, images.shape[0]);
    return { ...lib.sliceImages(images, 0, n), labels: images.labels.slice(0, n) };
  };
  return { ...mnist, train: first(mnist.train), validation: first(mnist.validation), test: first(mnist.test) };
}

export const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value) / values.length;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** Shows the progress only: a Ctrl-C ends the study, so that nothing is kept of a training that was not finished. */
export function progress(): lib.Callback {
  const { batch, epoch, end } = progressDisplay(process.stderr);
  return { onBatchEnd: batch, onEpochEnd: epoch, onTrainEnd: end };
}
