// What tfjs' own callbacks lack: Keras 3's EarlyStopping and ReduceLROnPlateau, which watch the validation loss, a
// learning rate that follows a schedule, and a stop on request that keeps the best weights.
import type * as tf from "@tensorflow/tfjs";
import { checkPositive } from "../checks";
import type { Callback, TrainingRun } from "./training-run";

export interface EarlyStoppingOptions {
  /** Epochs without improvement after which training stops. */
  patience: number;
  /** An improvement is a loss lower by more than this. */
  minDelta?: number;
}

/**
 * Stops when the validation loss has not improved for `patience` epochs, and in any case leaves the model with the
 * weights of its best epoch, as Keras' EarlyStopping(monitor="val_loss", restore_best_weights=True) does.
 * @throws {RangeError} (by `fit`) when the validation has noisy images only
 * @example
 * ```ts
 * import { earlyStopping, fit, simpleAutoencoder, tf } from "image-denoiser";
 *
 * const black = { data: new Float32Array(4 * 784), shape: [4, 28, 28, 1] as const };
 * const pairs = { noisy: black, clean: black };
 * const model = simpleAutoencoder();
 * // with a learning rate of 0 nothing improves
 * model.compile({ optimizer: tf.train.sgd(0), loss: "meanSquaredError" });
 * const callbacks = [earlyStopping({ patience: 2 })];
 * const { epochs, stopped } = await fit(model, pairs, { epochs: 9, batchSize: 4, validation: pairs, callbacks });
 * [epochs.length, stopped] // [ 3, 'the validation loss has not improved for 2 epochs' ]
 * ```
 */
export function earlyStopping({ patience, minDelta = 0 }: EarlyStoppingOptions): Callback {
  let best = Number.POSITIVE_INFINITY;
  let wait = 0;
  const kept = keptWeights();
  const stopIfDue = (run: TrainingRun, epochs: number) => {
    if (wait > 0 && wait >= patience && epochs > 1) run.stop(`the validation loss has not improved for ${wait} epochs`);
  };
  return {
    onTrainBegin(run) {
      refuseNoisy("earlyStopping", run);
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
      }
      stopIfDue(run, epoch);
    },
    state: () => ({ values: { best, wait }, tensors: kept.tensors }),
    restore({ values, tensors }, run) {
      ({ best, wait } = values);
      kept.keep(tensors);
      stopIfDue(run, run.history.length);
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
 * lowest validation loss), or its current ones when no epoch has ended, or there are no clean images to validate on.
 * Without a request it changes nothing.
 * @example
 * ```ts
 * import { stopOnRequest } from "image-denoiser";
 *
 * const listen = (stop: () => void) => {
 *   const timer = setTimeout(stop, 3_600_000);
 *   return () => clearTimeout(timer);
 * };
 * const callbacks = [stopOnRequest({ listen, reason: "the hour is over" })];
 * // then: fit(model, pairs, { …, callbacks })
 * ```
 */
export function stopOnRequest({ listen, reason }: StopOnRequestOptions): Callback {
  let best = Number.POSITIVE_INFINITY;
  let requested = false;
  let stopListening: (() => void) | undefined;
  const kept = keptWeights();
  return {
    onTrainBegin(run) {
      best = Number.POSITIVE_INFINITY;
      requested = false;
      stopListening = listen(() => {
        requested = true;
        run.stop(reason);
      });
    },
    onEpochEnd({ valLoss }, { model, validatedOnNoisy }) {
      if (validatedOnNoisy || valLoss >= best) return;
      best = valLoss;
      kept.keep(model.getWeights());
    },
    state: () => ({ values: { best }, tensors: kept.tensors }),
    restore({ values, tensors }) {
      best = values.best;
      kept.keep(tensors);
    },
    onTrainEnd(_, { model }) {
      stopListening?.();
      stopListening = undefined;
      if (requested && kept.tensors.length > 0) model.setWeights(kept.tensors);
      kept.keep([]);
    },
  };
}

/** @throws {RangeError} where the validation loss is one of noisy images, which may fall while the model gets worse */
function refuseNoisy(callback: string, { validatedOnNoisy }: TrainingRun): void {
  if (validatedOnNoisy)
    throw new RangeError(
      `${callback} watches the validation loss, which does not tell how good a model is where there are only noisy images to validate on: leave it out, or give pairs of noisy and clean images for validation`,
    );
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

/**
 * Lowers the learning rate when the validation loss stays on a plateau, as Keras' ReduceLROnPlateau does.
 * @throws {RangeError} (by `fit`) when the validation has noisy images only
 * @example
 * ```ts
 * import { fit, reduceLROnPlateau, simpleAutoencoder, tf } from "image-denoiser";
 *
 * const black = { data: new Float32Array(4 * 784), shape: [4, 28, 28, 1] as const };
 * const pairs = { noisy: black, clean: black };
 * const model = simpleAutoencoder();
 * // too slow to improve by minDelta
 * model.compile({ optimizer: tf.train.sgd(1e-6), loss: "meanSquaredError" });
 * const callbacks = [reduceLROnPlateau({ factor: 0.5, patience: 1 })];
 * const { epochs } = await fit(model, pairs, { epochs: 4, batchSize: 4, validation: pairs, callbacks });
 * epochs.map(({ learningRate }) => learningRate) // [ 0.000001, 0.000001, 5e-7, 2.5e-7 ]
 * ```
 */
export function reduceLROnPlateau({
  factor,
  patience,
  minLearningRate = 0,
  minDelta = 1e-4,
}: ReduceLearningRateOptions): Callback {
  let best = Number.POSITIVE_INFINITY;
  let wait = 0;
  return {
    onTrainBegin(run) {
      refuseNoisy("reduceLROnPlateau", run);
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
  /** The share of the training, from 0 to below 1, in which the rate rises. */
  warmUp?: number;
}

/**
 * Raises the learning rate linearly from a twentieth of its peak, then lowers it along half a cosine to zero at the end
 * of the last epoch (Smith & Topin 2019; Loshchilov & Hutter 2017). Set before each batch.
 * @throws {RangeError} when peak is not positive or warmUp not from 0 to below 1
 * @example
 * ```ts
 * import { fit, simpleAutoencoder, tf, warmUpThenDecay } from "image-denoiser";
 *
 * const black = { data: new Float32Array(4 * 784), shape: [4, 28, 28, 1] as const };
 * const pairs = { noisy: black, clean: black };
 * const model = simpleAutoencoder();
 * model.compile({ optimizer: "adam", loss: "meanSquaredError" });
 * const callbacks = [warmUpThenDecay({ peak: 0.01, warmUp: 0.5 })];
 * const { epochs } = await fit(model, pairs, { epochs: 4, batchSize: 4, validation: pairs, callbacks });
 * epochs.map(({ learningRate }) => learningRate) // [ 0.0005, 0.00525, 0.01, 0.005 ]
 * ```
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
