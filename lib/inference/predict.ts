// Applies a model to one batch of images.
import * as tf from "@tensorflow/tfjs";
import type { Images } from "../data/images";
import { valuesOf } from "../tensor-values";

/** @throws {RangeError} when the model has several inputs or outputs, or does not take and give images of this shape */
export function checkShapes({ name, inputs, outputs }: tf.LayersModel, shape: readonly number[]): void {
  if (inputs.length !== 1 || outputs.length !== 1)
    throw new RangeError(
      `the model ${name} must have one input and one output, not ${inputs.length} and ${outputs.length}`,
    );
  if (!fits(inputs[0].shape, shape))
    throw new RangeError(`the model ${name} takes ${show(inputs[0].shape)}, and noisy is ${show(shape)}`);
  checkOutput(name, outputs[0].shape, shape);
}

/** @throws {RangeError} when the result has another shape than the images */
export function predict(model: tf.LayersModel, { data, shape }: Images): Float32Array {
  return valuesOf(() => {
    const denoised = model.predictOnBatch(tf.tensor4d(data, [...shape])) as tf.Tensor;
    checkOutput(model.name, denoised.shape, shape);
    return denoised;
  }) as Float32Array;
}

function checkOutput(name: string, output: tf.Shape, input: readonly number[]): void {
  if (!fits(output, input))
    throw new RangeError(
      `the model ${name} makes ${show(output)} of ${show(input)}: a denoiser must give images of the shape that it takes`,
    );
}

/** Sizes that a model leaves open are null. */
const fits = (expected: tf.Shape, shape: readonly number[]) =>
  expected.length === shape.length && expected.every((size, axis) => size === null || size === shape[axis]);

const show = (shape: readonly (number | null)[]) =>
  `[${shape.map((size, axis) => size ?? (axis === 0 ? "n" : "any")).join(", ")}]`;
