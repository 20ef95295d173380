// What tfjs' own callbacks lack: Keras 3's EarlyStopping and ReduceLROnPlateau, which watch the validation loss, a
// learning rate that follows a plan, and an end on request that loses nothing.
import type * as tf from "@tensorflow/tfjs";
import { checkPositive } from "../checks";
import type { Callback } from "./fit";

export interface EarlyStoppingOptions {
  /** Epochs without improvement after which training stops. */
  patience: number;
  /** An improvement is a loss lower by more than this. */
  minDelta?: number;
}

/**
 * Stops when the validation loss has not improved for `patience` epochs, and in any case leaves the model with the
 * weights of its best epoch, as Keras' EarlyStopping(monitor="val_loss", restore_best_weights=True) does.
 */
export function earlyStopping({ patience, minDelta = 0 }: EarlyStoppingOptions): Callback {
  let best = Number.POSITIVE_INFINITY;
  let wait = 0;
  const kept = keptWeights();
  return {
    onTrainBegin() {
      best = Number.POSITIVE_INFINITY;
      wait = 0;
    },
    onEpochEnd({ epoch, valLoss }, run) {
      wait++;
      if (kept.tensors.length === 0) kept.keep(run.model.getWeights());
      if (valLoss < best - minDelta) {
        best = valLoss;
        wait = 0;
        kept.keep(run.model.getWeights());
      } else if (wait >= patience && epoch > 1) run.stop(`the validation loss has not improved for ${wait} epochs`);
    },
    state: () => ({ values: { best, wait }, tensors: kept.tensors }),
    restore({ values, tensors }) {
      ({ best, wait } = values);
      kept.keep(tensors);
    },
    onTrainEnd(_, { model }) {
      if (kept.tensors.length > 0) model.setWeights(kept.tensors);
      kept.keep([]);
    },
  };
}

export interface StopOnRequestOptions {
  /** Arranges that `stop` is called when somebody wants the training to end; returns what undoes that. */
  listen: (stop: () => void) => () => void;
  /** What `History.stopped` then says. */
  reason: string;
}

/**
 * Ends training after the current batch when asked to, and leaves the model with the weights of its best epoch (the
 * lowest validation loss), or those it has when no epoch has ended. Without a request it changes nothing.
 */
export function stopOnRequest({ listen, reason }: StopOnRequestOptions): Callback {
  let best = Number.POSITIVE_INFINITY;
  let requested = false;
  let undo = () => {};
  const kept = keptWeights();
  return {
    onTrainBegin(run) {
      best = Number.POSITIVE_INFINITY;
      requested = false;
      undo = listen(() => {
        requested = true;
        run.stop(reason);
      });
    },
    onEpochEnd({ valLoss }, { model }) {
      if (valLoss >= best) return;
      best = valLoss;
      kept.keep(model.getWeights());
    },
    state: () => ({ values: { best }, tensors: kept.tensors }),
    restore({ values, tensors }) {
      best = values.best;
      kept.keep(tensors);
    },
    onTrainEnd(_, { model }) {
      undo();
      if (requested && kept.tensors.length > 0) model.setWeights(kept.tensors);
      kept.keep([]);
    },
  };
}

/** Copies of a model's weights, replaced by later ones. */
function keptWeights(): { readonly tensors: tf.Tensor[]; keep(weights: readonly tf.Tensor[]): void } {
  let tensors: tf.Tensor[] = [];
  return {
    get tensors() {
      return tensors;
    },
    keep(weights) {
      for (const tensor of tensors) tensor.dispose();
      tensors = weights.map((weight) => weight.clone());
    },
  };
}

export interface ReduceLearningRateOptions {
  /** The learning rate is multiplied by this. */
  factor: number;
  /** Epochs without improvement after which that happens. */
  patience: number;
  /** The rate never goes below this. */
  minLearningRate?: number;
  /** An improvement is a loss lower by more than this. */
  minDelta?: number;
}

/** Lowers the learning rate when the validation loss stays on a plateau, as Keras' ReduceLROnPlateau does. */
export function reduceLROnPlateau({
  factor,
  patience,
  minLearningRate = 0,
  minDelta = 1e-4,
}: ReduceLearningRateOptions): Callback {
  let best = Number.POSITIVE_INFINITY;
  let wait = 0;
  return {
    onTrainBegin() {
      best = Number.POSITIVE_INFINITY;
      wait = 0;
    },
    onEpochEnd({ valLoss }, run) {
      if (valLoss < best - minDelta) {
        best = valLoss;
        wait = 0;
        return;
      }
      wait++;
      if (wait < patience || run.learningRate <= minLearningRate) return;
      run.learningRate = Math.max(run.learningRate * factor, minLearningRate);
      wait = 0;
    },
    state: () => ({ values: { best, wait }, tensors: [] }),
    restore({ values }) {
      ({ best, wait } = values);
    },
  };
}

export interface WarmUpThenDecayOptions {
  /** The highest learning rate. */
  peak: number;
  /** The part of the training, from 0 to 1, in which the rate rises. */
  warmUp?: number;
}

/**
 * Raises the learning rate in a straight line from a twentieth of its peak, then lowers it along half a cosine to zero
 * at the end of the last epoch (Smith & Topin 2019; Loshchilov & Hutter 2017). Set anew before each batch.
 * @throws {RangeError} when peak is not positive or warmUp not within 0 to 1
 */
export function warmUpThenDecay({ peak, warmUp = 0.15 }: WarmUpThenDecayOptions): Callback {
  checkPositive("peak", peak);
  if (!(warmUp >= 0 && warmUp < 1)) throw new RangeError(`warmUp must be from 0 to below 1, not ${warmUp}`);
  const rate = (done: number) =>
    done < warmUp
      ? peak * (0.05 + (0.95 * done) / warmUp)
      : (peak / 2) * (1 + Math.cos((Math.PI * (done - warmUp)) / (1 - warmUp)));
  return {
    onTrainBegin(run) {
      run.learningRate = rate(0);
    },
    onBatchEnd({ epoch, epochs, batch, batches }, run) {
      run.learningRate = rate((epoch - 1 + batch / batches) / epochs);
    },
  };
}
