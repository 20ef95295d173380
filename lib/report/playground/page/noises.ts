// The kinds of noise to choose from, each with one level.
import type { Images } from "../../../data/images";
import { gaussian } from "../../../noise/gaussian";

export interface NoiseKind {
  readonly name: string;
  /** What the level is. */
  readonly level: string;
  readonly most: number;
  readonly step: number;
  /** Whether values are clipped to [0, 1]. */
  readonly clipped: boolean;
  /** The standard deviation at a level. */
  readonly sigma: (level: number) => number;
  readonly add: (clean: Images, level: number, seed: number) => Images;
}

/** The first test image gets the numbers that it has in the notebook. */
const stream = "test noise";

const sigma = { level: "sigma", most: 1, step: 0.01, sigma: (level: number) => level };

export const noiseKinds = {
  clipped: {
    name: "Gaussian, clipped",
    ...sigma,
    clipped: true,
    add: (clean, sigma, seed) => gaussian(clean, { sigma, seed, stream }),
  },
  gaussian: {
    name: "Gaussian",
    ...sigma,
    clipped: false,
    add: (clean, sigma, seed) => gaussian(clean, { sigma, seed, stream, clip: false }),
  },
} satisfies Record<string, NoiseKind>;

export interface Noise {
  readonly kind: keyof typeof noiseKinds;
  readonly level: number;
  readonly seed: number;
}

export const kindOf = ({ kind }: Noise): NoiseKind => noiseKinds[kind];
