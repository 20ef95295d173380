// The loss curves of a hyperparameter sweep, one line per run, with buttons that switch between validation loss, shown
// first, and training loss.
import type { Data } from "plotly.js";
import { formatSignificant } from "../numbers";
import type { Epoch } from "../training/training-run";
import { type Figure, type LineStyle, lineStyle, plotLayout } from "./figure";

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
  const layout = plotLayout(title, {
    // with room for the legend, three entries a row
    height: 440 + 20 * Math.ceil(trainings.length / 3),
    xaxis: { title: { text: "epoch" }, dtick: Math.ceil(longest / 8) },
    yaxis: { title: { text: losses.valLoss }, type: positive ? "log" : "linear", exponentformat: "none" },
    buttons: kinds.map(button),
  });
  return { data: kinds.flatMap(lines), layout, alt: describe(trainings, title) };
}

function describe(trainings: readonly NamedTraining[], title: string): string {
  const lowest = ({ name, epochs }: NamedTraining) => {
    const best = epochs.reduce((a, b) => (b.valLoss < a.valLoss ? b : a));
    return `${name}: ${formatSignificant(best.valLoss, 3)} in epoch ${best.epoch} of ${epochs.length}`;
  };
  return trainings.length > 0
    ? `${title}: lowest validation loss of each training. ${trainings.map(lowest).join("; ")}.`
    : `${title}: no training has ended yet.`;
}
