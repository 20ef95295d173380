// The one form in which images travel through the project, and the checks on it.

/** A stack of images: `data` holds `shape` = [n, height, width, channels] row by row, values usually in [0, 1]. */
export interface Images {
  readonly data: Float32Array;
  readonly shape: readonly [n: number, height: number, width: number, channels: number];
}

/** Images of digits, with the digit (0 to 9) that each shows. */
export interface LabelledImages extends Images {
  readonly labels: Uint8Array;
}

/** Numbers in one image of the stack. */
export const imageSize = ({ shape: [, height, width, channels] }: Images): number => height * width * channels;

/** @throws {RangeError} when data and shape do not belong together */
export function checkImages(images: Images, name = "images"): void {
  const { data, shape } = images;
  if (shape.length !== 4 || !shape.every((size) => Number.isInteger(size) && size >= 0))
    throw new RangeError(`${name}: shape must be [n, height, width, channels], not [${shape.join(", ")}]`);
  const expected = shape.reduce((product, size) => product * size, 1);
  if (data.length !== expected)
    throw new RangeError(
      `${name}: shape [${shape.join(", ")}] needs ${expected} values, but data holds ${data.length}`,
    );
}

/** @throws {RangeError} when two stacks that belong together differ in shape */
export function checkSameShape(a: Images, b: Images, names: [string, string]): void {
  checkImages(a, names[0]);
  checkImages(b, names[1]);
  if (a.shape.some((size, axis) => size !== b.shape[axis]))
    throw new RangeError(
      `${names[0]} [${a.shape.join(", ")}] and ${names[1]} [${b.shape.join(", ")}] must have the same shape`,
    );
}

/**
 * The images at the given places, in that order, as a new stack.
 * @throws {RangeError} when an index is not in the stack
 */
export function selectImages(images: Images, indices: ArrayLike<number>): Images {
  const [n, ...rest] = images.shape;
  const size = imageSize(images);
  const data = new Float32Array(indices.length * size);
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i];
    if (!(from >= 0 && from < n)) throw new RangeError(`there is no image ${from} among ${n}`);
    data.set(images.data.subarray(from * size, (from + 1) * size), i * size);
  }
  return { data, shape: [indices.length, ...rest] };
}

/** Images `start` … `end - 1`, as a view on the same memory. */
export function sliceImages(images: Images, start: number, end: number): Images {
  const [n, ...rest] = images.shape;
  const size = imageSize(images);
  const stop = Math.min(end, n);
  return { data: images.data.subarray(start * size, stop * size), shape: [Math.max(0, stop - start), ...rest] };
}
