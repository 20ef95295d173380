// A reader of digits: a small convolutional network that learns clean digits and is then asked what it reads in denoised
// ones. It tells what PSNR and SSIM cannot: whether denoising saves what the picture means.
import * as tf from "@tensorflow/tfjs";
import { checkCount, checkImages, checkLabels } from "../checks";
import { type Images, type LabelledImages, selectImages, sliceImages } from "../data/images";
import { Random } from "../random";
import { glorotUniform } from "./initial-weights";

export interface DigitClassifierOptions {
  /** Chooses the initial weights and the order of the digits; equal seeds give equal classifiers. */
  seed?: number;
  epochs?: number;
  batchSize?: number;
}

const digits = 10;
const peakLearningRate = 4e-3;
/** Share of the batches after which the learning rate has risen to its peak. */
const warmUp = 0.2;

/**
 * Conv 16 - pool - conv 32 - pool - conv 32 - dense 10: 29,738 parameters, softmax output.
 * @returns a model [n, 28, 28, 1] -> [n, 10], the probability of each digit
 */
function digitClassifier(seed: number): tf.LayersModel {
  const kernelInitializer = glorotUniform(seed);
  const convolution = (name: string, filters: number) =>
    tf.layers.conv2d({
      name,
      filters,
      kernelSize: 3,
      padding: "same",
      activation: "relu",
      kernelInitializer: kernelInitializer(),
    });
  const halve = (name: string) => tf.layers.maxPooling2d({ name, poolSize: 2 });
  const input = tf.input({ shape: [28, 28, 1], name: "digit" });
  const layers = [
    convolution("conv28", 16),
    halve("to14"),
    convolution("conv14", 32),
    halve("to7"),
    convolution("conv7", 32),
    tf.layers.flatten({ name: "features" }),
    tf.layers.dense({
      name: "probabilities",
      units: digits,
      activation: "softmax",
      kernelInitializer: kernelInitializer(),
    }),
  ];
  const output = layers.reduce((x, next) => next.apply(x) as tf.SymbolicTensor, input);
  return tf.model({ inputs: input, outputs: output, name: "digit_classifier" });
}

/**
 * Trains a classifier with Adam, whose learning rate rises to a peak and then falls to zero.
 * Lets other work run between two batches.
 * @param train clean digits, [n, 28, 28, 1], values in [0, 1]
 * @returns a model [n, 28, 28, 1] -> [n, 10], the probability of each digit
 * @throws {RangeError} for options out of range, no digits, data and shape that do not belong together, or labels that
 *   are not one an image
 */
export async function trainDigitClassifier(
  train: LabelledImages,
  { seed = 42, epochs = 2, batchSize = 128 }: DigitClassifierOptions = {},
): Promise<tf.LayersModel> {
  checkImages(train);
  checkLabels(train.labels, train.shape[0]);
  const [n] = train.shape;
  if (n === 0) throw new RangeError("there are no digits to learn from");
  checkCount("epochs", epochs);
  checkCount("batchSize", batchSize);
  const model = digitClassifier(seed);
  model.compile({ optimizer: tf.train.adam(peakLearningRate), loss: "categoricalCrossentropy" });
  const optimizer = model.optimizer as tf.Optimizer & { learningRate: number };
  const random = new Random(seed, "classifier");
  const steps = epochs * Math.ceil(n / batchSize);
  let step = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = random.permutation(n);
    for (let start = 0; start < n; start += batchSize) {
      const done = (step++ + 0.5) / steps;
      optimizer.learningRate = peakLearningRate * Math.min(done / warmUp, (1 - done) / (1 - warmUp));
      await trainOnBatch(model, train, order.subarray(start, start + batchSize));
      await new Promise(setImmediate); // lets output out and Stop in
    }
  }
  return model;
}

async function trainOnBatch(model: tf.LayersModel, train: LabelledImages, indices: Uint32Array): Promise<void> {
  const { data, shape } = selectImages(train, indices);
  const x = tf.tensor4d(data, [...shape]);
  const y = tf.oneHot(
    Array.from(indices, (i) => train.labels[i]),
    digits,
  );
  try {
    await model.trainOnBatch(x, y);
  } finally {
    tf.dispose([x, y]);
  }
}

/**
 * Which digits a classifier recognizes: 1 for right, 0 for wrong, one an image, so that `bootstrapMean` of them is the
 * accuracy with its interval.
 * @param images [n, 28, 28, 1], values in [0, 1]
 * @param labels the digit on each image
 * @throws {RangeError} when data and shape do not belong together, or labels are not one an image
 */
export function accuracy(classifier: tf.LayersModel, images: Images, labels: Uint8Array): Float64Array {
  checkImages(images);
  checkLabels(labels, images.shape[0]);
  const [n] = images.shape;
  const right = new Float64Array(n);
  const batchSize = 500;
  for (let start = 0; start < n; start += batchSize) {
    const { data, shape } = sliceImages(images, start, Math.min(start + batchSize, n));
    const read = tf.tidy(() => {
      const probabilities = classifier.predictOnBatch(tf.tensor4d(data, [...shape]));
      return (probabilities as tf.Tensor).argMax(1).dataSync();
    });
    for (let i = 0; i < read.length; i++) right[start + i] = read[i] === labels[start + i] ? 1 : 0;
  }
  return right;
}
