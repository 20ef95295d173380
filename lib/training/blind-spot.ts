// Blind spots: pixels whose noisy value is hidden from the model, which then has to infer them from their surroundings.
// Where the noise of a pixel tells nothing of its neighbours' noise, the model cannot learn to reproduce it.
import type { Images } from "../data/images";
import type { Random } from "../random";

/** Images of which some pixels are replaced. */
export interface Hidden {
  readonly images: Images;
  /** [n, height, width, 1]: 1 where a pixel is replaced, 0 elsewhere. */
  readonly mask: Images;
}

interface Size {
  readonly height: number;
  readonly width: number;
}

/** Side of the squares of which each has one hidden pixel: 6 % of the pixels, as many as Noise2Self hides. */
const cell = 4;

/**
 * Noise2Void (Krull, Buchholz & Jug 2019): in each square of 4 x 4 pixels, one pixel at random gets the value of another
 * one, from the 5 x 5 pixels around it. (The paper hides a quarter as many, which learns more slowly.)
 */
export const hideRandomPixels = (noisy: Images, random: Random): Hidden =>
  hide(noisy, random, 2, function* ({ height, width }) {
    for (let top = 0; top < height; top += cell)
      for (let left = 0; left < width; left += cell)
        yield [top + random.below(Math.min(cell, height - top)), left + random.below(Math.min(cell, width - left))];
  });

/** Distance of the hidden pixels of a grid. */
const step = 4;

/**
 * Noise2Self (Batson & Royer 2019): the pixels of a grid, every fourth in both directions, with its first at random, get
 * the value of one of their eight neighbours. (The mean of the neighbours, which the paper uses as well, has less noise than
 * other pixels: a network learns to see which pixels are hidden, and then gives anything where none is.)
 */
export const hideGridPixels = (noisy: Images, random: Random): Hidden =>
  hide(noisy, random, 1, function* ({ height, width }) {
    const [top, left] = [random.below(Math.min(step, height)), random.below(Math.min(step, width))];
    for (let y = top; y < height; y += step) for (let x = left; x < width; x += step) yield [y, x];
  });

/** Replaces pixels by others at random that are at most `reach` rows and columns away; beyond the border it is reflected. */
function hide(
  { data, shape }: Images,
  random: Random,
  reach: number,
  chosen: (size: Size) => Iterable<readonly [y: number, x: number]>,
): Hidden {
  const [n, height, width, channels] = shape;
  const images = data.slice();
  const mask = new Float32Array(n * height * width);
  const side = 2 * reach + 1;
  const middle = (side * side - 1) / 2;
  for (let image = 0; image < n; image++) {
    const at = (y: number, x: number) => (image * height + y) * width + x;
    for (const [y, x] of chosen({ height, width })) {
      const drawn = random.below(side * side - 1);
      const other = drawn < middle ? drawn : drawn + 1;
      const [down, right] = [Math.floor(other / side) - reach, (other % side) - reach];
      const from = at(inside(y + down, height), inside(x + right, width));
      mask[at(y, x)] = 1;
      images.set(data.subarray(from * channels, (from + 1) * channels), at(y, x) * channels);
    }
  }
  return { images: { data: images, shape }, mask: { data: mask, shape: [n, height, width, 1] } };
}

/** c b [a b c] b a: a reflection that does not repeat the border, so that a pixel never stands for itself beside it. */
function inside(at: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const index = ((at % period) + period) % period;
  return Math.min(index, period - index);
}
