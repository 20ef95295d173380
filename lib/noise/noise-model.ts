// What all noise models share: how noise is drawn and clipped, and noise models applied one after another.
import { checkDataRange, checkFinite, checkImages } from "../checks";
import type { Images } from "../data/images";
import { Random } from "../random";

/** How noise is drawn, whatever its kind. */
export interface NoiseDraw {
  /** A whole number. */
  seed: number;
  /** What the noise is for, "test noise" for example: noise of other names shares no numbers with it. */
  stream?: string;
  /** Values are clipped to [0, dataRange], which is from 1e-38 to 3e38; 1 if not given. */
  dataRange?: number;
  /** false: values stay as they are, also below 0 and above dataRange. */
  clip?: boolean;
}

/** Makes noisy images from clean ones, of the same shape. */
export type NoiseModel = (clean: Images, draw: NoiseDraw) => Images;

/**
 * Noise models one after another: each gets what the one before it gives, clipped unless `clip` is false, and draws from
 * a stream of its own.
 * @param models at least one
 * @throws {RangeError} when there are no models
 * @example
 * ```ts
 * import { gaussian, type Images, inSequence, saltAndPepper } from "image-denoiser";
 *
 * const camera = inSequence([
 *   (clean, draw) => gaussian(clean, { sigma: 0.1, ...draw }),
 *   (clean, draw) => saltAndPepper(clean, { amount: 0.3, ...draw }),
 * ]);
 * const grey: Images = { data: new Float32Array(4).fill(0.5), shape: [1, 2, 2, 1] };
 * camera(grey, { seed: 42 }).shape // [ 1, 2, 2, 1 ]
 * ```
 */
export function inSequence(models: readonly NoiseModel[]): NoiseModel {
  if (models.length === 0) throw new RangeError("there must be at least one noise model");
  return (clean, draw) =>
    models.reduce(
      (images, model, step) => model(images, { ...draw, stream: `${draw.stream ?? ""}, step ${step + 1}` }),
      clean,
    );
}

/**
 * Noise that treats each value alone: `noisy` gives the noisy value of a clean one, which is the one with
 * index `at` of the data. All values are drawn in order from
 * one stream, so the first images of a set get the same noise however many follow.
 */
export function drawEach(
  clean: Images,
  { seed, stream, dataRange = 1, clip = true }: NoiseDraw,
  noisy: (value: number, random: Random, dataRange: number, at: number) => number,
): Images {
  checkImages(clean, "clean");
  checkFinite(clean, "clean");
  checkDataRange(dataRange);
  const random = new Random(seed, stream);
  const data = clean.data.map((value, at) => {
    const drawn = noisy(value, random, dataRange, at);
    return clip ? Math.min(Math.max(drawn, 0), dataRange) : drawn;
  });
  return { data, shape: clean.shape };
}
