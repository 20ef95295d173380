// What a figure is here: plain Plotly data, with words for those who cannot see it. No kernel, no browser.
import type { Dash, Data, Layout, Legend } from "plotly.js";

export interface Figure {
  readonly data: Data[];
  readonly layout: Partial<Layout>;
  /** What is to be seen, in a sentence or two. */
  readonly alt: string;
}

/** Colours that colour-blind readers tell apart (Okabe & Ito 2008; the last is from Tol 2021). */
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

/** What tells one line from another, with and without colours. */
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

/** The style of the line at this place among several; the first recedes: it suits what all others start from. */
export const lineStyle = (place: number): LineStyle => lineStyles[place % lineStyles.length];

/** The look that all figures share. */
export const baseLayout: Partial<Layout> = {
  paper_bgcolor: "white",
  plot_bgcolor: "white",
  font: { family: "Helvetica, Arial, sans-serif", size: 13, color: "#222" },
  hovermode: "closest",
};

/** A legend to the right of the plot, where no line is, and the margin in pixels that it needs. */
export const legendBeside = (names: string[]): { legend: Partial<Legend>; margin: number } => ({
  legend: { x: 1.02, xanchor: "left", y: 1, yanchor: "top" },
  margin: 60 + textWidth(names),
});

/** About how many pixels wide the longest of these texts is, in the figures' font. */
export const textWidth = (texts: string[]): number => 7 * Math.max(0, ...texts.map((text) => text.length));
