// Small, deterministic inputs for figures: no random numbers, so that every processor draws the same.
import type { Images } from "../../lib/data/images";
import type { Figure } from "../../lib/figures/figure";
import type { Epoch } from "../../lib/training/training-run";

// biome-ignore lint/suspicious/noExplicitAny: tests look into the JSON that Plotly gets
export const json = (figure: Figure): any => JSON.parse(JSON.stringify(figure));

/** A training whose losses fall steeply at first; `scale` multiplies its validation losses. */
export const epochsOf = (n: number, scale = 1): Epoch[] =>
  Array.from({ length: n }, (_, i) => ({
    epoch: i + 1,
    loss: 0.09 / (i + 1) + 0.004,
    valLoss: scale * (0.08 / (i + 1) + 0.008 + (i === 6 ? 0.006 : 0)),
    learningRate: i < 8 ? 0.001 : 0.0005,
    seconds: 1,
  }));

/** Rings of growing radius on black, 12 x 12 pixels each, with a pattern of up to `error` in both directions. */
export function rings(error = 0, n = 8): Images {
  const size = 12;
  const pixel = (i: number) => {
    const [image, y, x] = [Math.floor(i / size ** 2), Math.floor(i / size) % size, i % size];
    const distance = Math.abs(Math.sqrt((y - 5.5) ** 2 + (x - 5.5) ** 2) - 1.5 - image / 3);
    return Math.max(0, 1 - distance) + error * (((x + 2 * y) % 5) / 2 - 1);
  };
  return { data: Float32Array.from({ length: n * size ** 2 }, (_, i) => pixel(i)), shape: [n, size, size, 1] };
}

/** Eight digits, each of one grey: 0, 1/8 … 7/8, plus `more`. */
export const greys = (more: number): Images => ({
  data: Float32Array.from({ length: 8 * 784 }, (_, i) => Math.floor(i / 784) / 8 + more),
  shape: [8, 28, 28, 1],
});

/** Quantiles of a logistic distribution: scores of `n` images around a mean. */
export const scoresAround = (mean: number, width: number, n = 240): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => mean + width * Math.log((i + 0.5) / (n - i - 0.5)));
