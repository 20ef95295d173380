// The validation of a training: the loss on examples that the model does not learn from.
import * as tf from "@tensorflow/tfjs";
import { checkImages } from "../checks";
import type { Images } from "../data/images";
import { takesLevelMap } from "../noise/level-map";
import { type Examples, type NdArray, type Pairs, toExamples } from "./data";
import { meanLossOnNoisy, type NoisyLoss } from "./supervision";

/** Pairs, or inputs with their targets; or noisy images alone. */
export type Validation = Pairs | Examples | { readonly noisy: Images };

export interface HeldOutLoss {
  /** Whether there are noisy images only. */
  readonly onNoisy: boolean;
  /** The mean loss of the model as it is. */
  mean(): number;
}

/** @throws {RangeError} when arrays do not belong together, or there are noisy images only and the loss needs targets */
export function heldOutLoss(
  model: tf.LayersModel,
  validation: Validation,
  { loss, batchSize, seed }: { loss: NoisyLoss | undefined; batchSize: number; seed: number },
): HeldOutLoss {
  if ("noisy" in validation && !("clean" in validation)) {
    const { noisy } = validation;
    checkImages(noisy, "validation.noisy");
    if (!loss || noisy.shape[0] === 0)
      throw new RangeError(
        loss ? "there are no validation examples" : "validation needs clean images or targets for this loss",
      );
    return { onNoisy: true, mean: () => meanLossOnNoisy(model, loss, noisy, { batchSize, seed }) };
  }
  const { inputs, targets } = toExamples(validation, { name: "validation", levelMap: takesLevelMap(model) });
  const mean = () =>
    tf.tidy(() => first(model.evaluate(toTensor(inputs), toTensor(targets), { batchSize })).dataSync()[0]);
  return { onNoisy: false, mean };
}

export const toTensor = ({ data, shape }: NdArray): tf.Tensor => tf.tensor(data, [...shape]);

/** Of what tfjs gives for a model compiled with metrics, the loss is the first. */
export const first = <T>(values: T | T[]): T => (Array.isArray(values) ? values[0] : values);
