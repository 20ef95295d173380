// Attention as a native operation against the same made of tfjs' own, and where it steps aside.
import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";
import { attention as nativeAttention, tf, useNativeTraining } from "../../lib/engine";
import * as kernels from "../../lib/engine/kernels";
import { stockAttention } from "../../lib/models/window-attention";
import { both, largest, tensor } from "./support";

afterEach(() => useNativeTraining(true));

const attention = (x: tf.Tensor2D, shape: kernels.AttentionShape) =>
  nativeAttention(x, shape, (y) => stockAttention(y, shape.positions, shape.heads));

/** Rows of queries, keys and values, with numbers that make some weights much larger than others. */
const projected = (windows: number, positions: number, channels: number) =>
  tensor([windows * positions, 3 * channels], 1).mul(3) as tf.Tensor2D;

/** Ops that are called by their names while `work` runs. */
function opsOf(work: () => void): string[] {
  const backend = tf.backend() as unknown as { executeSingleOutput(name: string): tf.Tensor };
  const spy = mock.method(backend, "executeSingleOutput");
  work();
  const names = spy.mock.calls.map(({ arguments: [name] }) => name);
  spy.mock.restore();
  return names;
}

for (const [windows, positions, heads, channels] of [[5, 49, 4, 64], [2, 49, 4, 16], [3, 4, 1, 3], [1, 1, 2, 2]] as const)
  test(`attention is that of tfjs' operations: ${windows} windows of ${positions} positions, ${heads} heads, ${channels} channels`, () => {
    const shape = { positions, heads };
    const attend = (x: tf.Tensor) => attention(x as tf.Tensor2D, shape);
    const x = projected(windows, positions, channels);
    useNativeTraining(false);
    const expected = attend(x);
    useNativeTraining(true);
    assert.deepEqual(attend(x).shape, [windows * positions, channels]);
    assert.ok(largest(attend(x), expected) < 1e-5);
    const [[stock], [native]] = both(attend, [x]);
    assert.ok(largest(native, stock) < 1e-5, `${largest(native, stock)}`);
    const ofGradient = (y: tf.Tensor) => tf.grad((z) => attend(z).mul(tensor([windows * positions, channels], 2)).sum())(y);
    const [[stockSecond], [nativeSecond]] = both(ofGradient, [x]);
    assert.ok(largest(nativeSecond, stockSecond) < 1e-4, "gradients of gradients");
  }); // biome-ignore format: short

test("attention is native where it can be, and tfjs' own where native kernels are switched off", () => {
  const x = projected(2, 4, 6);
  const shape = { positions: 4, heads: 2 };
  assert.deepEqual(opsOf(() => attention(x, shape)), ["DenoiserAttention"]);
  assert.ok(opsOf(() => tf.grad((y) => attention(y as tf.Tensor2D, shape).sum())(x)).includes("DenoiserAttentionGradient"));
  useNativeTraining(false);
  assert.ok(!opsOf(() => attention(x, shape)).includes("DenoiserAttention"));
  useNativeTraining(true);
  assert.deepEqual(attention(tf.zeros([0, 18]), shape).shape, [0, 6]);
}); // biome-ignore format: short

test("the ops refuse what is no whole number of windows or heads, by name", () => {
  assert.throws(() => kernels.attention(tensor([5, 6]), { positions: 2, heads: 1 }), /DenoiserAttention.*\[5, 6\].*2 positions/);
  assert.throws(() => kernels.attention(tensor([4, 6]), { positions: 2, heads: 4 }), /DenoiserAttention.*4 heads/);
  assert.throws(() => kernels.attention(tensor([4, 6, 1]), { positions: 2, heads: 1 }), /DenoiserAttention/);
  const x = tensor([4, 9]);
  assert.throws(() => kernels.attentionGradient(tensor([4, 2]), x, { positions: 2, heads: 1 }), /DenoiserAttentionGradient/);
}); // biome-ignore format: short
