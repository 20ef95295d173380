// Trains the digit classifier on clean digits, with `fit` and labels as targets.
import * as tf from "@tensorflow/tfjs";
import { checkImages, checkLabels } from "../checks";
import type { LabelledImages } from "../data/images";
import { digitClasses, digitClassifier } from "../models/digit-classifier";
import { warmUpThenDecay } from "./callbacks";
import type { Examples } from "./data";
import { fit } from "./fit";

export interface DigitClassifierOptions {
  /** Chooses the initial weights and the order of the digits; equal seeds give equal classifiers. */
  seed?: number;
  epochs?: number;
  batchSize?: number;
}

/**
 * Trains a classifier of digits with Adam, by `fit`: its learning rate rises to 0.008 and falls to zero.
 * @param digits for training and validation, as from `loadMnist`: [n, 28, 28, 1], values in [0, 1], and their labels
 * @returns a model [n, 28, 28, 1] -> [n, 10], the probability of each digit
 * @throws {RangeError} for options out of range, no digits, data and shape that do not belong together, labels that are
 *   not one an image, or not from 0 to 9
 * @example
 * ```ts no-run
 * import { accuracy, loadMnist, trainDigitClassifier } from "image-denoiser";
 *
 * const mnist = loadMnist();
 * const classifier = await trainDigitClassifier(mnist);
 * const right = accuracy(classifier, mnist.test, mnist.test.labels);
 * ```
 */
export async function trainDigitClassifier(
  { train, validation }: { readonly train: LabelledImages; readonly validation: LabelledImages },
  { seed = 42, epochs = 2, batchSize = 128 }: DigitClassifierOptions = {},
): Promise<tf.LayersModel> {
  const examples = oneHot(train);
  const peak = 8e-3;
  const model = digitClassifier(seed);
  model.compile({ optimizer: tf.train.adam(peak), loss: "categoricalCrossentropy" });
  await fit(model, examples, {
    epochs,
    batchSize,
    seed,
    validation: oneHot(validation),
    callbacks: [warmUpThenDecay({ peak, warmUp: 0.2 })],
  });
  return model;
}

/** Images as inputs; as targets [n, 10] with 1 at the label and 0 elsewhere. */
function oneHot(digits: LabelledImages): Examples {
  checkImages(digits, "digits");
  const [n] = digits.shape;
  checkLabels(digits.labels, n);
  const data = new Float32Array(n * digitClasses);
  digits.labels.forEach((label, i) => {
    if (label >= digitClasses) throw new RangeError(`labels must be digits from 0 to 9, not ${label} (image ${i})`);
    data[i * digitClasses + label] = 1;
  });
  return { inputs: digits, targets: { data, shape: [n, digitClasses] } };
}
