// A training callback for notebooks. During training it updates a progress bar and the loss curve in place; at the end
// they become a line of summary and an interactive figure. The notebook's Stop button ends the training after the current
// batch.
import fs from "node:fs";
import { escapeMarkup } from "../evaluation/markup";
import { staticImage } from "../figures/static-svg";
import { trainingCurves, type UnfinishedTraining } from "../figures/training-curves";
import { formatNumber, formatShortest } from "../numbers";
import { stopOnRequest } from "../training/callbacks";
import { formatDuration } from "../training/duration";
import type { Callback, History, Progress, TrainingRun } from "../training/training-run";
import { type Display, figureOutput, show } from "./display";
import { registered, runAtOnce } from "./kernel/at-once";
import { onInterrupt } from "./kernel/interrupt";

/**
 * Milliseconds between updates. A browser on the same machine needs 25 ms of a core to redraw the bar and 50 ms for the
 * curve, which the training then lacks: the longer the training, the fewer updates per second, within limits.
 */
function updateIntervals({ seconds, secondsLeft }: Progress): { bar: number; curve: number } {
  const sixtieth = Math.max(250, (1000 * (seconds + secondsLeft)) / 60);
  return { bar: Math.min(sixtieth, 2000), curve: Math.min(sixtieth, 10_000) };
}

export interface LiveTrainingOptions {
  /** false: one line for the training, without the loss curve, where a cell trains several models. */
  readonly curve?: boolean;
}

/**
 * Shows a training below the cell. When the Stop button ends it, the model has the weights of its best epoch, and later
 * cells can run.
 * @param title of the loss curve, or of the line
 * @example
 * ```ts no-run
 * import { fit, gaussian, loadMnist, simpleAutoencoder, tf } from "../lib"; // in a cell of a notebook
 * import { liveTraining } from "../lib/notebook";
 * const clean = loadMnist({ dataset: "quick" }).validation;
 * const pairs = { clean, noisy: gaussian(clean, { sigma: 0.5, seed: 42 }) };
 * const model = simpleAutoencoder();
 * model.compile({ optimizer: tf.train.adam(0.001), loss: "meanSquaredError" });
 * await fit(model, pairs, { epochs: 3, batchSize: 64, validation: pairs, callbacks: [liveTraining("Loss")] });
 * ```
 */
export function liveTraining(title: string, { curve: withCurve = true }: LiveTrainingOptions = {}): Callback {
  const name = withCurve ? "" : `${title}: `;
  const stop = stopOnRequest({ listen: onInterrupt, reason: "the Stop button was pressed" });
  let bar: Display | undefined;
  let curve: Display | undefined;
  let batches = batchLosses();
  let updatedAt = { bar: -Infinity, curve: -Infinity };
  return {
    ...stop,
    onTrainBegin(run) {
      stop.onTrainBegin?.(run);
      bar = show({
        "text/html": `<progress></progress> ${escapeMarkup(name)}starting<br>&nbsp;`,
        "text/plain": `${name}starting`,
      });
      if (run.trainedBefore)
        console.log(
          `This model has been trained for ${run.trainedBefore} ${run.trainedBefore === 1 ? "epoch" : "epochs"} before, and is trained further. For a new one, run the cell that makes it first.`,
        );
      curve = undefined;
      batches = batchLosses();
      updatedAt = { bar: -Infinity, curve: -Infinity };
      runAtOnce("showTraining", () => {
        bar?.showAgain();
        curve?.showAgain();
      });
    },
    onBatchEnd(progress, run) {
      batches.add(progress);
      const now = performance.now();
      const wait = updateIntervals(progress);
      if (now - updatedAt.bar < wait.bar) return;
      updatedAt.bar = now;
      bar?.update({
        "text/html": progressHtml(progress, run, name),
        "text/plain": `${name}${progressText(progress)}`,
      });
      reportToTerminal(progress);
      if (!withCurve || now - updatedAt.curve < wait.curve) return;
      updatedAt.curve = now;
      const running = { epochs: progress.epochs, batches: batches.points() };
      const picture = { "text/html": staticImage(trainingCurves(run.history, title, running)), "text/plain": title };
      if (curve) curve.update(picture);
      else curve = show(picture);
    },
    onEpochEnd(epoch, run) {
      stop.onEpochEnd?.(epoch, run);
      reportToTerminal({ ended: epoch });
    },
    onTrainEnd(history, run) {
      stop.onTrainEnd?.(history, run);
      const summary = `${name}${summarize(history)}`;
      bar?.update({ "text/html": escapeMarkup(summary), "text/plain": summary });
      if (!withCurve || history.epochs.length === 0) return;
      const figure = figureOutput(trainingCurves(history.epochs, title));
      if (curve) curve.update(figure);
      else curve = show(figure);
    },
  };
}

