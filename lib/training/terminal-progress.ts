// How a training goes, in a terminal: a bar that moves, and a line for each epoch that has ended. Where the output is not
// a terminal, only the lines. Ctrl-C ends the training and keeps its best weights; a second Ctrl-C ends the program.
import { SingleBar } from "cli-progress";
import { stopOnRequest } from "./callbacks";
import { formatDuration } from "./duration";
import type { Callback, Epoch, Progress } from "./training-run";

export interface TerminalProgressOptions {
  /** Where to write; standard error unless given, so that a script's own output can be piped. */
  stream?: NodeJS.WriteStream;
}

export function terminalProgress({ stream = process.stderr }: TerminalProgressOptions = {}): Callback {
  const display = progressDisplay(stream);
  const stop = stopOnRequest({ listen: onControlC, reason: "Ctrl-C was pressed" });
  return {
    ...stop,
    onBatchEnd: display.batch,
    onEpochEnd(epoch, run) {
      stop.onEpochEnd?.(epoch, run);
      display.epoch(epoch);
    },
    onTrainEnd(history, run) {
      stop.onTrainEnd?.(history, run);
      display.end();
      if (history.stopped) stream.write(`Stopped: ${history.stopped}.\n`);
    },
  };
}

export interface ProgressDisplay {
  batch(progress: Progress): void;
  epoch(epoch: Epoch): void;
  end(): void;
}

/** The bar and the lines by themselves, for a program that hears of the training's progress from another. */
export function progressDisplay(stream: NodeJS.WriteStream): ProgressDisplay {
  let bar: SingleBar | undefined;
  const end = () => {
    bar?.stop();
    bar = undefined;
  };
  return {
    batch({ epoch, epochs, batch, batches, loss, secondsLeft }) {
      if (!stream.isTTY) return;
      const facts = { epoch, epochs, loss: loss.toFixed(5), left: formatDuration(secondsLeft) };
      if (!bar) {
        bar = new SingleBar({
          stream,
          format: "  epoch {epoch} of {epochs} {bar} loss {loss}, {left} left",
          barCompleteChar: "━",
          barIncompleteChar: "─",
          barsize: 24,
          clearOnComplete: true,
          gracefulExit: false, // ours is more graceful: the training ends well
        });
        bar.start(batches, batch, facts);
      } else bar.update(batch, facts);
    },
    epoch({ epoch, loss, valLoss, seconds }) {
      end();
      stream.write(
        `  epoch ${String(epoch).padStart(2)}: loss ${loss.toFixed(5)}, validation loss ${valLoss.toFixed(5)}, ${formatDuration(seconds)}\n`,
      );
    },
    end,
  };
}

function onControlC(stop: () => void): () => void {
  process.once("SIGINT", stop);
  return () => process.off("SIGINT", stop);
}
