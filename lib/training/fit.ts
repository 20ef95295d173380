// The training loop: seeded shuffling, one optimizer step a batch, validation after each epoch, callbacks in between.
import * as tf from "@tensorflow/tfjs";
import { checkCount, checkSameShape } from "../checks";
import { type Images, selectImages } from "../data/images";
import { Random } from "../random";
import { loadState, type PartState, restoreTraining, saveTraining } from "./checkpoint";

/** The same images, with noise and without. */
export interface Pairs {
  readonly noisy: Images;
  readonly clean: Images;
}

/** Clean images, and what makes a batch of them noisy, with another seed each time: fresh noise for every epoch. */
export interface FreshlyNoisy {
  readonly noisy: (clean: Images, seed: number) => Images;
  readonly clean: Images;
}

/** One line of a training's history. Losses are means over the images. */
export interface Epoch {
  /** Counted from 1. */
  readonly epoch: number;
  readonly loss: number;
  readonly valLoss: number;
  /** The rate with which this epoch was trained. */
  readonly learningRate: number;
  /** Wall-clock seconds, validation included. */
  readonly seconds: number;
}

/** Where a training stands within an epoch. */
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

/** What a callback may do to a running training. */
export interface Run {
  readonly model: tf.LayersModel;
  readonly epochs: number;
  /** The epochs that have ended, those before an interruption included. */
  readonly history: readonly Epoch[];
  learningRate: number;
  /** Ends training after the current batch. */
  stop(reason: string): void;
}

export interface Callback {
  onTrainBegin?(run: Run): void | Promise<void>;
  onBatchEnd?(progress: Progress, run: Run): void | Promise<void>;
  onEpochEnd?(epoch: Epoch, run: Run): void | Promise<void>;
  /** Called in any case, also when training was stopped or failed. */
  onTrainEnd?(history: History, run: Run): void | Promise<void>;
  /** What must be kept for a training to go on after an interruption; saved after onEpochEnd. */
  state?(): PartState;
  /** Called after onTrainBegin with what was saved; may keep clones of the tensors. */
  restore?(state: PartState): void;
}

/** Where a training's state is kept from epoch to epoch. */
export interface CheckpointOptions {
  /** Replaced after each epoch. */
  file: string;
  /** Go on from the file, if there is one. Otherwise the training begins anew. */
  resume?: boolean;
  /** What else the training depends on: to go on with other settings is refused. */
  settings?: Readonly<Record<string, number | string | boolean>>;
}

export interface History {
  readonly epochs: Epoch[];
  readonly seconds: number;
  /** Why training ended before its last epoch; undefined if it did not. */
  readonly stopped?: string;
}

export interface FitOptions {
  epochs: number;
  batchSize: number;
  validation: Pairs;
  /** Orders the training images, anew for each epoch. */
  seed?: number;
  /** Called in the order given. */
  callbacks?: Callback[];
  checkpoint?: CheckpointOptions;
}

/**
 * Trains a compiled model to turn noisy images into clean ones. Equal seeds, models and data give equal weights, also
 * when the training was interrupted and resumed.
 * @param model compiled: `model.compile({ optimizer: tf.train.adam(1e-3), loss: "meanSquaredError" })`
 * @param train [n, height, width, channels]
 * @throws {RangeError} for options out of range, shapes that do not fit, no images
 * @throws {Error} when the loss is no longer a number, or the checkpoint is not one of this training
 */
