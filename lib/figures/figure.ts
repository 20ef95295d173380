// A figure is plain Plotly data with an alternative text; it needs neither a kernel nor a browser. Colours, line styles
// and the layout that all figures share.
import type { Dash, Data, Layout, Legend } from "plotly.js";

export interface Figure {
  readonly data: Data[];
  readonly layout: Partial<Layout>;
  /** What the figure shows, in a sentence or two, for readers who cannot see it. */
  readonly alt: string;
}

/** Colours that colour-blind readers can distinguish (Okabe & Ito 2008; the last is from Tol 2021). */
export const palette = {
  blue: "#0072B2",
  vermilion: "#D55E00",
  green: "#009E73",
  purple: "#CC79A7",
  black: "#000000",
  grey: "#767676",
  orange: "#E69F00",
  sky: "#56B4E9",
  wine: "#882255",
} as const;

export type MarkerSymbol = "circle" | "square" | "diamond" | "triangle-up" | "x" | "cross";

/** Distinguishes a line from others, with colours and without. */
export interface LineStyle {
  readonly color: string;
  readonly dash: Dash;
  readonly symbol: MarkerSymbol;
}

const lineStyles: readonly LineStyle[] = [
  { color: palette.grey, dash: "dot", symbol: "x" },
  { color: palette.purple, dash: "dashdot", symbol: "triangle-up" },
  { color: palette.green, dash: "longdash", symbol: "diamond" },
  { color: palette.vermilion, dash: "dash", symbol: "square" },
  { color: palette.blue, dash: "solid", symbol: "circle" },
  { color: palette.black, dash: "longdashdot", symbol: "cross" },
  { color: palette.orange, dash: "solid", symbol: "square" },
  { color: palette.sky, dash: "dash", symbol: "circle" },
  { color: palette.wine, dash: "solid", symbol: "diamond" },
];

/** The style of a figure's line number `index`. The first is grey and dotted: it suits the noisy images. */
export const lineStyle = (index: number): LineStyle => lineStyles[index % lineStyles.length];

/** What all figures share. */
export const baseLayout: Partial<Layout> = {
  paper_bgcolor: "white",
  plot_bgcolor: "white",
  font: { family: "Helvetica, Arial, sans-serif", size: 13, color: "#222" },
  hovermode: "closest",
};

/** A legend to the right of the plot, where it covers no line, and the right margin in pixels that it needs. */
export const legendBeside = (names: string[]): { legend: Partial<Legend>; margin: number } => ({
  legend: { x: 1.02, xanchor: "left", y: 1, yanchor: "top" },
  margin: 60 + textWidth(names),
});

/** An upper estimate in pixels of how wide the longest of these texts is, in the figures' font. */
export const textWidth = (texts: string[]): number =>
  Math.ceil(7.5 * Math.max(0, ...texts.map(({ length }) => length)));
