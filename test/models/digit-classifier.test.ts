import assert from "node:assert/strict";
import { test } from "node:test";
import { type LabelledImages, selectImages } from "../../lib/data/images";
import { loadMnist } from "../../lib/data/mnist";
import { tf } from "../../lib/engine";
import { accuracy, trainDigitClassifier } from "../../lib/models/digit-classifier";
import { gaussian } from "../../lib/noise";

const mnist = loadMnist({ dataset: "quick" });
const every = (step: number, all: LabelledImages): LabelledImages => {
  const indices = Array.from({ length: Math.ceil(all.shape[0] / step) }, (_, i) => i * step);
  return { ...selectImages(all, indices), labels: Uint8Array.from(indices, (i) => all.labels[i]) };
};
const train = every(3, mnist.train);
const digits = every(20, mnist.test);
const share = (right: Float64Array) => right.reduce((sum, value) => sum + value, 0) / right.length;

test("a classifier learns to read clean digits, and reads worse through noise", async () => {
  let others = 0;
  const timer = setInterval(() => others++, 1);
  const classifier = await trainDigitClassifier(train, { seed: 1, epochs: 3, batchSize: 64 });
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
  const first = await trainDigitClassifier(few, options);
  const tensors = tf.memory().numTensors;
  const second = await trainDigitClassifier(few, options);
  assert.deepEqual(weights(first), weights(second));
  assert.notDeepEqual(weights(first), weights(await trainDigitClassifier(few, { ...options, seed: 4 })));
  const perClassifier = (tf.memory().numTensors - tensors) / 2;
  await trainDigitClassifier(few, { ...options, epochs: 3 });
  assert.equal(tf.memory().numTensors, tensors + 3 * perClassifier);
  accuracy(first, digits, digits.labels);
  assert.equal(tf.memory().numTensors, tensors + 3 * perClassifier);
});

test("labels that do not belong to the images, no images and batches of nothing are errors", async () => {
  const classifier = await trainDigitClassifier(every(100, train), { epochs: 1 });
  assert.throws(() => accuracy(classifier, digits, digits.labels.slice(1)), /one label an image, not 499 for 500/);
  await assert.rejects(trainDigitClassifier({ ...train, labels: train.labels.slice(1) }), /one label an image/);
  const none = { data: new Float32Array(0), shape: [0, 28, 28, 1], labels: new Uint8Array(0) } as const;
  await assert.rejects(trainDigitClassifier(none), /no digits to learn from/);
  await assert.rejects(trainDigitClassifier(train, { batchSize: 0 }), /batchSize must be a whole number of at least 1/);
});
