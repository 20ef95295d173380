// Checks of arguments: a wrong number is worse than an error. Each error says what the argument must be and what it is.

/** What a number must be; both ends are allowed. */
export interface NumberRange {
  readonly least?: number;
  readonly most?: number;
  /** No fractions. */
  readonly whole?: boolean;
}

/** @throws {RangeError} when the value is not a finite number, or not in the range */
export function checkNumber(name: string, value: unknown, { least, most, whole = false }: NumberRange = {}): void {
  const within =
    typeof value === "number" &&
    Number.isFinite(value) &&
    (!whole || Number.isInteger(value)) &&
    !(least !== undefined && value < least) &&
    !(most !== undefined && value > most);
  if (within) return;
  const range =
    least !== undefined && most !== undefined
      ? ` from ${least} to ${most}`
      : least !== undefined
        ? ` of at least ${least}`
        : most !== undefined
          ? ` of at most ${most}`
          : "";
  throw new RangeError(`${name} must be a ${whole ? "whole " : ""}number${range}, not ${shown(value)}`);
}

/** @throws {RangeError} when the value is not a whole number of at least 1 */
export const checkCount = (name: string, value: unknown): void => checkNumber(name, value, { least: 1, whole: true });

/** @throws {RangeError} when the value is not a finite number above 0 */
export function checkPositive(name: string, value: number): void {
  if (!(value > 0 && Number.isFinite(value))) throw new RangeError(`${name} must be a positive number, not ${value}`);
}

/**
 * The range of images' values. Images are of single precision, which holds no larger and hardly any smaller numbers.
 * @throws {RangeError} when the value is not a number from 1e-38 to 3e38
 */
export const checkDataRange = (dataRange: number): void =>
  checkNumber("dataRange", dataRange, { least: 1e-38, most: 3e38 });

/** For windows with a pixel in the middle. @throws {RangeError} when the value is not an odd whole number above 0 */
export function checkOdd(name: string, value: number): void {
  if (!(Number.isInteger(value) && value > 0 && value % 2 === 1))
    throw new RangeError(`${name} must be an odd whole number, not ${value}`);
}

/** @throws {RangeError} when the value is none of the choices */
export function checkChoice(name: string, value: unknown, choices: readonly unknown[]): void {
  if (!choices.includes(value))
    throw new RangeError(`${name} must be ${choices.map(shown).join(" or ")}, not ${shown(value)}`);
}

/** An array: data and its shape, [n, height, width, channels] for a stack of images. */
interface Stack {
  readonly data: ArrayLike<number>;
  readonly shape: readonly number[];
}

/** @throws {RangeError} when data and shape do not fit together */
export function checkImages(images: Stack, name = "images"): void {
  const { shape } = images;
  if (shape.length !== 4 || !shape.every((size) => Number.isInteger(size) && size >= 0))
    throw new RangeError(`${name}: shape must be [n, height, width, channels], not [${shape.join(", ")}]`);
  checkArray(images, name);
}

/** @throws {RangeError} when an array of any rank holds more or fewer values than its shape says */
export function checkArray({ data, shape }: Stack, name: string): void {
  const expected = shape.reduce((product, size) => product * size, 1);
  if (data.length !== expected)
    throw new RangeError(
      `${name}: shape [${shape.join(", ")}] needs ${expected} values, but data holds ${data.length}`,
    );
}

/** @throws {RangeError} when data and shape of a stack do not fit together, or the two shapes differ */
export function checkSameShape(a: Stack, b: Stack, names: readonly [string, string]): void {
  checkImages(a, names[0]);
  checkImages(b, names[1]);
  if (a.shape.some((size, axis) => size !== b.shape[axis]))
    throw new RangeError(
      `${names[0]} [${a.shape.join(", ")}] and ${names[1]} [${b.shape.join(", ")}] must have the same shape`,
    );
}

/** @throws {RangeError} that names the first value that is not finite, and its image */
export function checkFinite({ data, shape: [, height, width, channels] }: Stack, name = "images"): void {
  for (let i = 0; i < data.length; i++)
    if (!Number.isFinite(data[i]))
      throw new RangeError(`${name} holds ${data[i]} (image ${Math.floor(i / (height * width * channels))})`);
}

/** @throws {RangeError} when there is not one label for each of n images */
export function checkLabels(labels: ArrayLike<number>, n: number): void {
  if (labels.length !== n)
    throw new RangeError(`there must be one label an image, not ${labels.length} for ${n} images`);
}

const shown = (value: unknown): string =>
  typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value));
