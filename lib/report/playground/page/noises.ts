// The kinds of noise to choose from: the noise models of lib/noise, each with one level.
import type { Images } from "../../../data/images";
import { blockQuantization } from "../../../noise/block-quantization";
import { correlatedGaussian } from "../../../noise/correlated";
import { gaussian } from "../../../noise/gaussian";
import { laplace } from "../../../noise/laplace";
import { poisson, poissonGaussian } from "../../../noise/poisson";
import { rician } from "../../../noise/rician";
import { saltAndPepper } from "../../../noise/salt-and-pepper";
import { speckle } from "../../../noise/speckle";
import { uniformNoise } from "../../../noise/uniform";
import type { Playground } from "../data";

export interface NoiseKind {
  readonly name: string;
  /** What the level is, with its unit. */
  readonly level: string;
  readonly least: number;
  readonly most: number;
  readonly step: number;
  /** The standard deviation that a level gives a pixel of value 0.5. */
  readonly sigma: (level: number) => number;
  /** The level that gives a pixel of value 0.5 about that standard deviation. */
  readonly levelOf: (sigma: number) => number;
  /** Whether clipping makes black brighter and white darker, so that filters need a correction. */
  readonly biased: boolean;
  /** Whether numbers are drawn, from a seed. */
  readonly seeded: boolean;
  readonly add: (clean: Images, level: number, seed: number) => Images;
}

/** The first test image gets the numbers that it has in the notebook. */
const stream = "test noise";

const itself = (value: number) => value;
const share = { least: 0, most: 1, step: 0.01, seeded: true } as const;
const standardDeviation = { ...share, level: "standard deviation", sigma: itself, levelOf: itself } as const;
const photons = { level: "photons in white, fewer is noisier", least: 1, most: 200, step: 1, seeded: true } as const;

/** Pixels, of the filter that makes neighbours alike. */
const blur = 1;
/** The noise of a camera's electronics, in photons. */
const readNoise = 2;

/** All are clipped to [0, 1], as files are, but for "gaussian". */
export const noiseKinds = {
  clipped: {
    name: "Gaussian, clipped",
    ...standardDeviation,
    biased: true,
    add: (clean, sigma, seed) => gaussian(clean, { sigma, seed, stream }),
  },
  gaussian: {
    name: "Gaussian",
    ...standardDeviation,
    biased: false,
    add: (clean, sigma, seed) => gaussian(clean, { sigma, seed, stream, clip: false }),
  },
  uniform: {
    name: "uniform",
    ...share,
    level: "half the width",
    sigma: (level) => level / Math.sqrt(3),
    levelOf: (sigma) => sigma * Math.sqrt(3),
    biased: true,
    add: (clean, halfWidth, seed) => uniformNoise(clean, { halfWidth, seed, stream }),
  },
  laplace: {
    name: "Laplace",
    ...share,
    level: "mean distance from 0",
    sigma: (level) => level * Math.SQRT2,
    levelOf: (sigma) => sigma / Math.SQRT2,
    biased: true,
    add: (clean, scale, seed) => laplace(clean, { scale, seed, stream }),
  },
  correlated: {
    name: "correlated Gaussian (grain)",
    ...standardDeviation,
    biased: true,
    add: (clean, sigma, seed) => correlatedGaussian(clean, { sigma, blur, seed, stream }),
  },
  poisson: {
    name: "Poisson (photons)",
    ...photons,
    sigma: (count) => Math.sqrt(0.5 / count),
    levelOf: (sigma) => 0.5 / sigma ** 2,
    biased: false,
    add: (clean, photons, seed) => poisson(clean, { photons, seed, stream }),
  },
  poissonGaussian: {
    name: "Poisson and Gaussian (camera)",
    ...photons,
    sigma: (count) => Math.sqrt(0.5 / count + (readNoise / count) ** 2),
    levelOf: (sigma) => (0.5 + Math.sqrt(0.25 + (2 * readNoise * sigma) ** 2)) / (2 * sigma ** 2),
    biased: false,
    add: (clean, photons, seed) => poissonGaussian(clean, { photons, sigma: readNoise / photons, seed, stream }),
  },
  speckle: {
    name: "speckle",
    ...share,
    level: "standard deviation in white",
    sigma: (level) => 0.5 * level,
    levelOf: (sigma) => 2 * sigma,
    biased: false,
    add: (clean, sigma, seed) => speckle(clean, { sigma, seed, stream }),
  },
  rician: {
    name: "Rician (magnetic resonance)",
    ...standardDeviation,
    biased: false,
    add: (clean, sigma, seed) => rician(clean, { sigma, seed, stream }),
  },
  saltAndPepper: {
    name: "salt and pepper",
    ...share,
    level: "share of the pixels",
    sigma: (amount) => 0.5 * Math.sqrt(amount),
    levelOf: (sigma) => Math.min(0.3, 4 * sigma ** 2),
    biased: false,
    add: (clean, amount, seed) => saltAndPepper(clean, { amount, seed, stream }),
  },
  blockQuantization: {
    name: "blocks, as of JPEG",
    level: "quality, lower is coarser",
    least: 1,
    most: 100,
    step: 1,
    sigma: (quality) => 0.5 / (quality + 5), // roughly: it depends on the picture
    levelOf: () => 10,
    biased: false,
    seeded: false,
    add: (clean, quality) => blockQuantization(clean, { quality }),
  },
} satisfies Record<string, NoiseKind>;

export interface Noise {
  readonly kind: keyof typeof noiseKinds;
  readonly level: number;
  readonly seed: number;
}

export const kindOf = ({ kind }: Noise): NoiseKind => noiseKinds[kind];

type Trained = Pick<Playground, "sigma" | "seed" | "clip">;

/** The noise that the models were trained on. */
export const trainedNoise = ({ sigma, seed, clip }: Trained): Noise => ({
  kind: clip ? "clipped" : "gaussian",
  level: sigma,
  seed,
});

/** The level of a kind that is about as strong as the noise of the training, as the slider has it. */
export function usualLevel(kind: Noise["kind"], { sigma }: Trained): number {
  const { levelOf, least, most, step } = noiseKinds[kind];
  const level = levelOf(sigma);
  return Number(Math.min(most, Math.max(least, step * Math.round(level / step))).toFixed(2));
}

/** A level so many times weaker or stronger is still like that of the training. */
const tolerance = 4 / 3;

/** A sentence where the noise is not what the model was trained on; a level of 0 leaves the picture's own, which is not known. */
export function remark(noise: Noise, trained: Trained, model: string): string | undefined {
  const own = trainedNoise(trained);
  const ratio = noise.level / own.level;
  const alike = noise.level === 0 || (ratio <= tolerance && ratio >= 1 / tolerance);
  if (noise.kind === own.kind && alike) return undefined;
  const described = `${trained.clip ? "clipped " : ""}Gaussian noise of standard deviation ${own.level.toFixed(2)}`;
  return `The ${model} was trained on ${described}, not on ${noise.kind === own.kind ? "this level" : "this kind"}.`;
}
