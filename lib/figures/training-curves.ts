// Loss over epochs, training and validation, with a switch between logarithmic and linear scale where losses have a
// logarithm.
import type { Layout, UpdateMenu } from "plotly.js";
import type { Epoch } from "../training/training-run";
import { baseLayout, type Figure, palette } from "./figure";

const scaleSwitch: Partial<UpdateMenu> = {
  type: "buttons",
  direction: "right",
  x: 1,
  xanchor: "right",
  y: 1.02,
  yanchor: "bottom",
  pad: { r: 0, t: 0 },
  buttons: [
    { label: "log", method: "relayout", args: [{ "yaxis.type": "log" }] },
    { label: "linear", method: "relayout", args: [{ "yaxis.type": "linear" }] },
  ],
};

/** A training that has not ended. */
export interface Running {
  /** How many epochs there will be. */
  readonly epochs: number;
  /** Losses of batches, or means of several; `epoch` is 0 at the very beginning and 1 at the end of the first epoch. */
  readonly batches: readonly { readonly epoch: number; readonly loss: number }[];
}

/**
 * @param epochs a training's history, possibly still growing
 * @param title shown above the figure
 * @param running while it grows: its batches' losses are drawn too, as a fine line
 */
export function trainingCurves(epochs: readonly Epoch[], title: string, running?: Running): Figure {
  const x = epochs.map(({ epoch }) => epoch);
  const rates = epochs.map(({ learningRate }) => `learning rate ${Number(learningRate.toPrecision(3))}`);
  const batches = running?.batches ?? [];
  const positive = [
    ...epochs.flatMap(({ loss, valLoss }) => [loss, valLoss]),
    ...batches.map(({ loss }) => loss),
  ].every((loss) => loss > 0);
  const line = (name: string, y: number[], color: string, dash: "solid" | "dot") => ({
    type: "scatter" as const,
    mode: "lines+markers" as const,
    name,
    x,
    y,
    text: rates,
    hovertemplate: `epoch %{x}: ${name} %{y:.5f}<br>%{text}<extra></extra>`,
    line: { color, width: 2, dash },
    marker: { color, size: 6 },
  });
  const fine = {
    type: "scatter" as const,
    mode: "lines" as const,
    name: "batches",
    x: batches.map(({ epoch }) => epoch),
    y: batches.map(({ loss }) => loss),
    line: { color: palette.sky, width: 1 },
  };
  const data = [
    ...(running ? [fine] : []),
    line(
      "training loss",
      epochs.map(({ loss }) => loss),
      palette.blue,
      "solid",
    ),
    line(
      "validation loss",
      epochs.map(({ valLoss }) => valLoss),
      palette.vermilion,
      "dot",
    ),
  ];
  const end = running && axisEnd(running);
  const layout: Partial<Layout> = {
    ...baseLayout,
    title: { text: title, x: 0.02, xanchor: "left" },
    height: 380,
    margin: { l: 70, r: 20, t: 50, b: 56 },
    xaxis: {
      title: { text: "epoch" },
      dtick: Math.max(1, Math.ceil((end ?? epochs.length) / 12)),
      ...(end && { range: [0, end] }),
      gridcolor: "#eee",
      zeroline: false,
    },
    yaxis: {
      title: { text: "loss" },
      type: positive ? "log" : "linear",
      gridcolor: "#eee",
      zeroline: false,
      exponentformat: "none",
    },
    legend: { x: 0.98, xanchor: "right", y: 0.98, yanchor: "top", bgcolor: "rgba(255,255,255,0.8)" },
    ...(positive && { updatemenus: [scaleSwitch] }),
  };
  return { data, layout, alt: describe(epochs, title) };
}

/** Room for the curve to grow, doubled when it is used up: the picture changes its scale seldom. */
function axisEnd({ epochs, batches }: Running): number {
  let end = 4;
  while (end < (batches.at(-1)?.epoch ?? 0)) end *= 2;
  return Math.min(end, epochs);
}

function describe(epochs: readonly Epoch[], title: string): string {
  const first = epochs[0];
  const last = epochs.at(-1);
  if (!first || !last) return `${title}: no epoch has ended yet.`;
  const best = epochs.reduce((a, b) => (b.valLoss < a.valLoss ? b : a));
  const course = (name: string, from: number, to: number) =>
    `${name} from ${from.toPrecision(3)} to ${to.toPrecision(3)}`;
  return `${title}: ${course("training loss", first.loss, last.loss)} and ${course("validation loss", first.valLoss, last.valLoss)} in ${epochs.length} epochs; lowest validation loss ${best.valLoss.toPrecision(3)} in epoch ${best.epoch}.`;
}
