// A training callback that shows what happens while it happens: a progress bar and the curve so far, redrawn in place a
// few times a second, and at the end one line of summary and the interactive figure. JupyterLab's Stop button ends the
// training after the current batch, and the next cells work on with what was learned.
import fs from "node:fs";
import { stillImage } from "../figures/still";
import { trainingCurves } from "../figures/training-curves";
import type { Callback, Epoch, Progress, Run } from "../training/fit";
import { figureOutput, type Place, show } from "./display";
import { onInterrupt } from "./kernel/interrupt";

/** Milliseconds between updates: often enough to look alive, seldom enough to cost nothing. */
const interval = 250;

/** @param title of the curve */
export function liveTraining(title: string): Callback {
  let bar: Place | undefined;
  let curve: Place | undefined;
  let updatedAt = 0;
  let withdraw = () => {};
  return {
    onTrainBegin(run) {
      withdraw = onInterrupt(() => run.stop("the Stop button was pressed"));
      bar = show({ "text/html": "<progress></progress> starting", "text/plain": "starting" });
      curve = undefined;
    },
    onBatchEnd(progress, run) {
      if (performance.now() - updatedAt < interval) return;
      updatedAt = performance.now();
      bar?.update({
        "text/html": progressHtml(progress, run.history.at(-1), run),
        "text/plain": progressText(progress),
      });
      reportToTerminal(progress);
    },
    onEpochEnd(epoch, { history }) {
      const picture = { "text/html": stillImage(trainingCurves(history, title)), "text/plain": title };
      if (curve) curve.update(picture);
      else curve = show(picture);
      reportToTerminal({ ended: epoch });
    },
    onTrainEnd({ epochs, seconds, stopped }) {
      withdraw();
      const best = epochs.length > 0 ? epochs.reduce((a, b) => (b.valLoss < a.valLoss ? b : a)) : undefined;
      const result = best ? `, lowest validation loss ${best.valLoss.toFixed(5)} in epoch ${best.epoch}` : "";
      const summary = `${epochs.length} epoch${epochs.length === 1 ? "" : "s"} in ${duration(seconds)}${result}.${stopped ? ` Stopped: ${stopped}.` : ""}`;
      bar?.update({ "text/html": summary, "text/plain": summary });
      if (epochs.length === 0) return;
      const figure = figureOutput(trainingCurves(epochs, title));
      if (curve) curve.update(figure);
      else show(figure);
    },
  };
}

function progressHtml(progress: Progress, last: Epoch | undefined, { learningRate }: Run): string {
  const { epoch, epochs, batch, batches, loss, secondsLeft } = progress;
  const done = (epoch - 1 + batch / batches) / epochs;
  const facts = [
    `epoch ${epoch} of ${epochs}`,
    `batch ${batch} of ${batches}`,
    `loss ${loss.toFixed(5)}`,
    ...(last ? [`validation loss ${last.valLoss.toFixed(5)}`] : []),
    `learning rate ${Number(learningRate.toPrecision(3))}`,
    `${duration(secondsLeft)} left`,
  ];
  return `<progress max="1" value="${done.toFixed(4)}"></progress><br>${facts.join(" · ")}`;
}

const progressText = ({ epoch, epochs, batch, batches, loss, secondsLeft }: Progress) =>
  `epoch ${epoch}/${epochs}, batch ${batch}/${batches}, loss ${loss.toFixed(5)}, ${duration(secondsLeft)} left`;

/** "45 s", "3 min 20 s" */
function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** When a command runs the notebook, it reads these lines from the kernel's stderr and draws them in the terminal. */
function reportToTerminal(event: object): void {
  if (!process.env.IMAGE_DENOISER_PROGRESS) return;
  try {
    fs.writeSync(2, `\x1e${JSON.stringify(event)}\n`);
  } catch {
    // the pipe is full or closed: the training matters more than its display
  }
}
