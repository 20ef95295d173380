// The accuracy of a classifier on images: whether it names the right class for each.
import * as tf from "@tensorflow/tfjs";
import { checkImages, checkLabels } from "../checks";
import { type Images, sliceImages } from "../data/images";
import { valuesOf } from "../tensor-values";

/** Images that are in the engine at once. */
const batchSize = 500;

/**
 * Whether a classifier names the right class for each image: 1 for right, 0 for wrong, so that `bootstrapMean` gives the
 * accuracy with its interval.
 * @param classifier [n, height, width, channels] -> [n, classes], the probability of each class
 * @param images [n, height, width, channels], values in [0, 1]
 * @param labels the class of each image, counted from 0
 * @throws {RangeError} when data and shape do not belong together, or labels are not one an image
 * @example
 * ```ts
 * import { accuracy, tf } from "image-denoiser";
 *
 * const images = { data: Float32Array.of(0.1, 0.8, 0.9, 0.4), shape: [2, 1, 2, 1] as const };
 * const brighterPixel = tf.sequential({ layers: [tf.layers.flatten({ inputShape: [1, 2, 1] })] });
 * accuracy(brighterPixel, images, Uint8Array.of(1, 1)) // Float64Array(2) [ 1, 0 ]
 * ```
 */
export function accuracy(classifier: tf.LayersModel, images: Images, labels: Uint8Array): Float64Array {
  checkImages(images);
  const [n] = images.shape;
  checkLabels(labels, n);
  const right = new Float64Array(n);
  for (let start = 0; start < n; start += batchSize) {
    const { data, shape } = sliceImages(images, start, Math.min(start + batchSize, n));
    const named = valuesOf(() => {
      const probabilities = classifier.predictOnBatch(tf.tensor4d(data, [...shape]));
      return (probabilities as tf.Tensor).argMax(1);
    });
    for (let i = 0; i < named.length; i++) right[start + i] = named[i] === labels[start + i] ? 1 : 0;
  }
  return right;
}
