import assert from "node:assert/strict";
import { test } from "node:test";
import { tf } from "../../lib/engine";
import { evaluate, evaluationTable, scoreRow } from "../../lib/evaluation/evaluate";

test("all methods are scored on the same images, and labelled by the same classifier", () => {
  const labels = Uint8Array.from([3, 3, 5]);
  const clean = {
    data: Float32Array.from({ length: 3 * 784 }, (_, i) => (i % 5) / 5),
    shape: [3, 28, 28, 1],
    labels,
  } as const;
  const half = { data: clean.data.map((value) => value / 2), shape: clean.shape };
  const input = tf.input({ shape: [28, 28, 1] });
  const output = tf.layers
    .dense({ units: 10, kernelInitializer: "zeros", biasInitializer: tf.initializers.zeros() })
    .apply(tf.layers.flatten().apply(input)) as tf.SymbolicTensor;
  const alwaysThree = tf.model({ inputs: input, outputs: output });
  alwaysThree.setWeights([tf.zeros([784, 10]), tf.tensor1d([0, 0, 0, 1, 0, 0, 0, 0, 0, 0])]);
  const [original, darker] = evaluate(
    clean,
    [
      { name: "original", images: clean },
      { name: "darker", images: half },
    ],
    alwaysThree,
  );
  assert.deepEqual([...original.accuracy], [1, 1, 0]);
  assert.deepEqual([...darker.accuracy], [1, 1, 0]);
  assert.ok(original.scores.ssim.every((value) => value === 1) && darker.scores.ssim.every((value) => value < 1));
  const row = scoreRow(darker);
  assert.deepEqual(evaluationTable([original, darker]).rows.map(([name]) => name), ["original", "darker"]); // biome-ignore format: short
  assert.ok(Math.abs((row.accuracy?.mean ?? 0) - 2 / 3) < 1e-12 && row.scores.psnr.low <= row.scores.psnr.mean);
});
