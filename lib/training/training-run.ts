// What a training reports while it runs, and the callbacks that receive it.
import type * as tf from "@tensorflow/tfjs";

/** One epoch of a training's history. Losses are means over the examples. */
export interface Epoch {
  /** Counted from 1. */
  readonly epoch: number;
  readonly loss: number;
  readonly valLoss: number;
  /** The learning rate at the beginning of the epoch. */
  readonly learningRate: number;
  /** Wall-clock seconds, validation included. */
  readonly seconds: number;
}

/** Progress within an epoch. */
export interface Progress {
  /** Counted from 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Batches of this epoch done so far, and in all. */
  readonly batch: number;
  readonly batches: number;
  /** Running mean of this epoch's loss. */
  readonly loss: number;
  readonly batchLoss: number;
  /** Wall-clock seconds since training began, and an estimate of those left. */
  readonly seconds: number;
  readonly secondsLeft: number;
}

export interface History {
  readonly epochs: readonly Epoch[];
  readonly seconds: number;
  /** Why training was stopped; undefined if nothing stopped it. */
  readonly stopped?: string;
  /** Epochs that `fit` had trained the model for before, in other calls: this training went on from their weights. */
  readonly trainedBefore?: number;
}

/** A running training, as its callbacks see it. */
export interface TrainingRun {
  readonly model: tf.LayersModel;
  readonly epochs: number;
  /** The epochs that have ended, those before an interruption included. */
  readonly history: readonly Epoch[];
  /**
   * true where the validation has noisy images only. Its loss then does not tell which epoch is best, so nothing may be
   * stopped or chosen by it.
   */
  readonly validatedOnNoisy?: boolean;
  /** As in `History`. */
  readonly trainedBefore?: number;
  /** The rate of the optimizer's next step; may be set. */
  learningRate: number;
  /** Ends training after the current batch. */
  stop(reason: string): void;
}

/** Numbers and tensors that a callback keeps from epoch to epoch. */
export interface CallbackState {
  readonly values: Readonly<Record<string, number>>;
  readonly tensors: readonly tf.Tensor[];
}

/** What `fit` calls while it trains. It waits for each call; every method is optional. */
export interface Callback {
  onTrainBegin?(run: TrainingRun): void | Promise<void>;
  onBatchEnd?(progress: Progress, run: TrainingRun): void | Promise<void>;
  onEpochEnd?(epoch: Epoch, run: TrainingRun): void | Promise<void>;
  /** Called whenever onTrainBegin was, also when the training was stopped or failed, or onTrainBegin itself threw. */
  onTrainEnd?(history: History, run: TrainingRun): void | Promise<void>;
  /** What a checkpoint must hold for this callback; called after onEpochEnd. */
  state?(): CallbackState;
  /** Called after onTrainBegin with the state from a checkpoint. The tensors are disposed of afterwards: clone them. */
  restore?(state: CallbackState, run: TrainingRun): void;
}
