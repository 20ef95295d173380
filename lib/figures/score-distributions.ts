// How scores are spread over the images, one line a method: a mean hides the hard images.
import type { Data, Layout } from "plotly.js";
import { baseLayout, type Figure, legendBeside, lineStyle } from "./figure";

export interface ScoresOfMethod {
  readonly name: string;
  /** One score an image. */
  readonly values: Float64Array;
}

/** Points of a line. */
const resolution = 200;

/**
 * Densities of scores, each drawn from the worst image to the best, with an upright at the mean. Infinite scores (of
 * perfect images) are not drawn, but count in the mean.
 * @param methods the first recedes: it suits the noisy images, from which all others start
 * @param labels.xTitle what the scores are, with their unit
 */
export function scoreDistributions(
  methods: readonly ScoresOfMethod[],
  { title, xTitle }: { title: string; xTitle: string },
): Figure {
  const described = methods.map(({ name, values }) => `${name}, mean ${meanOf(values).toPrecision(4)}`);
  const { legend, margin } = legendBeside(described);
  let highest = 0;
  const data = methods.flatMap(({ name, values }, i): Data[] => {
    const { color, dash } = lineStyle(i);
    const density = densityOf(values.filter(Number.isFinite));
    highest = Math.max(highest, ...density.y);
    const mean = meanOf(values);
    const shared = { type: "scatter" as const, mode: "lines" as const, legendgroup: name };
    return [
      {
        ...shared,
        name: described[i],
        x: density.x,
        y: density.y,
        line: { color, dash, width: 2, simplify: false },
        hovertemplate: `%{x:.4~g}<extra>${name}</extra>`,
      },
      {
        ...shared,
        x: [mean, mean],
        y: [0, density.at(mean)],
        line: { color, width: 1 },
        showlegend: false,
        hovertemplate: `mean %{x:.4~g}<extra>${name}</extra>`,
      },
    ];
  });
  const layout: Partial<Layout> = {
    ...baseLayout,
    title: { text: title, x: 0.02, xanchor: "left" },
    height: 340,
    margin: { l: 40, r: margin, t: 50, b: 50 },
    xaxis: { title: { text: xTitle }, gridcolor: "#eee", zeroline: false },
    // densities have no numbers that tell a reader more than their shape does
    yaxis: { title: { text: "share of the images" }, range: [0, 1.05 * (highest || 1)], tickvals: [], zeroline: false },
    legend,
  };
  return { data, layout, alt: `${title}: ${methods.map(describe).join("; ")}.` };
}

const meanOf = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

function describe({ name, values }: ScoresOfMethod): string {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))].toPrecision(3);
  return `${name} mean ${meanOf(values).toPrecision(4)}, nine tenths of the images between ${at(0.05)} and ${at(0.95)}`;
}

interface Density {
  readonly x: number[];
  readonly y: number[];
  at(value: number): number;
}

/** Kernel density estimate: a Gaussian at each value, as wide as Silverman's rule of thumb (1986, eq. 3.31) says. */
function densityOf(values: Float64Array): Density {
  const n = values.length;
  const sorted = Float64Array.from(values).sort();
  const [low, high] = [sorted[0], sorted[n - 1]];
  const mean = meanOf(values);
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n);
  const quartiles = (sorted[Math.floor(0.75 * n)] - sorted[Math.floor(0.25 * n)]) / 1.34;
  const spread = Math.min(deviation, quartiles || deviation) || 0.01 * (Math.abs(mean) || 1); // equal values: a narrow peak
  const bandwidth = 0.9 * spread * n ** -0.2;
  const at = (value: number) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += Math.exp(-0.5 * ((value - values[i]) / bandwidth) ** 2);
    return n > 0 ? sum / (n * bandwidth * Math.sqrt(2 * Math.PI)) : 0;
  };
  const x = Array.from({ length: n > 0 ? resolution : 0 }, (_, i) => low + (i / (resolution - 1)) * (high - low));
  return { x, y: x.map(at), at };
}
