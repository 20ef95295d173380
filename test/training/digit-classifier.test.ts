// The digit classifier: its training, its accuracy on clean and noisy digits, and what is refused.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type LabelledImages, selectImages } from "../../lib/data/images";
import { loadMnist } from "../../lib/data/mnist";
import { tf } from "../../lib/engine";
import { accuracy } from "../../lib/evaluation/accuracy";
import { gaussian } from "../../lib/noise/gaussian";
import { trainDigitClassifier } from "../../lib/training/digit-classifier";

const mnist = loadMnist({ dataset: "quick" });
const every = (step: number, all: LabelledImages): LabelledImages => {
  const indices = Array.from({ length: Math.ceil(all.shape[0] / step) }, (_, i) => i * step);
  return { ...selectImages(all, indices), labels: Uint8Array.from(indices, (i) => all.labels[i]) };
};
const train = every(3, mnist.train);
const validation = every(10, mnist.validation);
const digits = every(20, mnist.test);
const share = (right: Float64Array) => right.reduce((sum, value) => sum + value, 0) / right.length;

test("a classifier learns clean digits, and is less accurate on noisy ones", async () => {
  let others = 0;
  const timer = setInterval(() => others++, 1);
  const classifier = await trainDigitClassifier({ train, validation }, { seed: 1, epochs: 3, batchSize: 64 });
  clearInterval(timer);
  assert.ok(others > 10, "other work runs between batches");
  const right = accuracy(classifier, digits, digits.labels);
  assert.equal(right.length, 500);
  assert.ok(share(right) > 0.9, `${share(right)}`);
  assert.ok(share(accuracy(classifier, gaussian(digits, { sigma: 0.7, seed: 1 }), digits.labels)) < share(right) - 0.1);
  // one for one: with every label wrong, nothing is right that was right before
  const wrong = accuracy(classifier, digits, digits.labels.map((digit) => (digit + 1) % 10)); // biome-ignore format: short
  assert.ok(right.every((value, i) => value + wrong[i] <= 1 && (value === 0 || value === 1)));
});

test("equal seeds give equal classifiers; nothing but the model stays in memory", async () => {
  const few = every(20, train);
  const options = { seed: 3, epochs: 1, batchSize: 16 };
  const weights = (model: tf.LayersModel) => model.getWeights().map((weight) => [...weight.dataSync()]);
  const first = await trainDigitClassifier({ train: few, validation }, options);
  const tensors = tf.memory().numTensors;
  const second = await trainDigitClassifier({ train: few, validation }, options);
  assert.deepEqual(weights(first), weights(second));
  assert.notDeepEqual(
    weights(first),
    weights(await trainDigitClassifier({ train: few, validation }, { ...options, seed: 4 })),
  );
  const perClassifier = (tf.memory().numTensors - tensors) / 2;
  await trainDigitClassifier({ train: few, validation }, { ...options, epochs: 3 });
  assert.equal(tf.memory().numTensors, tensors + 3 * perClassifier);
  accuracy(first, digits, digits.labels);
  assert.equal(tf.memory().numTensors, tensors + 3 * perClassifier);
});

test("labels that do not belong to the images, no images and batches of nothing are errors", async () => {
  const classifier = await trainDigitClassifier({ train: every(100, train), validation }, { epochs: 1 });
  assert.throws(() => accuracy(classifier, digits, digits.labels.slice(1)), /one label an image, not 499 for 500/);
  await assert.rejects(
    trainDigitClassifier({ train: { ...train, labels: train.labels.slice(1) }, validation }),
    /one label an image/,
  );
  const eleven = { ...train, labels: train.labels.map((label) => label + 2) };
  await assert.rejects(
    trainDigitClassifier({ train: eleven, validation }),
    /labels must be digits from 0 to 9, not 1[01]/,
  );
  const none = { data: new Float32Array(0), shape: [0, 28, 28, 1], labels: new Uint8Array(0) } as const;
  await assert.rejects(trainDigitClassifier({ train: none, validation }), /no training examples/);
  await assert.rejects(
    trainDigitClassifier({ train, validation }, { batchSize: 0 }),
    /batchSize must be a whole number of at least 1/,
  );
});
