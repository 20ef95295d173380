// Colours that are changed at random: a model that is trained on few pictures would learn which colours they have.
import type { Random } from "../random";

/** What happens to the colours of a patch. */
export interface ColourChange {
  /** Which channel each channel is taken from. */
  readonly order: Uint32Array;
  /** 0: grey, 1: as it is. */
  readonly saturation: number;
  /** What each channel is multiplied by. */
  readonly gains: readonly number[];
}

/** Channels in random order, saturation from 0 to 1.5, and gains from 0.7 to 1.3. */
export const drawColourChange = (random: Random): ColourChange => ({
  order: random.permutation(3),
  saturation: 1.5 * random.uniform(),
  gains: Array.from({ length: 3 }, () => 0.7 + 0.6 * random.uniform()),
});

/**
 * Changes the colours of pixels in place; values stay in [0, 1].
 * @param pixels red, green and blue of each
 */
export function changeColours(pixels: Float32Array, { order: [r, g, b], saturation, gains }: ColourChange): void {
  for (let i = 0; i < pixels.length; i += 3) {
    const colours = [pixels[i + r], pixels[i + g], pixels[i + b]];
    const grey = (colours[0] + colours[1] + colours[2]) / 3;
    for (let c = 0; c < 3; c++)
      pixels[i + c] = Math.min(1, Math.max(0, gains[c] * (grey + saturation * (colours[c] - grey))));
  }
}