export async function fit(
  model: tf.LayersModel,
  train: Pairs | FreshlyNoisy,
  { epochs, batchSize, validation, seed = 42, callbacks = [], checkpoint }: FitOptions,
): Promise<History> {
  checkCount("epochs", epochs);
  checkCount("batchSize", batchSize);
  for (const [name, { noisy, clean }] of Object.entries({ training: train, validation })) {
    if (typeof noisy !== "function") checkSameShape(noisy, clean, [`${name}.noisy`, `${name}.clean`]);
    if (clean.shape[0] === 0) throw new RangeError(`there are no ${name} images`);
  }
  const optimizer = model.optimizer as (tf.Optimizer & { learningRate: number }) | undefined;
  if (!optimizer)
    throw new Error(
      'the model is not compiled: call model.compile({ optimizer: tf.train.adam(1e-3), loss: "meanSquaredError" }) first',
    );

  const history: { epochs: Epoch[]; seconds: number; stopped?: string } = { epochs: [], seconds: 0 };
  const run: Run = {
    model,
    epochs,
    history: history.epochs,
    get learningRate() {
      return optimizer.learningRate;
    },
    set learningRate(rate) {
      optimizer.learningRate = rate;
    },
    stop(reason) {
      history.stopped ??= reason;
    },
  };
  const random = new Random(seed, "shuffle");
  const n = train.clean.shape[0];
  const batches = Math.ceil(n / batchSize);
  let began = performance.now();
  const secondsSince = (start: number) => (performance.now() - start) / 1000;
  const call = async (event: (callback: Callback) => void | Promise<void>) => {
    for (const callback of callbacks) await event(callback);
  };

  const settings = { ...checkpoint?.settings, seed, batchSize, images: n, parameters: model.countParams() };
  const saved = checkpoint?.resume ? loadState(checkpoint.file, settings) : undefined;

  await call((callback) => callback.onTrainBegin?.(run));
  try {
    if (saved) {
      began -= 1000 * saved.seconds;
      history.epochs.push(...saved.epochs);
      run.learningRate = saved.learningRate;
      random.state = saved.random;
      await restoreTraining(saved, { model, optimizer, callbacks });
    }
    for (let epoch = history.epochs.length + 1; epoch <= epochs && !history.stopped; epoch++) {
      const epochBegan = performance.now();
      const { learningRate } = run;
      const order = random.permutation(n);
      let sum = 0;
      let seen = 0;
      for (let batch = 1; batch <= batches && !history.stopped; batch++) {
        const indices = order.subarray((batch - 1) * batchSize, batch * batchSize);
        const loss = await trainOnBatch(model, takeBatch(train, indices, random));
        if (!Number.isFinite(loss))
          throw new Error(
            `the loss became ${loss} in epoch ${epoch}, batch ${batch}: lower the learning rate (${learningRate})`,
          );
        sum += loss * indices.length;
        seen += indices.length;
        const seconds = secondsSince(began);
        const done = (epoch - 1 + batch / batches) / epochs;
        const progress = {
          epoch,
          epochs,
          batch,
          batches,
          loss: sum / seen,
          batchLoss: loss,
          seconds,
          secondsLeft: seconds / done - seconds,
        };
        await call((callback) => callback.onBatchEnd?.(progress, run));
        await new Promise(setImmediate); // lets output out and Stop in
      }
      if (seen < n) break; // stopped within the epoch: its mean would not compare with the others
      const valLoss = meanLoss(model, validation, batchSize);
      const line = { epoch, loss: sum / seen, valLoss, learningRate, seconds: secondsSince(epochBegan) };
      history.epochs.push(line);
      await call((callback) => callback.onEpochEnd?.(line, run));
      if (checkpoint) {
        const state = {
          settings,
          epochs: history.epochs,
          seconds: secondsSince(began),
          learningRate: run.learningRate,
          random: random.state,
        };
        await saveTraining(checkpoint.file, state, { model, optimizer, callbacks });
      }
    }
  } finally {
    history.seconds = secondsSince(began);
    await call((callback) => callback.onTrainEnd?.(history, run));
  }
  return history;
}

const toTensor = ({ data, shape }: Images): tf.Tensor4D => tf.tensor4d(data, [...shape]);

function takeBatch({ noisy, clean }: Pairs | FreshlyNoisy, indices: Uint32Array, random: Random): Pairs {
  const batch = selectImages(clean, indices);
  return {
    clean: batch,
    noisy: typeof noisy === "function" ? noisy(batch, random.bits()) : selectImages(noisy, indices),
  };
}

async function trainOnBatch(model: tf.LayersModel, { noisy, clean }: Pairs): Promise<number> {
  const [x, y] = [toTensor(noisy), toTensor(clean)];
  try {
    return (await model.trainOnBatch(x, y)) as number;
  } finally {
    tf.dispose([x, y]);
  }
}

function meanLoss(model: tf.LayersModel, { noisy, clean }: Pairs, batchSize: number): number {
  return tf.tidy(() => {
    const loss = model.evaluate(toTensor(noisy), toTensor(clean), { batchSize });
    return (loss as tf.Scalar).dataSync()[0];
  });
}
