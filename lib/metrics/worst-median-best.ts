// Which images to look at: those with the lowest scores, those in the middle, and those with the highest.

/** Indices of images, each list in order of rising score. */
export type WorstMedianBest = Readonly<Record<"worst" | "median" | "best", number[]>>;

/**
 * Chooses the images with the lowest, the middle and the highest scores.
 * @param scores [n], higher is better
 * @param count of images in each of the three groups
 * @returns indices from 0 to n - 1
 * @throws {RangeError} when there are too few images for three groups without an image in common
 * @example
 * ```ts
 * import { worstMedianBest } from "image-denoiser";
 *
 * worstMedianBest(Float64Array.of(21, 18, 25, 19), 1) // { worst: [ 1 ], median: [ 3 ], best: [ 2 ] }
 * ```
 */
export function worstMedianBest(scores: Float64Array, count: number): WorstMedianBest {
  const n = scores.length;
  if (!(Number.isInteger(count) && count >= 1 && 3 * count <= n))
    throw new RangeError(`count must be a whole number from 1 to a third of the ${n} images, not ${count}`);
  // stable: of equal scores, infinite ones too, the earlier image comes first
  const order = Array.from(scores.keys()).sort((i, j) => (scores[i] === scores[j] ? 0 : scores[i] - scores[j]));
  const middle = (n - count) >> 1;
  return { worst: order.slice(0, count), median: order.slice(middle, middle + count), best: order.slice(n - count) };
}
