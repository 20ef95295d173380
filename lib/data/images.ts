// The one form in which images travel through the project.
import { checkImages, checkNumber } from "../checks";

/** A stack of images: `data` holds `shape` = [n, height, width, channels] row by row, values usually in [0, 1]. */
export interface Images {
  readonly data: Float32Array;
  readonly shape: readonly [n: number, height: number, width: number, channels: number];
}

/** Images of digits, with the digit (0 to 9) that each shows. */
export interface LabelledImages extends Images {
  readonly labels: Uint8Array;
}

/** Values as a file holds them: below 0 they become 0, above 1 they become 1. */
export const clipImages = ({ data, shape }: Images): Images => ({
  data: data.map((value) => Math.min(Math.max(value, 0), 1)),
  shape,
});

/** Numbers in one image of the stack. */
export const imageSize = ({ shape: [, height, width, channels] }: Images): number => height * width * channels;

/**
 * Copies chosen images into a new stack, in the order of the indices; an index may come more than once.
 * @param images [n, height, width, channels]
 * @param indices whole numbers from 0 to n - 1
 * @returns [indices.length, height, width, channels]
 * @throws {RangeError} when an index is not one of an image, or data and shape do not fit together
 * @example
 * ```ts
 * import { type Images, selectImages } from "image-denoiser";
 *
 * const images: Images = { data: Float32Array.of(0, 0.5, 1), shape: [3, 1, 1, 1] };
 * selectImages(images, [2, 0]).data // Float32Array(2) [ 1, 0 ]
 * ```
 */
export function selectImages(images: Images, indices: ArrayLike<number>): Images {
  checkImages(images);
  const [n, ...rest] = images.shape;
  const size = imageSize(images);
  const data = new Float32Array(indices.length * size);
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i];
    if (!(Number.isInteger(from) && from >= 0 && from < n))
      throw new RangeError(`there is no image ${from} among ${n} images, which are counted from 0`);
    data.set(images.data.subarray(from * size, (from + 1) * size), i * size);
  }
  return { data, shape: [indices.length, ...rest] };
}

/**
 * Images `start` to `end - 1`, without a copy: the slice is a view on the same memory.
 * @param images [n, height, width, channels]
 * @param start a whole number from 0 to `end`
 * @param end a whole number from `start` to n: asking for more images than there are is an error
 * @returns [end - start, height, width, channels]
 * @throws {RangeError} when start or end is out of range, or data and shape do not fit together
 * @example
 * ```ts
 * import { type Images, sliceImages } from "image-denoiser";
 *
 * const images: Images = { data: Float32Array.of(0, 0.5, 1), shape: [3, 1, 1, 1] };
 * sliceImages(images, 0, 2).data // Float32Array(2) [ 0, 0.5 ]
 * ```
 */
export function sliceImages(images: Images, start: number, end: number): Images {
  checkImages(images);
  const [n, ...rest] = images.shape;
  checkNumber("end", end, { least: 0, most: n, whole: true });
  checkNumber("start", start, { least: 0, most: end, whole: true });
  const size = imageSize(images);
  return { data: images.data.subarray(start * size, end * size), shape: [end - start, ...rest] };
}
