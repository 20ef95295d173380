// Applies a model to one batch of images.
import * as tf from "@tensorflow/tfjs";
import type { Images } from "../data/images";
import { takesLevelMap, withLevelMap } from "../noise/level-map";
import { valuesOf } from "../tensor-values";

/** @throws {RangeError} when the model has several inputs or outputs, or does not take and give images of this shape */
export function checkShapes(model: tf.LayersModel, shape: readonly number[]): void {
  const { name, inputs, outputs } = model;
  if (inputs.length !== 1 || outputs.length !== 1)
    throw new RangeError(
      `the model ${name} must have one input and one output, not ${inputs.length} and ${outputs.length}`,
    );
  const taken = takesLevelMap(model)
    ? [...inputs[0].shape.slice(0, 3), Number(inputs[0].shape[3]) - 1]
    : inputs[0].shape;
  if (!fits(taken, shape)) throw new RangeError(`the model ${name} takes ${show(taken)}, and noisy is ${show(shape)}`);
  checkOutput(name, outputs[0].shape, shape);
}

/**
 * @param sigma the level of each image's noise, for a model that takes a noise-level map
 * @throws {RangeError} when the result has another shape than the images
 */
export function predict(model: tf.LayersModel, noisy: Images, sigma?: ArrayLike<number>): Float32Array {
  return valuesOf(() => {
    const { data, shape } = sigma ? withLevelMap(noisy, sigma) : noisy;
    const denoised = model.predictOnBatch(tf.tensor4d(data, [...shape])) as tf.Tensor;
    checkOutput(model.name, denoised.shape, noisy.shape);
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
