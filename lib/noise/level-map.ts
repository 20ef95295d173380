// Noise-level maps: how much noise each image has, as one more channel of a model's input (Zhang, Zuo & Zhang 2018).
import { checkImages, checkNumber } from "../checks";
import { type Images, imageSize } from "../data/images";

/** One level for all images, or one for each. */
export type ImageLevels = number | ArrayLike<number>;

/**
 * Images with their noise level as a last channel, the same in all of an image's pixels: what a model takes that was made
 * with `noiseLevelMap`. `denoise` and `fit` do it by themselves.
 * @param images [n, height, width, channels]
 * @param sigma standard deviation of the noise, at least 0, in the images' units
 * @returns [n, height, width, channels + 1]
 * @throws {RangeError} when there is not one level for each image, or one is negative or not finite
 * @example
 * ```ts
 * import { type Images, withLevelMap } from "image-denoiser";
 *
 * const images: Images = { data: Float32Array.of(0, 0.25), shape: [2, 1, 1, 1] };
 * withLevelMap(images, [0.5, 0.125]).data // Float32Array(4) [ 0, 0.5, 0.25, 0.125 ]
 * ```
 */
export function withLevelMap(images: Images, sigma: ImageLevels): Images {
  checkImages(images);
  const { data, shape } = images;
  const [n, height, width, channels] = shape;
  const levels = typeof sigma === "number" ? new Float64Array(n).fill(sigma) : sigma;
  if (levels.length !== n)
    throw new RangeError(`there must be one sigma an image, not ${levels.length} for ${n} images`);
  for (let image = 0; image < n; image++) checkNumber("sigma", levels[image], { least: 0 });
  const size = imageSize(images);
  const mapped = new Float32Array(n * height * width * (channels + 1));
  for (let from = 0, to = 0; from < data.length; from += channels) {
    for (let channel = 0; channel < channels; channel++) mapped[to++] = data[from + channel];
    mapped[to++] = levels[Math.floor(from / size)];
  }
  return { data: mapped, shape: [n, height, width, channels + 1] };
}

/** Whether a model takes a noise-level map: one channel more than it gives. */
export function takesLevelMap({
  inputs,
  outputs,
}: {
  readonly inputs: readonly { readonly shape: readonly (number | null)[] }[];
  readonly outputs: readonly { readonly shape: readonly (number | null)[] }[];
}): boolean {
  const [input, output] = [inputs, outputs].map((tensors) => (tensors.length === 1 ? tensors[0].shape : []));
  return input.length === 4 && output.length === 4 && input[3] !== null && input[3] === Number(output[3]) + 1;
}
