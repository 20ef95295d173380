// A figure is plain Plotly data with an alternative text; it needs neither a kernel nor a browser. Colours, line styles
// and the layout that all figures share.
import type { Dash, Data, Layout, LayoutAxis, UpdateMenuButton } from "plotly.js";

export interface Figure {
  readonly data: Data[];
  readonly layout: Partial<Layout>;
  /** What the figure shows, in a sentence or two, for readers who cannot see it. */
  readonly alt: string;
}

/**
 * Colours that colour-blind readers can distinguish (after Okabe & Ito 2008 and Tol 2021), each with a contrast of at
 * least 3 to 1 on white and on the black of dark themes.
 */
export const palette = {
  blue: "#0072B2",
  vermilion: "#D55E00",
  green: "#009E73",
  purple: "#C774A2",
  brown: "#8C564B",
  grey: "#767676",
  ochre: "#B77A00",
  sky: "#2A94D0",
  violet: "#7A5FD0",
} as const;

/** Text and lines for both light and dark pages, where what shows the figure does not put its own text colour in place. */
export const neutral = { text: "#7a7a7a", line: "rgba(128, 128, 128, 0.3)" } as const;

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
  { color: palette.brown, dash: "longdashdot", symbol: "cross" },
  { color: palette.ochre, dash: "solid", symbol: "square" },
  { color: palette.sky, dash: "dash", symbol: "circle" },
  { color: palette.violet, dash: "solid", symbol: "diamond" },
];

/** The style of a figure's line number `index`. The first is grey and dotted: it suits the noisy images. */
export const lineStyle = (index: number): LineStyle => lineStyles[index % lineStyles.length];

const titleHeight = 48;
const buttonsHeight = 36;
/** Of an axis with its title; below it is the legend, of one row unless what draws the figure makes more space. */
const axisHeight = 54;

/**
 * The layout of a figure with two axes. It has no width and no background: it is as wide as the place where it is shown,
 * on that page's own colour. The legend is below the plot, where it takes no width from it.
 * @param buttons in a row of their own below the title, the first of them pressed
 */
export function plotLayout(
  title: string,
  {
    height,
    xaxis,
    yaxis,
    buttons = [],
  }: {
    height: number;
    xaxis: Partial<LayoutAxis>;
    yaxis: Partial<LayoutAxis>;
    buttons?: Partial<UpdateMenuButton>[];
  },
): Partial<Layout> {
  const axis: Partial<LayoutAxis> = {
    gridcolor: neutral.line,
    linecolor: neutral.line,
    zeroline: false,
    automargin: true,
  };
  return {
    paper_bgcolor: "rgba(0, 0, 0, 0)",
    plot_bgcolor: "rgba(0, 0, 0, 0)",
    font: { family: "Helvetica, Arial, sans-serif", size: 13, color: neutral.text },
    hovermode: "closest",
    title: {
      text: title,
      font: { size: 15 },
      ...{ x: 0, xanchor: "left", y: 1, yref: "container", yanchor: "top" },
      pad: { l: 12, t: 16 },
    },
    height,
    margin: { l: 70, r: 20, t: titleHeight + (buttons.length > 0 ? buttonsHeight : 0), b: axisHeight + 26 },
    xaxis: { ...axis, ...xaxis, title: axisTitle(xaxis) },
    yaxis: { ...axis, ...yaxis, title: axisTitle(yaxis) },
    legend: {
      orientation: "h",
      ...{ x: 0, xref: "container", xanchor: "left", y: 0, yref: "container", yanchor: "bottom" },
      bgcolor: "rgba(0, 0, 0, 0)",
    },
    showlegend: true,
    modebar: { bgcolor: "rgba(0, 0, 0, 0)", color: neutral.line, activecolor: neutral.text },
    ...(buttons.length > 0 && { updatemenus: [buttonRow(buttons)] }),
  };
}

/** Close to its axis, above the legend. */
const axisTitle = ({ title }: Partial<LayoutAxis>) => ({
  text: (typeof title === "object" ? title.text : title) ?? "",
  font: { size: 13 },
  standoff: 6,
});

/** Light buttons with dark text, also on a dark page: Plotly gives the pressed one a light colour that cannot be chosen. */
const buttonRow = (buttons: Partial<UpdateMenuButton>[]) => ({
  type: "buttons" as const,
  direction: "right" as const,
  ...{ x: 0, xanchor: "left" as const, y: 1.02, yanchor: "bottom" as const },
  pad: { l: 0, r: 0, t: 0, b: 0 },
  bgcolor: "#d8d8d8",
  bordercolor: "#9a9a9a",
  font: { size: 12, color: "#222" },
  buttons: withTicks(buttons),
});

/**
 * Plotly's pressed button is lighter than the others, as if it were the one that is not pressed: a tick says which it is, at
 * first the first one.
 */
function withTicks(buttons: Partial<UpdateMenuButton>[]): Partial<UpdateMenuButton>[] {
  const labels = (pressed: number) => buttons.map(({ label }, i) => (i === pressed ? `✓ ${label}` : String(label)));
  return buttons.map((button, i) => {
    const ticks = labels(i).map((label, k) => [`updatemenus[0].buttons[${k}].label`, label]);
    const args = [...(button.args ?? [])]; // its last one changes the layout
    args.push({ ...args.pop(), ...Object.fromEntries(ticks) });
    return { ...button, label: labels(0)[i], args };
  });
}
