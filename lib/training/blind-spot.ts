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

type Replace = (image: OneImage, y: number, x: number, random: Random) => readonly number[];

/** One of a stack, its pixels by row and column; beyond the border it is reflected. */
interface OneImage {
  readonly height: number;
  readonly width: number;
  pixel(y: number, x: number): Float32Array;
}

/** Side of the squares of which each has one hidden pixel: 1.6 % of the pixels, as in the paper. */
const cell = 8;

/**
 * Noise2Void (Krull, Buchholz & Jug 2019): in each square of 8 x 8 pixels, one pixel at random gets the value of another
 * one, from the 5 x 5 pixels around it.
 */
export function hideRandomPixels(noisy: Images, random: Random): Hidden {
  const replace: Replace = ({ pixel }, y, x) => {
    const other = random.below(24); // of 25, without the middle
    const at = other < 12 ? other : other + 1;
    return [...pixel(y + Math.floor(at / 5) - 2, x + (at % 5) - 2)];
  };
  return hide(noisy, random, replace, function* ({ height, width }) {
    for (let top = 0; top < height; top += cell)
      for (let left = 0; left < width; left += cell)
        yield [top + random.below(Math.min(cell, height - top)), left + random.below(Math.min(cell, width - left))];
  });
}

/** Distance of the hidden pixels of a grid. */
const step = 4;

/**
 * Noise2Self (Batson & Royer 2019): the pixels of a grid, every fourth in both directions, with its first at random, get
 * the mean of their eight neighbours, of which the four next to it count twice.
 */
export function hideGridPixels(noisy: Images, random: Random): Hidden {
  const replace: Replace = ({ pixel }, y, x) => {
    const sums = new Array<number>(noisy.shape[3]).fill(0);
    for (let down = -1; down <= 1; down++)
      for (let right = -1; right <= 1; right++) {
        const weight = [0, 2, 1][Math.abs(down) + Math.abs(right)] / 12;
        for (const [channel, value] of pixel(y + down, x + right).entries()) sums[channel] += weight * value;
      }
    return sums;
  };
  return hide(noisy, random, replace, function* ({ height, width }) {
    const [top, left] = [random.below(Math.min(step, height)), random.below(Math.min(step, width))];
    for (let y = top; y < height; y += step) for (let x = left; x < width; x += step) yield [y, x];
  });
}

function hide(
  { data, shape }: Images,
  random: Random,
  replace: Replace,
  chosen: (image: OneImage) => Iterable<readonly [y: number, x: number]>,
): Hidden {
  const [n, height, width, channels] = shape;
  const images = data.slice();
  const mask = new Float32Array(n * height * width);
  for (let i = 0; i < n; i++) {
    const at = (y: number, x: number) => (i * height + y) * width + x;
    const pixel = (y: number, x: number) => {
      const index = at(inside(y, height), inside(x, width));
      return data.subarray(index * channels, (index + 1) * channels);
    };
    const image = { height, width, pixel };
    for (const [y, x] of chosen(image)) {
      mask[at(y, x)] = 1;
      images.set(replace(image, y, x, random), at(y, x) * channels);
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
