// A training's progress in a terminal: a progress bar, and a line for each epoch that has ended. Where the output is not a
// terminal, only the lines.
import { SingleBar } from "cli-progress";
import { formatNumber } from "../numbers";
import { stopOnRequest } from "./callbacks";
import { formatDuration } from "./duration";
import type { Callback, Epoch, Progress } from "./training-run";

export interface TerminalProgressOptions {
  /** Where to write; standard error unless given, so that a script's own output can be piped. */
  stream?: NodeJS.WriteStream;
}

/**
 * A callback that shows the training's progress in the terminal. Ctrl-C ends the training after the current batch and
 * keeps the weights of its best epoch; a second Ctrl-C ends the program.
 * @example
 * ```ts
 * import { fit, simpleAutoencoder, terminalProgress } from "image-denoiser";
 *
 * const black = { data: new Float32Array(4 * 784), shape: [4, 28, 28, 1] as const };
 * const pairs = { noisy: black, clean: black };
 * const model = simpleAutoencoder();
 * model.compile({ optimizer: "adam", loss: "meanSquaredError" });
 * await fit(model, pairs, { epochs: 1, batchSize: 4, validation: pairs, callbacks: [terminalProgress()] });
 * ```
 */
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

/** The bar and the lines by themselves, for a program that gets the training's progress from another process. */
export function progressDisplay(stream: NodeJS.WriteStream): ProgressDisplay {
  let bar: SingleBar | undefined;
  const end = () => {
    bar?.stop();
    bar = undefined;
  };
  return {
    batch({ epoch, epochs, batch, batches, loss, secondsLeft }) {
      if (!stream.isTTY) return;
      const values = { epoch, epochs, loss: formatNumber(loss, 5), left: formatDuration(secondsLeft) };
      if (!bar) {
        bar = new SingleBar({
          stream,
          format: "  epoch {epoch} of {epochs} {bar} loss {loss}, {left} left",
          barCompleteChar: "━",
          barIncompleteChar: "─",
          barsize: 24,
          clearOnComplete: true,
          gracefulExit: false, // Ctrl-C ends the training, not the program
        });
        bar.start(batches, batch, values);
      } else bar.update(batch, values);
    },
    epoch({ epoch, loss, valLoss, seconds }) {
      end();
      stream.write(
        `  epoch ${String(epoch).padStart(2)}: loss ${formatNumber(loss, 5)}, validation loss ${formatNumber(valLoss, 5)}, ${formatDuration(seconds)}\n`,
      );
    },
    end,
  };
}

function onControlC(stop: () => void): () => void {
  process.once("SIGINT", stop);
  return () => process.off("SIGINT", stop);
}
