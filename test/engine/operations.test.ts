// Native operations and gradients of operations give what stock tfjs gives.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { tf, useNativeTraining } from "../../lib/engine";
import { both, largest, tensor } from "./support";

afterEach(() => useNativeTraining(true));

const shapes = [
  [2, 28, 28, 16],
  [1, 7, 7, 3],
  [3, 5, 9, 1],
  [2, 1, 1, 4],
];

for (const shape of shapes) {
  test(`ReLU's gradient, ${shape}`, () => {
    const [[stock], [native]] = both((x) => tf.relu(x), [tensor(shape, 1)]);
    assert.ok(largest(stock, native) < 1e-6);
  });
  test(`sigmoid's gradient, ${shape}`, () => {
    const [[stock], [native]] = both((x) => tf.sigmoid(x), [tensor(shape, 1)]);
    assert.ok(largest(stock, native) < 1e-6);
  });
  test(`the gradients of adding a bias, ${shape}`, () => {
    const channels = shape[3];
    for (const biasShape of [[channels], [1, 1, 1, channels], [1, 1, channels]]) {
      const [stock, native] = both((x, bias) => x.add(bias), [tensor(shape, 1), tensor(biasShape, 2)]);
      stock.forEach((gradient, i) => {
        assert.deepEqual(native[i].shape, gradient.shape);
        assert.ok(largest(gradient, native[i]) < 1e-4);
      });
    }
  });
}

test("the gradients of other additions: equal shapes, scalars, repeated rows and columns", () => {
  for (const [a, b] of [
    [
      [3, 4],
      [3, 4],
    ],
    [[3, 4], []],
    [
      [3, 1],
      [1, 4],
    ],
    [
      [2, 3, 4],
      [3, 1],
    ],
    [[5], [5]],
  ]) {
    const [stock, native] = both((x, y) => x.add(y), [tensor(a, 1), tensor(b, 2)]);
    stock.forEach((gradient, i) => {
      assert.deepEqual(native[i].shape, gradient.shape);
      assert.ok(largest(gradient, native[i]) < 1e-5);
    });
  }
});

test("max-pooling's gradient, also where the size is odd", () => {
  for (const [shape, padding] of [
    [[2, 8, 8, 3], "valid"],
    [[2, 7, 9, 2], "same"],
    [[1, 5, 5, 1], "valid"],
  ] as const) {
    const [[stock], [native]] = both((x) => tf.maxPool(x as tf.Tensor4D, 2, 2, padding), [tensor([...shape], 1)]);
    assert.ok(largest(stock, native) < 1e-6);
  }
});

test("max-pooling and nearest-neighbour upsampling give the very numbers that TensorFlow's kernels give", () => {
  const x = tensor([2, 6, 8, 37], 1) as tf.Tensor4D;
  const run = (native: boolean) => {
    useNativeTraining(native);
    return [
      tf.maxPool(x, 2, 2, "valid"),
      tf.maxPool(x, 2, 2, "same"),
      tf.maxPool(x, 3, 2, "same"),
      tf.image.resizeNearestNeighbor(x, [12, 24]),
      tf.image.resizeNearestNeighbor(x, [9, 16]),
      tf.image.resizeNearestNeighbor(x, [12, 16], true),
    ].map((result) => [result.shape, ...result.dataSync()]);
  };
  assert.deepEqual(run(true), run(false));
  const holed = tf.where(tf.range(0, x.size).reshape(x.shape).mod(20).equal(7), Number.NaN, x) as tf.Tensor4D;
  useNativeTraining(true);
  assert.equal(
    largest(
      tf.maxPool(holed.isNaN().cast("float32") as tf.Tensor4D, 2, 2, "valid"),
      tf.maxPool(holed, 2, 2, "valid").isNaN(),
    ),
    0,
    "NaN is lost",
  );
});

test("the gradient of nearest-neighbour upsampling", () => {
  for (const size of [
    [12, 24],
    [6, 16],
    [9, 11],
  ] as const) {
    const x = tensor([2, 6, 8, 5], 1);
    const [[stock], [native]] = both((y) => tf.image.resizeNearestNeighbor(y as tf.Tensor4D, [...size]), [x]);
    assert.ok(largest(stock, native) < 1e-5);
  }
});

test("max-pooling's gradient goes to the first of several equal largest pixels, as TensorFlow's", () => {
  // three values only, so that most windows have ties
  const x = tensor([2, 6, 8, 5], 1).mul(1.49).round();
  const [[stock], [native]] = both((input) => tf.maxPool(input as tf.Tensor4D, 2, 2, "valid"), [x]);
  assert.equal(largest(stock, native), 0);
});
