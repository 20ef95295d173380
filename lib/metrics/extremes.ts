// Which images to look at: those a model does worst on, those in the middle, and those it does best on.

/** Images by their place in the stack; each list in order of rising score. */
export type Extremes = Readonly<Record<"worst" | "median" | "best", number[]>>;

/**
 * @param scores one an image, higher is better
 * @param count of images in each of the three groups
 * @throws {RangeError} when there are too few images for three groups without an image in common
 */
export function extremes(scores: Float64Array, count: number): Extremes {
  const n = scores.length;
  if (!(Number.isInteger(count) && count >= 1 && 3 * count <= n))
    throw new RangeError(`count must be a whole number from 1 to a third of the ${n} images, not ${count}`);
  // stable: of equal scores, infinite ones too, the earlier image comes first
  const order = Array.from(scores.keys()).sort((i, j) => (scores[i] === scores[j] ? 0 : scores[i] - scores[j]));
  const middle = (n - count) >> 1;
  return { worst: order.slice(0, count), median: order.slice(middle, middle + count), best: order.slice(n - count) };
}
