// Training and validation loss over the epochs, with buttons that switch between a logarithmic and a linear scale.
import { formatShortest, formatSignificant } from "../numbers";
import type { Epoch } from "../training/training-run";
import { type Figure, palette, plotLayout } from "./figure";

const scaleButtons = [
  { label: "log", method: "relayout" as const, args: [{ "yaxis.type": "log" }] },
  { label: "linear", method: "relayout" as const, args: [{ "yaxis.type": "linear" }] },
];

/** A training that has not ended. */
export interface UnfinishedTraining {
  /** How many epochs there will be. */
  readonly epochs: number;
  /** Losses of batches, or means over several; `epoch` is 0 at the very beginning and 1 at the end of the first epoch. */
  readonly batches: readonly { readonly epoch: number; readonly loss: number }[];
}

/**
 * Losses over epochs. The scale is logarithmic unless a loss is zero or negative.
 * @param epochs the history of a training
 * @param running for a training that goes on: the losses of its batches are drawn too, as a thin line
 * @example
 * ```ts
 * import { trainingCurves } from "image-denoiser";
 * const epoch = { epoch: 1, loss: 0.02, valLoss: 0.03, learningRate: 0.001, seconds: 6 };
 * const { data, layout } = trainingCurves([epoch], "Loss of the U-Net");
 * data.map(({ name }) => name) // [ 'training loss, mean of the epoch', 'validation loss, after the epoch' ]
 * layout.yaxis?.type // 'log'
 * ```
 */
export function trainingCurves(epochs: readonly Epoch[], title: string, running?: UnfinishedTraining): Figure {
  const x = epochs.map(({ epoch }) => epoch);
  const rates = epochs.map(({ learningRate }) => `learning rate ${formatShortest(learningRate, 3)}`);
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
  const lossOfBatches = {
    type: "scatter" as const,
    mode: "lines" as const,
    name: "training loss, batch by batch",
    x: batches.map(({ epoch }) => epoch),
    y: batches.map(({ loss }) => loss),
    line: { color: palette.sky, width: 1 },
  };
  const [training, validation] = [epochs.map(({ loss }) => loss), epochs.map(({ valLoss }) => valLoss)];
  const data = [
    ...(running ? [lossOfBatches] : []),
    line("training loss, mean of the epoch", training, palette.blue, "solid"),
    line("validation loss, after the epoch", validation, palette.vermilion, "dot"),
  ];
  const end = running && axisEnd(running);
  const layout = plotLayout(title, {
    height: 420,
    xaxis: {
      title: { text: "epoch" },
      dtick: Math.max(1, Math.ceil((end ?? epochs.length) / 8)),
      ...(end && { range: [0, end] }),
    },
    yaxis: { title: { text: "loss" }, type: positive ? "log" : "linear", exponentformat: "none" },
    buttons: positive ? scaleButtons : [],
  });
  return { data, layout, alt: describe(epochs, title) };
}

/** The end of the x axis while the curve grows: it doubles when it is reached, so that the scale seldom changes. */
function axisEnd({ epochs, batches }: UnfinishedTraining): number {
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
    `${name} from ${formatSignificant(from, 3)} to ${formatSignificant(to, 3)}`;
  return `${title}: ${course("training loss", first.loss, last.loss)} and ${course("validation loss", first.valLoss, last.valLoss)} in ${epochs.length} epochs; lowest validation loss ${formatSignificant(best.valLoss, 3)} in epoch ${best.epoch}.`;
}