/**
 * Shows the latest training that `liveTraining` has shown, below this cell as well: after the browser's page was reloaded,
 * which loses what a running cell shows. A cell with only this call is run at once, also while the training runs.
 * @throws {Error} when there was none
 * @example
 * ```ts no-run
 * import { showTraining } from "../lib/notebook"; // in a cell of a notebook
 * showTraining();
 * ```
 */
export function showTraining(): void {
  (registered("showTraining") ?? sayThereIsNone)();
}

function sayThereIsNone(): never {
  throw new Error("no training has been shown by liveTraining since this kernel was started");
}

// also while a cell runs that will begin a training
if (!registered("showTraining")) runAtOnce("showTraining", sayThereIsNone);

/** The losses of all batches so far, averaged over neighbours so that there are at most a few hundred points. */
function batchLosses(): { add(progress: Progress): void; points(): UnfinishedTraining["batches"] } {
  const most = 400;
  let points: { epoch: number; loss: number }[] = [];
  let perPoint = 1; // batches
  let sum = 0;
  let count = 0;
  return {
    add({ epoch, batch, batches, batchLoss }) {
      sum += batchLoss;
      count++;
      if (count < perPoint) return;
      points.push({ epoch: epoch - 1 + batch / batches, loss: sum / count });
      [sum, count] = [0, 0];
      if (points.length < most) return;
      points = points.flatMap(({ epoch, loss }, i) =>
        i % 2 ? [{ epoch, loss: (loss + points[i - 1].loss) / 2 }] : [],
      );
      perPoint *= 2;
    },
    points: () => points,
  };
}

function summarize({ epochs, seconds, stopped }: History): string {
  const best = epochs.length > 0 ? epochs.reduce((a, b) => (b.valLoss < a.valLoss ? b : a)) : undefined;
  const result = best ? `, lowest validation loss ${formatNumber(best.valLoss, 5)} in epoch ${best.epoch}` : "";
  const kept = best ? "that epoch" : "the last batch";
  const end = stopped ? ` Stopped: ${stopped}. The model has the weights of ${kept}.` : "";
  return `${epochs.length} epoch${epochs.length === 1 ? "" : "s"} in ${formatDuration(seconds)}${result}.${end}`;
}

function progressHtml(progress: Progress, { history, learningRate }: TrainingRun, name: string): string {
  const last = history.at(-1);
  const { epoch, epochs, batch, batches, loss, secondsLeft } = progress;
  const done = (epoch - 1 + batch / batches) / epochs;
  const where = `epoch ${epoch} of ${epochs}, batch ${batch} of ${batches}, ${formatDuration(secondsLeft)} left`;
  const facts = [
    `mean loss of this epoch ${formatNumber(loss, 5)}`, // short: a line that breaks would move what is below
    ...(last ? [`validation loss ${formatNumber(last.valLoss, 5)}`] : []),
    `learning rate ${formatShortest(learningRate, 3)}`,
  ];
  return `<progress max="1" value="${done.toFixed(4)}"></progress> ${escapeMarkup(name)}${where}<br>${facts.join(" · ")}`;
}

const progressText = ({ epoch, epochs, batch, batches, loss, secondsLeft }: Progress) =>
  `epoch ${epoch}/${epochs}, batch ${batch}/${batches}, loss ${formatNumber(loss, 5)}, ${formatDuration(secondsLeft)} left`;

/** A command that runs the notebook reads these lines from the file and shows them in the terminal. */
function reportToTerminal(event: object): void {
  const file = process.env.IMAGE_DENOISER_PROGRESS;
  if (!file) return;
  try {
    fs.appendFileSync(file, `${JSON.stringify(event)}\n`);
  } catch {
    // no space, or the folder is gone: training goes on without this line
  }
}
