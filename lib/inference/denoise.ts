// Applies a model to images, a batch at a time, so that memory stays bounded for any number of them.
import * as tf from "@tensorflow/tfjs";
import { checkCount, checkImages } from "../checks";
import { type Images, sliceImages } from "../data/images";

/**
 * Denoises images with a trained model.
 * @param model one input and one output of equal shape [n, height, width, channels]
 * @param noisy of the height, width and channels that the model takes; values in [0, 1]
 * @param batchSize images that are in the engine at once
 * @returns denoised images of the same shape
 * @throws {RangeError} when the images and the model's input and output differ in shape, or batchSize is not a whole
 *   number of at least 1
 * @example
 * ```ts
 * import { denoise, gaussian, simpleAutoencoder } from "image-denoiser";
 *
 * const clean = { data: new Float32Array(3 * 784), shape: [3, 28, 28, 1] as const };
 * const noisy = gaussian(clean, { sigma: 0.5, seed: 42 });
 * denoise(simpleAutoencoder(), noisy).shape // [ 3, 28, 28, 1 ]
 * ```
 */
export function denoise(model: tf.LayersModel, noisy: Images, batchSize = 256): Images {
  checkImages(noisy, "noisy");
  checkCount("batchSize", batchSize);
  checkFits(model, noisy);
  const { shape } = noisy;
  const [n, height, width, channels] = shape;
  const data = new Float32Array(noisy.data.length);
  for (let start = 0; start < n; start += batchSize) {
    const batch = sliceImages(noisy, start, Math.min(start + batchSize, n));
    tf.tidy(() => {
      const denoised = model.predictOnBatch(tf.tensor4d(batch.data, [...batch.shape])) as tf.Tensor;
      checkOutput(model, denoised.shape, batch.shape);
      data.set(denoised.dataSync(), start * height * width * channels);
    });
  }
  return { data, shape };
}

function checkFits(model: tf.LayersModel, { shape }: Images): void {
  const { name, inputs, outputs } = model;
  if (inputs.length !== 1 || outputs.length !== 1)
    throw new RangeError(
      `the model ${name} must have one input and one output, not ${inputs.length} and ${outputs.length}`,
    );
  if (!fits(inputs[0].shape, shape))
    throw new RangeError(`the model ${name} takes ${show(inputs[0].shape)}, and noisy is ${show(shape)}`);
  checkOutput(model, outputs[0].shape, shape);
}

function checkOutput({ name }: tf.LayersModel, output: tf.Shape, input: readonly number[]): void {
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
