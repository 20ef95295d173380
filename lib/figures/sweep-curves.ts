// The loss curves of a hyperparameter sweep, one line per run, with buttons that switch between validation loss, shown
// first, and training loss.
import type { Data, Layout } from "plotly.js";
import type { Epoch } from "../training/training-run";
import { baseLayout, type Figure, type LineStyle, legendBeside, lineStyle } from "./figure";

export interface NamedTraining {
  readonly name: string;
  readonly epochs: readonly Epoch[];
}

const losses = { valLoss: "validation loss", loss: "training loss" } as const;
type Loss = keyof typeof losses;
const kinds = Object.keys(losses) as Loss[];

/** The style of line number `index`. When all colours are used, they are used again with other dashes. */
export function trainingStyle(index: number): LineStyle {
  const styles = 9;
  return { ...lineStyle(index + 1), dash: lineStyle(index + 1 + Math.floor(index / styles)).dash };
}

/** @returns a figure whose traces are the validation losses of all trainings in their order, then the training losses */
export function sweepCurves(trainings: readonly NamedTraining[], title: string): Figure {
  const { legend, margin } = legendBeside(trainings.map(({ name }) => name));
  const lines = (kind: Loss) =>
    trainings.map(({ name, epochs }, i): Data => {
      const { color, dash, symbol } = trainingStyle(i);
      return {
        type: "scatter",
        mode: "lines+markers",
        name,
        visible: kind === "valLoss",
        x: epochs.map(({ epoch }) => epoch),
        y: epochs.map((epoch) => epoch[kind]),
        line: { color, dash, width: 2 },
        marker: { color, symbol, size: 6 },
        hovertemplate: `epoch %{x}: ${losses[kind]} %{y:.5f}<extra>${name}</extra>`,
      };
    });
  const button = (kind: Loss) => ({
    label: losses[kind],
    method: "update" as const,
    args: [
      { visible: kinds.flatMap((shown) => trainings.map(() => shown === kind)) },
      { "yaxis.title.text": losses[kind] },
    ],
  });
  const positive = trainings.every(({ epochs }) => epochs.every(({ loss, valLoss }) => loss > 0 && valLoss > 0));
  const longest = Math.max(1, ...trainings.map(({ epochs }) => epochs.length));
  const layout: Partial<Layout> = {
    ...baseLayout,
    title: { text: title, x: 0.02, xanchor: "left" },
    height: Math.max(420, 150 + 20 * trainings.length),
    margin: { l: 80, r: margin, t: 50, b: 56 },
    xaxis: { title: { text: "epoch" }, dtick: Math.ceil(longest / 12), gridcolor: "#eee", zeroline: false },
    yaxis: {
      title: { text: losses.valLoss },
      type: positive ? "log" : "linear",
      gridcolor: "#eee",
      zeroline: false,
      exponentformat: "none",
    },
    legend,
    showlegend: true,
    updatemenus: [
      {
        type: "buttons",
        direction: "right",
        x: 1,
        xanchor: "right",
        y: 1.02,
        yanchor: "bottom",
        pad: { r: 0, t: 0 },
        buttons: kinds.map(button),
      },
    ],
  };
  return { data: kinds.flatMap(lines), layout, alt: describe(trainings, title) };
}

function describe(trainings: readonly NamedTraining[], title: string): string {
  const lowest = ({ name, epochs }: NamedTraining) => {
    const best = epochs.reduce((a, b) => (b.valLoss < a.valLoss ? b : a));
    return `${name}: ${best.valLoss.toPrecision(3)} in epoch ${best.epoch} of ${epochs.length}`;
  };
  return trainings.length > 0
    ? `${title}: lowest validation loss of each training. ${trainings.map(lowest).join("; ")}.`
    : `${title}: no training has ended yet.`;
}
