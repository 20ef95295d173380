// The distribution of a score over the images, one line per method: a mean alone hides the hard images.
import type { Data } from "plotly.js";
import { formatNumber, formatSignificant } from "../numbers";
import { type Figure, lineStyle, plotLayout } from "./figure";

export interface ScoresOfMethod {
  readonly name: string;
  /** One score per image. */
  readonly values: Float64Array;
}

/** Points of a line. */
const resolution = 200;

/**
 * Kernel density estimates of scores, each drawn from the lowest score to the highest, with a vertical line at the mean.
 * Infinite scores (the PSNR of identical images) are not drawn, but count in the mean.
 * @param methods the noisy images first: they get the grey line
 * @param labels the figure's title; what the scores are, with their unit
 * @example
 * ```ts
 * import { scoreDistributions } from "image-denoiser";
 * const methods = [{ name: "U-Net", values: Float64Array.of(20, 21, 21, 22) }];
 * scoreDistributions(methods, { title: "PSNR", xTitle: "PSNR, dB" }).alt // 'PSNR: U-Net mean 21.00, 90 % of the images between 20.0 and 22.0.'
 * ```
 */
export function scoreDistributions(
  methods: readonly ScoresOfMethod[],
  { title, xTitle }: { title: string; xTitle: string },
): Figure {
  const means = methods.map(({ values }) => meanOf(values));
  const shownMeans = withEqualDecimals(means);
  const names = methods.map(({ name }, i) => `${name}, mean ${shownMeans[i]}`);
  let highest = 0;
  const data = methods.flatMap(({ name, values }, i): Data[] => {
    const { color, dash } = lineStyle(i);
    const density = densityOf(values.filter(Number.isFinite));
    highest = Math.max(highest, ...density.y);
    const shared = { type: "scatter" as const, mode: "lines" as const, legendgroup: name };
    return [
      {
        ...shared,
        name: names[i],
        x: density.x,
        y: density.y,
        line: { color, dash, width: 2, simplify: false },
        hovertemplate: `%{x:.4~g}<extra>${name}</extra>`,
      },
      {
        ...shared,
        x: [means[i], means[i]],
        y: [0, density.at(means[i])],
        line: { color, width: 1 },
        showlegend: false,
        hovertemplate: `mean %{x:.4~g}<extra>${name}</extra>`,
      },
    ];
  });
  const layout = plotLayout(title, {
    height: 380,
    xaxis: { title: { text: xTitle } },
    // without numbers: they would tell a reader no more than the shape does
    yaxis: { title: { text: "density" }, range: [0, 1.05 * (highest || 1)], tickvals: [] },
  });
  const described = methods.map((method, i) => describe(method, shownMeans[i]));
  return { data, layout, alt: `${title}: ${described.join("; ")}.` };
}

const meanOf = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Numbers as text, with as many decimals as show four digits of the largest. */
function withEqualDecimals(values: readonly number[]): string[] {
  const largest = Math.max(...values.map(Math.abs).filter((value) => Number.isFinite(value) && value > 0), 1e-3);
  const decimals = Math.max(0, 3 - Math.floor(Math.log10(largest)));
  return values.map((value) => formatNumber(value, decimals));
}

function describe({ name, values }: ScoresOfMethod, mean: string): string {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) => formatSignificant(sorted[Math.round(share * (sorted.length - 1))], 3);
  return `${name} mean ${mean}, 90 % of the images between ${at(0.05)} and ${at(0.95)}`;
}

interface Density {
  readonly x: number[];
  readonly y: number[];
  at(value: number): number;
}

/** Kernel density estimate with Gaussian kernels; bandwidth by Silverman's rule of thumb (1986, eq. 3.31). */
function densityOf(values: Float64Array): Density {
  const n = values.length;
  const sorted = Float64Array.from(values).sort();
  const [low, high] = [sorted[0], sorted[n - 1]];
  const mean = meanOf(values);
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n);
  const quartiles = (sorted[Math.floor(0.75 * n)] - sorted[Math.floor(0.25 * n)]) / 1.34;
  const width = Math.min(deviation, quartiles || deviation) || 0.01 * (Math.abs(mean) || 1); // equal values: a narrow peak
  const bandwidth = 0.9 * width * n ** -0.2;
  const at = (value: number) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += Math.exp(-0.5 * ((value - values[i]) / bandwidth) ** 2);
    return n > 0 ? sum / (n * bandwidth * Math.sqrt(2 * Math.PI)) : 0;
  };
  const x = Array.from({ length: n > 0 ? resolution : 0 }, (_, i) => low + (i / (resolution - 1)) * (high - low));
  return { x, y: x.map(at), at };
}
