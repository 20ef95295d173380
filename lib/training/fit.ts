// The training loop: shuffled batches, one optimizer step a batch, validation after each epoch, callbacks in between.
import * as tf from "@tensorflow/tfjs";
import { checkCount } from "../checks";
import type { Images } from "../data/images";
import { takesLevelMap } from "../noise/level-map";
import { Random } from "../random";
import { stopOnRequest } from "./callbacks";
import { type CheckpointOptions, openCheckpoint } from "./checkpoint";
import { batchSource, type Examples, type TrainingData } from "./data";
import { first, heldOutLoss, toTensor, type Validation } from "./held-out";
import { learningRate, setLearningRate } from "./optimizer";
import { noisyLoss, type Supervision, stepOnNoisy } from "./supervision";
import type { Callback, Epoch, History, TrainingRun } from "./training-run";

export interface FitOptions {
  epochs: number;
  batchSize: number;
  /**
   * Pairs of noisy and clean images, or any inputs with their targets: their loss is the model's own. Where nobody has
   * clean images, noisy images alone, for a loss that needs no others; it does not tell when to stop.
   */
  validation: Validation;
  /**
   * What the model learns from. "clean": its targets, by its own loss. Without clean images: "noise2noise" takes other noisy
   * versions of the same images for targets (Lehtinen et al. 2018), by the model's own loss; the others take the noisy
   * images alone. "noise2self" (Batson & Royer 2019) and "noise2void" (Krull et al. 2019) hide pixels from the model and
   * compare there; "sure" estimates the squared error (Stein 1981), for Gaussian noise of known sigma. All of them need
   * noise of mean 0, so values must not be clipped.
   */
  supervision?: Supervision;
  /** Chooses the order of the training examples, another one in each epoch, and the seeds of online noise. */
  seed?: number;
  /** Called in the order given. */
  callbacks?: readonly Callback[];
  checkpoint?: CheckpointOptions;
  /**
   * When it aborts, the training ends after the current batch, the model gets the weights of its best epoch, and `fit`
   * throws the signal's reason. In a notebook's cell the default is the signal of the Stop button.
   */
  signal?: AbortSignal;
}

/** The models that are being trained. */
const inTraining = new WeakSet<tf.LayersModel>();

/** For how many epochs models have been trained. */
const trainedFor = new WeakMap<tf.LayersModel, number>();

/**
 * Trains a compiled model, to turn noisy images into clean ones or any inputs into their targets. Equal seeds, models
 * and data give equal weights, also when the training was interrupted and resumed. A model that has been trained before
 * goes on from its weights, and the history says so (`trainedBefore`).
 * @param model with one input and one output; compiled with any optimizer and loss, which `model.compile` takes. Its
 *   metrics are not reported
 * @param train pairs of images [n, height, width, channels]; `inputs` and `targets` of any shape [n, …]; clean images
 *   or `patches` of pictures in files, with noise that is drawn anew for every epoch: a `noise` by kind and level, any
 *   noise model, or a function `noisy`; or a `BatchSource`
 * @throws {RangeError} for options out of range, shapes that do not fit, no examples
 * @throws {Error} when the loss is no longer a number, the checkpoint is not one of this training, or the model is being
 *   trained already
 * @example
 * ```ts
 * import { fit, gaussian, simpleAutoencoder, tf } from "image-denoiser";
 *
 * const clean = { data: new Float32Array(8 * 784), shape: [8, 28, 28, 1] as const };
 * const pairs = { clean, noisy: gaussian(clean, { sigma: 0.5, seed: 1 }) };
 * const model = simpleAutoencoder();
 * model.compile({ optimizer: tf.train.adam(0.001), loss: "meanSquaredError" });
 * const { epochs } = await fit(model, pairs, { epochs: 2, batchSize: 4, validation: pairs });
 * epochs[1].loss < epochs[0].loss // true
 * ```
 */
