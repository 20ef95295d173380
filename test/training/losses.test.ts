import assert from "node:assert/strict";
import { test } from "node:test";
import { tf } from "../../lib/engine";
import { mse } from "../../lib/metrics/errors";
import { ssim } from "../../lib/metrics/ssim";
import { binaryCrossentropy, logMseAndSsim } from "../../lib/training/losses";
import { wave } from "../golden";

const images = (shape: readonly [number, number, number, number], phase: number) => ({
  data: Float32Array.from(
    wave(
      shape.reduce((product, size) => product * size, 1),
      phase,
    ),
  ),
  shape,
});

for (const shape of [
  [3, 28, 28, 1],
  [2, 9, 7, 3],
  [2, 7, 12, 2],
] as const)
  test(`the loss is what the metrics say of each image, ${shape}`, () => {
    const [clean, denoised] = [images(shape, 1), images(shape, 2)];
    const tensor = ({ data }: { data: Float32Array }) => tf.tensor4d(data, [...shape]);
    const losses = logMseAndSsim(tensor(clean), tensor(denoised)).dataSync();
    const weighted = logMseAndSsim(tensor(clean), tensor(denoised), 3).dataSync();
    const errors = mse(clean, denoised);
    const similarities = ssim(clean, denoised);
    assert.equal(losses.length, shape[0]);
    losses.forEach((loss, i) => {
      const expected = Math.log(errors[i]) + 1 - similarities[i];
      assert.ok(Math.abs(loss - expected) < 1e-4, `${loss} instead of ${expected}`);
      assert.ok(Math.abs(weighted[i] - expected - 2 * (1 - similarities[i])) < 1e-4, `${weighted[i]}`);
    });
  });

for (const weight of [1, 2.5])
  test(`its gradient agrees with finite differences, weight ${weight}`, () => {
    const shape = [1, 9, 8, 1] as const;
    const clean = tf.tensor4d(images(shape, 1).data, [...shape]);
    const denoised = tf.tensor4d(images(shape, 2).data, [...shape]);
    const loss = (x: tf.Tensor) => logMseAndSsim(clean, x, weight).sum() as tf.Scalar;
    const gradient = tf.grad(loss)(denoised).dataSync();
    const step = 1e-2;
    for (const at of [0, 13, 40, 71]) {
      const nudge = tf.oneHot(tf.scalar(at, "int32"), denoised.size).reshape(denoised.shape).mul(step) as tf.Tensor;
      const difference =
        (loss(denoised.add(nudge)).dataSync()[0] - loss(denoised.sub(nudge)).dataSync()[0]) / (2 * step);
      assert.ok(Math.abs(difference - gradient[at]) < 2e-3, `${difference} ${gradient[at]}`);
    }
  });

test("identical images have a finite loss and gradient", () => {
  const x = tf.tensor4d(images([2, 8, 8, 1], 1).data, [2, 8, 8, 1]);
  const { value, grad } = tf.valueAndGrad((y: tf.Tensor) => logMseAndSsim(x, y).sum() as tf.Scalar)(x);
  assert.ok([...value.dataSync(), ...grad.dataSync()].every(Number.isFinite));
});

test("binary cross-entropy and its gradient are tfjs' own", () => {
  const [clean, denoised] = [1, 2].map((phase) => tf.tensor4d(images([2, 5, 4, 3], phase).data, [2, 5, 4, 3]));
  const losses = [binaryCrossentropy, tf.metrics.binaryCrossentropy].map((loss) =>
    tf.valueAndGrad((x: tf.Tensor) => loss(clean, x).mean() as tf.Scalar)(denoised),
  );
  assert.deepEqual(binaryCrossentropy(clean, denoised).shape, [2, 5, 4]);
  for (const part of ["value", "grad"] as const) {
    const [ours, theirs] = losses.map((loss) => loss[part].dataSync());
    ours.forEach((value, i) => {
      assert.ok(Math.abs(value - theirs[i]) < 1e-5 * (1 + Math.abs(theirs[i])), `${part}: ${value}, not ${theirs[i]}`);
    });
  }
});

test("binary cross-entropy of 0 and 1, right and wrong, is finite", () => {
  const [clean, denoised] = [tf.tensor2d([[0], [1], [0], [1]]), tf.tensor2d([[0], [1], [1], [0]])];
  const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => binaryCrossentropy(clean, x).sum() as tf.Scalar)(denoised);
  assert.ok([...value.dataSync(), ...grad.dataSync()].every(Number.isFinite));
});
