// What util.inspect and console.log write for tensors and models.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { tf } from "../../lib/engine";

test("a tensor is written as type, shape and values, and so are variables and tensors inside objects", () => {
  const cases: [tf.Tensor, string][] = [
    [tf.scalar(0.1), "Tensor float32 [] 0.1"],
    [tf.tensor1d([1, 16777216, 1 / 3]), "Tensor float32 [3] [       1, 16777216, 0.333333]"],
    [tf.tensor2d([1, 2.5, -6e-9, 4], [2, 2]), "Tensor float32 [2, 2]\n[[    1,   2.5],\n [-6e-9,     4]]"],
    [tf.tensor2d([7, 8], [1, 2], "int32"), "Tensor int32 [1, 2] [[7, 8]]"],
    [tf.tensor1d([true, false], "bool"), "Tensor bool [2] [ true, false]"],
    [tf.tensor1d(["a", "b"]), "Tensor string [2] ['a', 'b']"],
    [tf.complex([1, 2], [3, 4]), "Tensor complex64 [2] [1 + 3i, 2 + 4i]"],
    [tf.zeros([0, 3]), "Tensor float32 [0, 3] []"],
    [tf.zeros([2, 1, 2]), "Tensor float32 [2, 1, 2]\n[[[0, 0]],\n\n [[0, 0]]]"],
    [tf.variable(tf.tensor1d([1]), true, "bias"), "Variable 'bias' float32 [1] [1]"],
  ];
  for (const [tensor, expected] of cases) assert.equal(inspect(tensor), expected);
  assert.equal(inspect({ rate: tf.scalar(1) }), "{ rate: Tensor float32 [] 1 }");
  assert.equal(inspect([[[[tf.scalar(1)]]]], { depth: 2 }), "[ [ [ [Array] ] ] ]");
  assert.equal(inspect([tf.scalar(1)], { depth: 0 }), "[ [Tensor float32 []] ]");
});

test("of a large tensor the ends of each axis are written", () => {
  const grid = tf.range(0, 1000).reshape([20, 50]);
  assert.equal(
    inspect(grid),
    `Tensor float32 [20, 50]
[[  0,   1,   2, …,  47,  48,  49],
 [ 50,  51,  52, …,  97,  98,  99],
 [100, 101, 102, …, 147, 148, 149],
 …,
 [850, 851, 852, …, 897, 898, 899],
 [900, 901, 902, …, 947, 948, 949],
 [950, 951, 952, …, 997, 998, 999]]`,
  );
  assert.ok(inspect(tf.zeros([60, 28, 28, 1])).split("\n").length < 50);
});

test("inspection keeps a tensor and adds none; of a disposed one only type and shape are left", () => {
  const tensor = tf.relu(tf.ones([2]));
  const before = tf.memory().numTensors;
  inspect(tensor);
  assert.equal(tf.memory().numTensors, before);
  assert.deepEqual([...tensor.dataSync()], [1, 1]);
  tensor.dispose();
  assert.equal(inspect(tensor), "Tensor float32 [2] (disposed)");
});

test("a model is written in one line", () => {
  const model = tf.sequential({ name: "small", layers: [tf.layers.dense({ inputShape: [3], units: 400 })] });
  assert.equal(inspect({ model }), "{ model: Sequential 'small', layers: 1, parameters: 1,600 }");
  assert.equal(inspect(tf.sequential({ name: "empty" })), "Sequential 'empty', layers: 0, parameters: 0");
});
