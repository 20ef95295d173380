// Closed forms of the noise models' distributions: the noisy values of one pixel, where they are not clipped.
import type { NoiseKind } from "../lib";

/** Values with probabilities, or a density on an interval outside of which there is nothing that counts. */
export type Distribution =
  | { readonly atoms: readonly { readonly value: number; readonly probability: number }[] }
  | { readonly density: (x: number) => number; readonly from: number; readonly to: number };

const normal = (mean: number, sigma: number): Distribution => ({
  density: (x) => Math.exp(-0.5 * ((x - mean) / sigma) ** 2) / (sigma * Math.sqrt(2 * Math.PI)),
  from: mean - 9 * sigma,
  to: mean + 9 * sigma,
});

/** Probabilities of 0, 1, 2 … events where `mean` are expected, as long as they count. */
function poissonProbabilities(mean: number): number[] {
  const most = Math.ceil(mean + 12 * Math.sqrt(mean) + 20);
  let logarithm = -mean;
  return Array.from({ length: most }, (_, k) => {
    if (k > 0) logarithm += Math.log(mean / k);
    return Math.exp(logarithm);
  });
}

/** I0(z) exp(-z), the modified Bessel function: the mean of exp(z (cos t - 1)) over a period. */
function scaledBessel0(z: number): number {
  const steps = 400; // the trapezoidal rule converges exponentially
  let sum = 0;
  for (let i = 0; i < steps; i++) sum += Math.exp(z * (Math.cos((2 * Math.PI * i) / steps) - 1));
  return sum / steps;
}

/**
 * What `noiseModel` makes of a pixel without clipping.
 * @param value of the clean pixel, in (0, 1]
 * @param sigma the level, above 0
 */
export function distributionOf(kind: NoiseKind, value: number, sigma: number): Distribution {
  switch (kind) {
    case "gaussian":
    case "correlated": // in each pixel
      return normal(value, sigma);
    case "speckle":
      return normal(value, 2 * sigma * value);
    case "uniform": {
      const halfWidth = Math.sqrt(3) * sigma;
      return { density: () => 0.5 / halfWidth, from: value - halfWidth, to: value + halfWidth };
    }
    case "laplace": {
      const scale = sigma / Math.SQRT2;
      const density = (x: number) => Math.exp(-Math.abs(x - value) / scale) / (2 * scale);
      return { density, from: value - 30 * scale, to: value + 30 * scale };
    }
    case "poisson": {
      const photons = 0.5 / sigma ** 2;
      return {
        atoms: poissonProbabilities(value * photons).map((probability, k) => ({ value: k / photons, probability })),
      };
    }
    case "poisson-gaussian": {
      const photons = 1 / sigma ** 2;
      const deviation = sigma / Math.SQRT2;
      const terms = poissonProbabilities(value * photons).map((probability, k) => {
        const { density } = normal(k / photons, deviation) as { density: (x: number) => number };
        return (x: number) => probability * density(x);
      });
      return {
        density: (x) => terms.reduce((sum, term) => sum + term(x), 0),
        from: -9 * deviation,
        to: terms.length / photons + 9 * deviation,
      };
    }
    case "rician": {
      const variance = sigma ** 2;
      const density = (x: number) =>
        (x / variance) * Math.exp(-((x - value) ** 2) / (2 * variance)) * scaledBessel0((x * value) / variance);
      return { density, from: 0, to: value + 9 * sigma };
    }
    case "salt-and-pepper": {
      const amount = 4 * sigma ** 2;
      return {
        atoms: [
          { value: 0, probability: amount / 2 },
          { value, probability: 1 - amount },
          { value: 1, probability: amount / 2 },
        ],
      };
    }
  }
}

export interface Moments {
  readonly mean: number;
  readonly deviation: number;
}

/** Points of a density, at equal distances: an odd number, so that the middle is one of them. */
const points = 20_001;

export function momentsOf(distribution: Distribution): Moments {
  const weighted = "atoms" in distribution ? distribution.atoms : pointsOf(distribution);
  const total = (of: (value: number) => number) =>
    weighted.reduce((sum, { value, probability }) => sum + probability * of(value), 0);
  const mean = total((value) => value);
  return { mean, deviation: Math.sqrt(total((value) => (value - mean) ** 2)) };
}

/** By Simpson's rule: what each point contributes to an integral. */
function pointsOf({ density, from, to }: Extract<Distribution, { from: number }>) {
  const step = (to - from) / (points - 1);
  return Array.from({ length: points }, (_, i) => {
    const value = from + i * step;
    const weight = i === 0 || i === points - 1 ? 1 : i % 2 ? 4 : 2;
    return { value, probability: (density(value) * weight * step) / 3 };
  });
}

/**
 * The largest difference between the share of values up to x and its probability (Kolmogorov 1933, Smirnov 1948).
 * @param sorted in ascending order
 */
export function kolmogorovSmirnov(sorted: Float32Array, distribution: Distribution): number {
  const n = sorted.length;
  if ("atoms" in distribution) {
    let [below, at, largest] = [0, 0, 0];
    for (const { value, probability } of distribution.atoms) {
      below += probability;
      while (at < n && sorted[at] <= value + 1e-5) at++; // values are in single precision
      largest = Math.max(largest, Math.abs(at / n - below));
    }
    return largest;
  }
  const { density, from, to } = distribution;
  const step = (to - from) / (points - 1);
  const below = new Float64Array(points);
  for (let i = 1; i < points; i++) {
    const x = from + i * step;
    below[i] = below[i - 1] + ((density(x - step) + 4 * density(x - step / 2) + density(x)) * step) / 6;
  }
  return sorted.reduce((largest, x, i) => {
    const position = Math.min(points - 1, Math.max(0, (x - from) / step));
    const left = Math.min(points - 2, Math.floor(position));
    const probability = below[left] + (position - left) * (below[left + 1] - below[left]);
    return Math.max(largest, probability - i / n, (i + 1) / n - probability);
  }, 0);
}
