// Applies a model to images, a batch at a time, so that memory stays bounded for any number of them.
import * as tf from "@tensorflow/tfjs";
import { checkImages } from "../checks";
import { type Images, sliceImages } from "../data/images";

/**
 * @param model takes and gives [n, height, width, channels]
 * @param noisy values in [0, 1]
 * @param batchSize images that are in the engine at once
 * @returns denoised images of the same shape
 */
export function denoise(model: tf.LayersModel, noisy: Images, batchSize = 256): Images {
  checkImages(noisy, "noisy");
  const [n, height, width, channels] = noisy.shape;
  const size = height * width * channels;
  const data = new Float32Array(noisy.data.length);
  for (let start = 0; start < n; start += batchSize) {
    const batch = sliceImages(noisy, start, Math.min(start + batchSize, n));
    tf.tidy(() => {
      const x = tf.tensor4d(batch.data, [batch.shape[0], height, width, channels]);
      const denoised = model.predictOnBatch(x) as tf.Tensor;
      data.set(denoised.dataSync(), start * size);
    });
  }
  return { data, shape: noisy.shape };
}
