// The losses against the metrics, finite differences and tfjs' own.
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

test("binary cross-entropy's gradients are tfjs' own where predictions are clipped, and for the target", () => {
  const values = [Number.NaN, -0.5, 0, 1e-8, 1e-7, 2e-7, 0.3, 0.999999, 1, 1.5];
  const denoised = tf.tensor2d(values, [values.length, 1]);
  for (const target of [0, 0.25, 1]) {
    const clean = tf.fill(denoised.shape, target) as tf.Tensor2D;
    const [ours, theirs] = [binaryCrossentropy, tf.metrics.binaryCrossentropy].map((loss) =>
      tf.grads((x: tf.Tensor, y: tf.Tensor) => loss(x, y).mul(3).sum())([clean, denoised]),
    );
    for (const i of [0, 1])
      [...ours[i].dataSync()].forEach((value, at) => {
        const expected = theirs[i].dataSync()[at];
        const fits = Object.is(value, expected) || Math.abs(value - expected) < 0.02 * Math.abs(expected);
        assert.ok(fits, `${i}, ${values[at]}: ${value}, not ${expected}`);
      });
  }
});

test("log-MSE and SSIM: the gradient for the clean images, and gradients of gradients", () => {
  const shape = [2, 9, 8, 2] as const;
  const [clean, denoised] = [1, 2].map((phase) => tf.tensor4d(images(shape, phase).data, [...shape]));
  const loss = (x: tf.Tensor, y: tf.Tensor) => logMseAndSsim(x, y, 2).sum();
  const [ofClean, ofDenoised] = tf.grads(loss)([clean, denoised]);
  const swapped = tf.grads(loss)([denoised, clean]); // the loss is symmetric
  assert.ok(ofClean.sub(swapped[1]).abs().max().dataSync()[0] < 1e-4);
  assert.ok(ofDenoised.sub(swapped[0]).abs().max().dataSync()[0] < 1e-4);
  const curvature = tf.grad((y: tf.Tensor) =>
    tf
      .grad((z: tf.Tensor) => loss(clean, z))(y)
      .square()
      .sum(),
  )(denoised);
  assert.ok([...curvature.dataSync()].every(Number.isFinite));
});

test("shapes that do not fit are refused", () => {
  for (const [clean, denoised] of [
    [
      [1, 7, 7, 1],
      [2, 7, 7, 1],
    ],
    [
      [1, 8, 8, 1],
      [1, 7, 7, 1],
    ],
    [
      [7, 7, 1],
      [7, 7, 1],
    ],
    [
      [1, 6, 7, 1],
      [1, 6, 7, 1],
    ],
  ])
    assert.throws(() => logMseAndSsim(tf.ones(clean), tf.ones(denoised)), RangeError);
  assert.throws(() => binaryCrossentropy(tf.ones([5]), tf.ones([2, 3, 4])), /not \[5\] and \[2,3,4\]/);
});

test("the losses on another backend are the same", async () => {
  const data = [1, 2].map((phase) => images([2, 8, 7, 2], phase).data);
  const values = async (backend: string) => {
    await tf.setBackend(backend);
    const [clean, denoised] = data.map((numbers) => tf.tensor4d(numbers, [2, 8, 7, 2]));
    return [binaryCrossentropy, logMseAndSsim].flatMap((loss) => {
      const result = tf.valueAndGrad((x: tf.Tensor) => loss(clean, x).sum() as tf.Scalar)(denoised);
      return [...result.value.dataSync(), ...result.grad.dataSync()];
    });
  };
  const theirs = await values("cpu");
  const ours = await values("tensorflow");
  ours.forEach((value, i) => {
    assert.ok(Math.abs(value - theirs[i]) < 1e-4 * Math.max(1, Math.abs(value)), `${value}, not ${theirs[i]}`);
  });
});
