// The learning rate over the epochs of a training.
import { formatShortest } from "../numbers";
import type { Epoch } from "../training/training-run";
import { type Figure, lineStyle, plotLayout } from "./figure";

/**
 * The learning rate with which each epoch began. Where a schedule changes it after each batch, it changes in between too.
 * @param epochs the history of a training
 * @example
 * ```ts
 * import { learningRateCurve } from "image-denoiser";
 * const epochs = [0.001, 0.008, 0.004].map((learningRate, i) => ({ epoch: i + 1, loss: 1, valLoss: 1, learningRate, seconds: 6 }));
 * const { alt } = learningRateCurve(epochs, "Learning rate");
 * alt // 'Learning rate: it begins at 0.001, is highest in epoch 2 (0.008), and 0.004 in epoch 3, the last.'
 * ```
 */
export function learningRateCurve(epochs: readonly Epoch[], title: string): Figure {
  const { color, symbol } = lineStyle(4);
  const layout = plotLayout(title, {
    height: 300,
    xaxis: { title: { text: "epoch" }, dtick: Math.max(1, Math.ceil(epochs.length / 8)) },
    yaxis: { title: { text: "learning rate" }, rangemode: "tozero", exponentformat: "none" },
  });
  const line = {
    type: "scatter" as const,
    mode: "lines+markers" as const,
    name: "learning rate at the beginning of the epoch",
    x: epochs.map(({ epoch }) => epoch),
    y: epochs.map(({ learningRate }) => learningRate),
    hovertemplate: "epoch %{x}: %{y:.3~g}<extra></extra>",
    line: { color, width: 2 },
    marker: { color, symbol, size: 6 },
  };
  return { data: [line], layout, alt: describe(epochs, title) };
}

function describe(epochs: readonly Epoch[], title: string): string {
  const [first] = epochs;
  const last = epochs.at(-1);
  if (!first || !last) return `${title}: no epoch has ended yet.`;
  const highest = epochs.reduce((a, b) => (b.learningRate > a.learningRate ? b : a));
  const rate = ({ learningRate }: Epoch) => formatShortest(learningRate, 3);
  return `${title}: it begins at ${rate(first)}, is highest in epoch ${highest.epoch} (${rate(highest)}), and ${rate(last)} in epoch ${last.epoch}, the last.`;
}
