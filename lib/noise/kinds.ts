// Noise by its kind and level, as a training, a command or a notebook's parameters name it: one scale of levels for all
// kinds; ranges of levels, and mixtures of kinds.
import { checkChoice, checkImages, checkNumber } from "../checks";
import { type Images, imageSize, sliceImages } from "../data/images";
import { Random } from "../random";
import { correlatedGaussian } from "./correlated";
import { gaussian } from "./gaussian";
import { laplace } from "./laplace";
import type { NoiseDraw, NoiseModel } from "./noise-model";
import { poisson, poissonGaussian } from "./poisson";
import { rician } from "./rician";
import { saltAndPepper } from "./salt-and-pepper";
import { speckle } from "./speckle";
import { uniformNoise } from "./uniform";

/** Each kind's model with standard deviation sigma, above 0, at a pixel of value 0.5. */
const models = {
  gaussian: (sigma) => (clean, draw) => gaussian(clean, { sigma, ...draw }),
  uniform: (sigma) => (clean, draw) => uniformNoise(clean, { halfWidth: Math.sqrt(3) * sigma, ...draw }),
  laplace: (sigma) => (clean, draw) => laplace(clean, { scale: sigma / Math.SQRT2, ...draw }),
  poisson: (sigma) => (clean, draw) => poisson(clean, { photons: 0.5 / sigma ** 2, ...draw }),
  "poisson-gaussian": (sigma) => (clean, draw) =>
    poissonGaussian(clean, { photons: 1 / sigma ** 2, sigma: sigma / Math.SQRT2, ...draw }),
  speckle: (sigma) => (clean, draw) => speckle(clean, { sigma: 2 * sigma, ...draw }),
  rician: (sigma) => (clean, draw) => rician(clean, { sigma, ...draw }),
  correlated: (sigma) => (clean, draw) => correlatedGaussian(clean, { sigma, blur: 1, ...draw }),
  "salt-and-pepper": (sigma) => (clean, draw) => saltAndPepper(clean, { amount: 4 * sigma ** 2, ...draw }),
} satisfies Record<string, (sigma: number) => NoiseModel>;

/** A kind of noise that has a level. */
export type NoiseKind = keyof typeof models;

/**
 * The kinds of noise that `noiseModel` takes.
 * @example
 * ```ts
 * import { noiseKinds } from "image-denoiser";
 *
 * noiseKinds.slice(0, 4) // [ 'gaussian', 'uniform', 'laplace', 'poisson' ]
 * ```
 */
export const noiseKinds = Object.keys(models) as readonly NoiseKind[];

/** A level of noise, or a range of levels, from which each image's own is drawn uniformly. */
export type NoiseLevel = number | readonly [low: number, high: number];

/** Noise of a kind, or of several kinds, of which each image gets one. */
export interface NoiseSettings {
  readonly kind: NoiseKind | readonly NoiseKind[];
  /** See `noiseModel`. */
  readonly sigma: NoiseLevel;
}

/**
 * The noise model of a kind and level. `sigma` means the same for all kinds: the standard deviation of the noise in a
 * pixel of value 0.5, in images with values in [0, 1], before clipping. From it follow each kind's own parameters:
 *
 * | kind | parameters |
 * |---|---|
 * | "gaussian" | sigma |
 * | "uniform" | halfWidth = sqrt(3) sigma |
 * | "laplace" | scale = sigma / sqrt(2) |
 * | "poisson" | photons = 0.5 / sigma² |
 * | "poisson-gaussian" | photons = 1 / sigma², Gaussian noise of sigma / sqrt(2): half of the variance each |
 * | "speckle" | its own sigma = 2 sigma |
 * | "rician" | sigma in each of its two parts; the deviation in pixels that are much brighter |
 * | "correlated" | sigma, blur 1 |
 * | "salt-and-pepper" | amount = 4 sigma², so sigma is at most 0.5 |
 *
 * With several kinds, or a range of levels of another kind than Gaussian, each image gets a kind and a level of its own,
 * and noise from a stream of its own.
 * @throws {RangeError} when a kind is not one of `noiseKinds`, or sigma is negative, not finite, no range, or too large for
 *   salt and pepper
 * @example
 * ```ts
 * import { type Images, noiseModel } from "image-denoiser";
 *
 * const grey: Images = { data: new Float32Array(4).fill(0.5), shape: [1, 2, 2, 1] };
 * const addNoise = noiseModel({ kind: ["gaussian", "poisson"], sigma: [0.1, 0.3] });
 * addNoise(grey, { seed: 42, stream: "test noise" }).data // Float32Array(4) [ 0.456436, 0.557866, 0.380363, 0.405721 ]
 * ```
 */
