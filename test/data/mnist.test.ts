import assert from "node:assert/strict";
import { test } from "node:test";
import { sliceImages } from "../../lib/data/images";
import { loadMnist, parseIdx } from "../../lib/data/mnist";

const histogram = (labels: Uint8Array) =>
  Array.from({ length: 10 }, (_, digit) => labels.filter((label) => label === digit).length);
const sum = (a: number[], b: number[]) => a.map((value, i) => value + b[i]);

test("all 70,000 digits: sizes, range, classes as published", () => {
  const { train, validation, test: held, digests } = loadMnist();
  assert.deepEqual(
    [train.shape, validation.shape, held.shape],
    [
      [59_000, 28, 28, 1],
      [1_000, 28, 28, 1],
      [10_000, 28, 28, 1],
    ],
  );
  assert.deepEqual(histogram(held.labels), [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
  assert.deepEqual(
    sum(histogram(train.labels), histogram(validation.labels)),
    [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949],
  );
  // mean pixel of the training set as widely published: 0.1307
  const total = [train, validation].reduce((all, { data }) => data.reduce((part, value) => part + value, all), 0);
  assert.ok(Math.abs(total / 60_000 / 784 - 0.1307) < 1e-4);
  assert.ok(held.data.every((value) => value >= 0 && value <= 1));
  assert.equal(Object.keys(digests).length, 4);
});

test("the quick set: 10,000 digits in the package's class counts, the same test digits", () => {
  const { train, validation, test: held } = loadMnist({ dataset: "quick", validationShare: 0.1 });
  assert.deepEqual([train.shape[0], validation.shape[0], held.shape[0]], [9_000, 1_000, 10_000]);
  assert.deepEqual(
    sum(histogram(train.labels), histogram(validation.labels)),
    [1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978],
  );
  assert.ok(train.data.every((value) => Math.abs(value * 255 - Math.round(value * 255)) < 1e-4));
});

test("the quick set's first digits are of all classes, in training and validation", () => {
  const { train, validation } = loadMnist({ dataset: "quick", validationShare: 0.1 });
  for (const { labels } of [train, validation]) {
    const counts = histogram(labels.slice(0, 200));
    assert.ok(Math.min(...counts) >= 8, `${counts}`);
  }
});

test("images and labels belong together, in the quick set too", () => {
  // digits of one class differ less from their class's mean than from the others' on average
  const { train } = loadMnist({ dataset: "quick" });
  const means = Array.from({ length: 10 }, () => new Float64Array(784));
  const counts = histogram(train.labels);
  for (let i = 0; i < train.data.length; i++)
    means[train.labels[Math.floor(i / 784)]][i % 784] += train.data[i] / counts[train.labels[Math.floor(i / 784)]];
  const nearest = (image: number) => {
    const pixels = train.data.subarray(image * 784, (image + 1) * 784);
    const distances = means.map((mean) => pixels.reduce((total, value, i) => total + (value - mean[i]) ** 2, 0));
    return distances.indexOf(Math.min(...distances));
  };
  const right = Array.from({ length: 500 }, (_, i) => nearest(i) === train.labels[i]).filter(Boolean).length;
  assert.ok(right > 350, `${right} of 500`);
});

test("validation digits are not among the training digits; the seed chooses them", () => {
  const { train, validation } = loadMnist({ dataset: "quick", seed: 1 });
  const key = (stack: typeof train, i: number) =>
    Buffer.from(stack.data.slice(i * 784, (i + 1) * 784).buffer).toString("base64");
  const known = new Set(Array.from({ length: train.shape[0] }, (_, i) => key(train, i)));
  const shared = Array.from({ length: validation.shape[0] }, (_, i) => key(validation, i)).filter((image) =>
    known.has(image),
  );
  assert.equal(shared.length, 0);
  assert.deepEqual(loadMnist({ dataset: "quick", seed: 1 }).validation.labels, validation.labels);
  assert.notDeepEqual(loadMnist({ dataset: "quick", seed: 2 }).validation.labels, validation.labels);
});

test("parameters out of range are refused", () => {
  assert.throws(() => loadMnist({ dataset: "half" as "full" }), /dataset must be "full" or "quick", not "half"/);
  assert.throws(() => loadMnist({ validationShare: 1 }), /validationShare must lie between 0 and 1, not 1/);
});

test("IDX files that are not what they say are refused", () => {
  assert.throws(() => parseIdx(Buffer.from("PNG...........")), /not an IDX file/);
  assert.throws(() => parseIdx(Buffer.alloc(0)), /not an IDX file/);
  const short = Buffer.from([0, 0, 8, 1, 0, 0, 0, 9, 1, 2, 3]);
  assert.throws(() => parseIdx(short), /holds 3 values, its header promises 9/);
});

test("fewer test digits are taken evenly from all of them", () => {
  const all = loadMnist({ dataset: "quick" }).test;
  const fifth = loadMnist({ dataset: "quick", testDigits: 2000 }).test;
  assert.deepEqual(fifth.shape, [2000, 28, 28, 1]);
  for (const i of [0, 1, 1999]) {
    assert.equal(fifth.labels[i], all.labels[5 * i]);
    assert.deepEqual(sliceImages(fifth, i, i + 1).data, sliceImages(all, 5 * i, 5 * i + 1).data);
  }
  assert.equal(loadMnist({ dataset: "quick", testDigits: 3 }).test.labels[2], all.labels[6666]);
  for (const testDigits of [0, 1.5, 10_001])
    assert.throws(() => loadMnist({ testDigits }), /testDigits must be a whole number from 1 to 10000, not/);
});
