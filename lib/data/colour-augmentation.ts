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
export function changeColours(pixels: Float32Array, { order, saturation, gains }: ColourChange): void {
  const [first, second, third] = order;
  const [ofRed, ofGreen, ofBlue] = gains;
  for (let i = 0; i < pixels.length; i += 3) {
    const red = pixels[i + first];
    const green = pixels[i + second];
    const blue = pixels[i + third];
    const grey = (red + green + blue) / 3;
    pixels[i] = inRange(ofRed * (grey + saturation * (red - grey)));
    pixels[i + 1] = inRange(ofGreen * (grey + saturation * (green - grey)));
    pixels[i + 2] = inRange(ofBlue * (grey + saturation * (blue - grey)));
  }
}

const inRange = (value: number): number => (value < 0 ? 0 : value > 1 ? 1 : value);