export async function fit(model: tf.LayersModel, train: TrainingData, options: FitOptions): Promise<History> {
  const { epochs, batchSize, validation, seed = 42, supervision = "clean" } = options;
  const { callbacks = [], checkpoint, signal = stopOfCell() } = options;
  checkCount("epochs", epochs);
  checkCount("batchSize", batchSize);
  checkModel(model);
  signal?.throwIfAborted();
  const source = batchSource(train, { seed, supervision, levelMap: takesLevelMap(model) });
  const loss = noisyLoss(supervision, train);
  const heldOut = heldOutLoss(model, validation, { loss, batchSize, seed });
  const { optimizer } = model;
  const random = { shuffle: new Random(seed, "shuffle"), noise: new Random(seed, "online noise") };
  const batches = Math.ceil(source.size / batchSize);

  const settings = {
    ...source.settings,
    ...checkpoint?.settings,
    ...(supervision !== "clean" && { supervision }),
    ...{ seed, batchSize, examples: source.size },
  };
  const checkpoints = checkpoint && openCheckpoint(checkpoint, settings, { model, optimizer, callbacks });
  const called = signal ? [stopOnAbort(signal), ...callbacks] : callbacks;
  /** Waits for what may take long, but ends when the signal aborts. */
  const wait = <T>(value: T | Promise<T>) => (signal && value instanceof Promise ? orAborted(value, signal) : value);
  const trainedBefore = checkpoints?.saved ? undefined : trainedFor.get(model); // a checkpoint has weights of its own
  const history: OngoingHistory = { epochs: [], seconds: 0, ...(trainedBefore && { trainedBefore }) };
  const run = trainingRun(model, { epochs, history, validatedOnNoisy: heldOut.onNoisy });
  let began = performance.now();
  const secondsSince = (start: number) => (performance.now() - start) / 1000;
  const begun: Callback[] = [];
  const errors: unknown[] = [];

  inTraining.add(model);
  try {
    for (const callback of called) {
      begun.push(callback);
      await wait(callback.onTrainBegin?.(run));
    }
    if (checkpoints?.saved) {
      const { saved } = checkpoints;
      began -= 1000 * saved.seconds;
      history.epochs.push(...saved.epochs);
      run.learningRate = saved.learningRate;
      random.shuffle.state = saved.random.shuffle;
      random.noise.state = saved.random.noise;
      checkpoints.restore(run);
    }
    for (let epoch = history.epochs.length + 1; epoch <= epochs && !history.stopped; epoch++) {
      trainedFor.set(model, (trainedBefore ?? 0) + epoch);
      const epochBegan = performance.now();
      const { learningRate } = run;
      const order = source.inOrder
        ? Uint32Array.from({ length: source.size }, (_, i) => i)
        : random.shuffle.permutation(source.size);
      let sum = 0;
      let seen = 0;
      for (let batch = 1; batch <= batches && !history.stopped; batch++) {
        const indices = order.subarray((batch - 1) * batchSize, batch * batchSize);
        const examples = await wait(source.batch(indices, random.noise, epoch));
        const masks = () => new Random(seed, `masks and probes, epoch ${epoch}, batch ${batch}`);
        const batchLoss = loss
          ? await stepOnNoisy(model, loss, examples.inputs as Images, masks())
          : await trainOnBatch(model, examples);
        if (!Number.isFinite(batchLoss))
          throw new Error(
            `the loss became ${batchLoss} in epoch ${epoch}, batch ${batch}: lower the learning rate (${run.learningRate})`,
          );
        sum += batchLoss * indices.length;
        seen += indices.length;
        const seconds = secondsSince(began);
        const done = (epoch - 1 + batch / batches) / epochs;
        const secondsLeft = seconds / done - seconds;
        const progress = { epoch, epochs, batch, batches, loss: sum / seen, batchLoss, seconds, secondsLeft };
        for (const callback of called) await wait(callback.onBatchEnd?.(progress, run));
        await wait(new Promise(setImmediate)); // yields, so that output is flushed and an interrupt is seen
      }
      if (seen < source.size) break; // stopped within the epoch: its mean would not compare with the others
      const valLoss = heldOut.mean();
      const line = { epoch, loss: sum / seen, valLoss, learningRate, seconds: secondsSince(epochBegan) };
      history.epochs.push(line);
      for (const callback of called) await wait(callback.onEpochEnd?.(line, run));
      checkpoints?.save({
        epochs: history.epochs,
        seconds: secondsSince(began),
        learningRate: run.learningRate,
        random: { shuffle: random.shuffle.state, noise: random.noise.state },
      });
    }
  } catch (error) {
    errors.push(error);
  }
  history.seconds = secondsSince(began);
  for (const callback of begun)
    try {
      await wait(callback.onTrainEnd?.(history, run));
    } catch (error) {
      errors.push(error);
    }
  inTraining.delete(model);
  if (errors.length > 0) throw errors[0];
  return history;
}

/** The notebook's kernel gives each cell the signal of its Stop button. */
const stopOfCell = () => (globalThis as { [stop]?: AbortSignal })[stop];
const stop = Symbol.for("image-denoiser.stop");

const stopOnAbort = (signal: AbortSignal): Callback =>
  stopOnRequest({
    reason: "it was aborted",
    listen(stop) {
      signal.addEventListener("abort", stop);
      return () => signal.removeEventListener("abort", stop);
    },
  });

/** @throws the signal's reason, if it aborts before the promise has settled */
async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort);
  });
  if (signal.aborted) abort();
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

interface OngoingHistory {
  epochs: Epoch[];
  seconds: number;
  stopped?: string;
  readonly trainedBefore?: number;
}

const trainingRun = (
  model: tf.LayersModel,
  { epochs, history, validatedOnNoisy }: { epochs: number; history: OngoingHistory; validatedOnNoisy: boolean },
): TrainingRun => ({
  model,
  epochs,
  history: history.epochs,
  validatedOnNoisy,
  ...(history.trainedBefore && { trainedBefore: history.trainedBefore }),
  get learningRate() {
    return learningRate(model.optimizer);
  },
  set learningRate(rate) {
    setLearningRate(model.optimizer, rate);
  },
  stop(reason) {
    history.stopped ??= reason;
  },
});

function checkModel(model: tf.LayersModel): void {
  const { optimizer, inputs, outputs } = model;
  if (!optimizer)
    throw new Error(
      'the model is not compiled: call model.compile({ optimizer: tf.train.adam(1e-3), loss: "meanSquaredError" }) first',
    );
  if (inTraining.has(model))
    throw new Error("the model is being trained already: wait until that training has ended, or stop it");
  if (inputs.length !== 1 || outputs.length !== 1)
    throw new RangeError(
      `fit trains models with one input and one output, and this one has ${inputs.length} and ${outputs.length}: call model.fit of tfjs`,
    );
}

async function trainOnBatch(model: tf.LayersModel, { inputs, targets }: Examples): Promise<number> {
  const [x, y] = [toTensor(inputs), toTensor(targets)];
  try {
    return first(await model.trainOnBatch(x, y));
  } finally {
    tf.dispose([x, y]);
  }
}
