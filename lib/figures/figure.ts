// What a figure is here: plain Plotly data, with words for those who cannot see it. No kernel, no browser.
import type { Data, Layout } from "plotly.js";

export interface Figure {
  readonly data: Data[];
  readonly layout: Partial<Layout>;
  /** What is to be seen, in a sentence or two. */
  readonly alt: string;
}

/** Colours that colour-blind readers tell apart (Okabe & Ito 2008). */
export const palette = { blue: "#0072B2", vermilion: "#D55E00", green: "#009E73", grey: "#767676" } as const;

/** The look that all figures share. */
export const baseLayout: Partial<Layout> = {
  paper_bgcolor: "white",
  plot_bgcolor: "white",
  font: { family: "Helvetica, Arial, sans-serif", size: 13, color: "#222" },
  hovermode: "closest",
};