export function noiseModel({ kind, sigma }: NoiseSettings): NoiseModel {
  const kinds = [kind].flat() as NoiseKind[];
  if (kinds.length === 0) throw new RangeError("there must be at least one kind of noise");
  const [low, high] = typeof sigma === "number" ? [sigma, sigma] : sigma;
  for (const each of kinds) {
    checkChoice("the kind of noise", each, noiseKinds);
    checkNumber("sigma", low, { least: 0 });
    checkNumber("sigma", high, { least: low });
    if (each === "salt-and-pepper" && high > 0.5)
      throw new RangeError(`sigma of salt and pepper is at most 0.5, where every value is replaced, not ${high}`);
  }
  const [first] = kinds;
  if (kinds.length === 1 && first === "gaussian") return (clean, draw) => gaussian(clean, { sigma, ...draw });
  if (kinds.length === 1 && low === high) return modelOf(first, low);
  return (clean, draw) => {
    const random = new Random(draw.seed, `${draw.stream ?? ""}: kinds and levels`);
    return eachImage(
      clean,
      draw,
      (image) => `${draw.stream ?? ""}: image ${image}`,
      (one, own) => {
        const [chosen, level] = [kinds[random.below(kinds.length)], low + (high - low) * random.uniform()];
        return modelOf(chosen, level)(one, own);
      },
    );
  };
}

/** The level that `noiseModel` gives the first image with this draw. */
export function levelOfFirst({ kind, sigma }: NoiseSettings, { seed, stream = "" }: NoiseDraw): number {
  if (typeof sigma === "number") return sigma;
  const [low, high] = sigma;
  const isGaussian = String(kind) === "gaussian";
  const random = new Random(seed, isGaussian ? stream : `${stream}: kinds and levels`);
  if (!isGaussian) random.below(1); // the kind
  return high > low ? low + (high - low) * random.uniform() : low;
}

/** Photons are infinitely many where there is no noise, so that is left to Gaussian noise. */
const modelOf = (kind: NoiseKind, sigma: number): NoiseModel => models[sigma === 0 ? "gaussian" : kind](sigma);

/** Applies a model to each image alone, with numbers from the stream that `streamOf` names for it. */
export function eachImage(
  clean: Images,
  draw: Omit<NoiseDraw, "stream">,
  streamOf: (image: number) => string,
  model: NoiseModel,
): Images {
  checkImages(clean, "clean");
  const data = new Float32Array(clean.data.length);
  for (let image = 0; image < clean.shape[0]; image++) {
    const one = sliceImages(clean, image, image + 1);
    data.set(model(one, { ...draw, stream: streamOf(image) }).data, image * imageSize(clean));
  }
  return { data, shape: clean.shape };
}

/**
 * The name of a kind of noise within a sentence: "Gaussian", "salt-and-pepper", "Gaussian or Poisson".
 * @example
 * ```ts
 * import { noiseName } from "image-denoiser";
 *
 * noiseName(["gaussian", "poisson-gaussian", "speckle"]) // 'Gaussian, Poisson-Gaussian or speckle'
 * ```
 */
export function noiseName(kind: NoiseKind | readonly NoiseKind[]): string {
  const names = ([kind].flat() as NoiseKind[]).map((name) =>
    name.replace(/gaussian|laplace|poisson|rician/g, (person) => person[0].toUpperCase() + person.slice(1)),
  );
  return names.length === 1 ? names[0] : `${names.slice(0, -1).join(", ")} or ${names[names.length - 1]}`;
}
