// Self-attention in windows: what it computes against plain 64-bit loops, its place in the U-Net, and its windows in pictures
// of any size.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fs from "node:fs";
import { test } from "node:test";
import type { Images } from "../../lib/data/images";
import { tf } from "../../lib/engine";
import { denoise } from "../../lib/inference/denoise";
import { loadModel, saveModel } from "../../lib/models/files";
import { receptiveField } from "../../lib/models/receptive-field";
import { type UnetOptions, unet } from "../../lib/models/unet";
import { WindowAttention } from "../../lib/models/window-attention";
import { Random } from "../../lib/random";
import { temporaryFolder } from "../data/pictures";
import { randomWeights } from "./export/models";

const kinds = ["layer", "transformer"] as const;

const numbers = (size: number, seed: number, scale = 1) => {
  const random = new Random(seed, "attention");
  return Float64Array.from({ length: size }, () => Math.fround(scale * random.normal()));
};
const product = (shape: readonly number[]) => shape.reduce((size, length) => size * length, 1);
const largest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

interface Case {
  readonly shape: [n: number, height: number, width: number, channels: number];
  readonly heads: number;
  readonly window: number;
}

/** As the paper has it, position by position: x [n, height, width, channels], and the layer's three weights. */
function reference({ shape, heads, window }: Case, [x, positions, projection, output]: readonly Float64Array[]) {
  const [n, height, width, channels] = shape;
  const size = channels / heads;
  const result = new Float64Array(x.length);
  const sum = (length: number, term: (i: number) => number) => {
    let total = 0;
    for (let i = 0; i < length; i++) total += term(i);
    return total;
  };
  for (let image = 0; image < n; image++)
    for (let top = 0; top < height; top += window)
      for (let left = 0; left < width; left += window) {
        const places = Array.from(
          { length: window ** 2 },
          (_, i) => ((image * height + top + Math.floor(i / window)) * width + left + (i % window)) * channels,
        );
        const projected = places.map((place, i) =>
          Array.from({ length: 3 * channels }, (_, j) =>
            sum(channels, (c) => (x[place + c] + positions[i * channels + c]) * projection[c * 3 * channels + j]),
          ),
        );
        const means = projected.map((query) =>
          Array.from({ length: heads }, (_, head) => {
            const own = head * size;
            const fits = projected.map((key) =>
              Math.exp(sum(size, (d) => query[own + d] * key[channels + own + d]) / Math.sqrt(size)),
            );
            const total = sum(fits.length, (i) => fits[i]);
            return Array.from({ length: size }, (_, d) =>
              sum(fits.length, (i) => (fits[i] / total) * projected[i][2 * channels + own + d]),
            );
          }).flat(),
        );
        for (const [i, place] of places.entries())
          for (let c = 0; c < channels; c++)
            result[place + c] = sum(channels, (j) => means[i][j] * output[j * channels + c]);
      }
  return result;
}

const cases: Case[] = [
  { shape: [2, 7, 7, 8], heads: 4, window: 7 },
  { shape: [1, 14, 21, 4], heads: 2, window: 7 },
  { shape: [2, 4, 2, 3], heads: 1, window: 2 },
  { shape: [1, 2, 6, 6], heads: 3, window: 2 },
];

/** A layer with weights, and those with its input as numbers. */
function made({ shape, heads, window }: Case) {
  const channels = shape[3];
  const shapes = [shape, [window ** 2, channels], [channels, 3 * channels], [channels, channels]];
  const values = shapes.map((each, i) => numbers(product(each), i, i === 0 ? 1 : 0.7));
  const layer = new WindowAttention({ heads, window });
  layer.build(shape);
  layer.setWeights(values.slice(1).map((weight, i) => tf.tensor(Float32Array.from(weight), shapes[i + 1])));
  const x = tf.tensor4d(Float32Array.from(values[0]), shape);
  return { layer, x, values };
}

for (const each of cases)
  test(`attention is that of plain 64-bit loops: ${JSON.stringify(each)}`, () => {
    const { layer, x, values } = made(each);
    const result = layer.apply(x) as tf.Tensor;
    assert.deepEqual(result.shape, each.shape);
    assert.ok(largest(result.dataSync(), reference(each, values)) < 1e-5);
  });

for (const each of cases)
  test(`its gradients are the differences of those loops: ${JSON.stringify(each)}`, () => {
    const { layer, x, values } = made(each);
    const weights = numbers(product(each.shape), 9);
    const loss = (all: readonly Float64Array[]) =>
      reference(each, all).reduce((total, value, i) => total + value * weights[i], 0);
    const weighted = (input: tf.Tensor) =>
      (layer.apply(input) as tf.Tensor).mul(tf.tensor(Float32Array.from(weights), each.shape)).sum() as tf.Scalar;
    const variables = layer.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const { grads } = tf.variableGrads(() => weighted(x), variables);
    const gradients = [tf.grad(weighted)(x), ...variables.map(({ name }) => grads[name])].map((gradient) => gradient.dataSync());
    const random = new Random(1, "which gradients");
    for (const [part, gradient] of gradients.entries())
      for (let i = 0; i < 12; i++) {
        const at = random.below(gradient.length);
        const [after, before] = [1e-4, -1e-4].map((step) =>
          loss(values.map((own, j) => (j === part ? own.with(at, own[at] + step) : own))),
        );
        const expected = (after - before) / 2e-4;
        assert.ok(Math.abs(gradient[at] - expected) < 1e-4 * Math.max(1, Math.abs(expected)), `${part}, ${at}: ${gradient[at]} instead of ${expected}`);
      }
  }); // biome-ignore format: short

/** With random weights: none is 0 or 1. */
const trained = (options: UnetOptions) => randomWeights(unet({ filters: 4, ...options }), 3);
const anySize = { height: null, width: null };
const pictures = (n: number, height: number, width: number): Images => ({
  data: Float32Array.from(numbers(n * height * width, 5, 0.3), (value) => 0.5 + value),
  shape: [n, height, width, 1],
});

test("U-Nets without attention are what they were: names of layers and initial weights, to the last bit", () => {
  const digest = (model: tf.LayersModel) => {
    const hash = createHash("sha256").update(JSON.stringify(model.layers.map(({ name }) => name)));
    for (const weight of model.getWeights()) hash.update(Float32Array.from(weight.dataSync()));
    return hash.digest("hex");
  };
  const residual = { filters: [8, 12, 20], residual: true, predicts: "noise", channels: 3, ...anySize } as const;
  assert.deepEqual([unet(), unet(residual)].map(digest), [
    "fc2cf570d9e130965f05a2c634400459a458e1c6f2fe4d4d8e274e9d2183587e",
    "ce0ac03e1ce6c58096273db2acf102167ef21ca8a391d819e095b570bacc3adf",
  ]);
});

test("U-Nets with attention: parameters as counted by hand, before training the result of one without, seeds count", () => {
  const channels = 64;
  const [norm, attention] = [4 * channels, 49 * channels + 4 * channels ** 2];
  const pointwise = norm + (channels + 1) * 2 * channels + (2 * channels + 1) * channels;
  const parameters = (attention?: "layer" | "transformer") => unet({ ...(attention && { attention }) }).countParams();
  assert.equal(parameters("layer"), parameters() + norm + attention);
  assert.equal(parameters("transformer"), parameters() + 2 * (norm + attention + pointwise));
  const noisy = pictures(2, 28, 28);
  for (const attention of kinds) assert.deepEqual(denoise(unet({ attention }), noisy), denoise(unet(), noisy));
  const weightsOf = (model: tf.LayersModel, layer: string) => [...model.getLayer(layer).getWeights()[1].dataSync()];
  const [first, same, other] = [1, 1, 2].map((seed) => unet({ filters: 4, attention: "transformer", seed }));
  assert.deepEqual(weightsOf(first, "middle7_attention1"), weightsOf(same, "middle7_attention1"));
  for (const [model, layer] of [[other, "middle7_attention1"], [first, "middle7_attention2"]] as const)
    assert.notDeepEqual(weightsOf(first, "middle7_attention1"), weightsOf(model, layer));
}); // biome-ignore format: short

test("each digit is denoised by itself, in batches of any size; saved and loaded, a model computes the same", async () => {
  const folder = temporaryFolder();
  for (const attention of kinds) {
    const model = trained({ attention });
    const noisy = pictures(5, 28, 28);
    const denoised = denoise(model, noisy);
    for (const batchSize of [1, 2, 3]) assert.ok(largest(denoise(model, noisy, { batchSize }).data, denoised.data) < 1e-6);
    await saveModel(model, folder);
    assert.deepEqual(denoise(await loadModel(folder), noisy), denoised);
  }
  fs.rmSync(folder, { recursive: true });
}); // biome-ignore format: short

test("training lowers the loss with both, and leaves no tensor behind", async () => {
  const x = tf.tensor4d(pictures(8, 28, 56).data, [8, 28, 56, 1]);
  const y = x.mul(0.5).add(0.2);
  for (const attention of kinds) {
    const model = unet({ filters: 4, attention, ...anySize });
    model.compile({ optimizer: tf.train.adam(0.01), loss: "meanSquaredError" });
    const losses: number[] = [];
    const step = async () => losses.push((await model.trainOnBatch(x, y)) as number);
    for (let i = 0; i < 2; i++) await step();
    const { numTensors, numBytes } = tf.memory();
    for (let i = 0; i < 8; i++) await step();
    tf.tidy(() => void model.predictOnBatch(x));
    assert.deepEqual([tf.memory().numTensors, tf.memory().numBytes], [numTensors, numBytes]);
    assert.ok(losses[9] < losses[0] / 2, losses.join(", "));
    assert.ok(model.trainableWeights.every((weight) => weight.read().abs().max().dataSync()[0] > 0), "a weight stays 0");
  }
}); // biome-ignore format: short

test("the receptive field: windows count as a whole, on their grid; as counted by hand and as an experiment finds", () => {
  for (const attention of kinds) {
    const { rows, columns } = receptiveField(unet({ filters: 4, attention, ...anySize }));
    assert.deepEqual(rows, columns);
    // Pixel 5 of the result needs, two convolutions a stage, pixels from 3 on at full resolution, 1 and -1 at half, so -1 at
    // the quarter, whose window begins at -7: with the convolutions before it -9, at half -18 and -20, at full -40 and -42.
    assert.deepEqual(rows, { before: 47, after: 47, stride: 28, margin: 56 });
  }
  const { before, after, margin } = receptiveField(unet({ attention: "layer" })).rows;
  const size = 28 * 6;
  const noisy = pictures(1, size, 28);
  const model = trained({ attention: "layer", ...anySize });
  const rowsOf = (data: Float32Array) =>
    Array.from({ length: size }, (_, row) => data.subarray(row * 28, (row + 1) * 28));
  const unchanged = rowsOf(denoise(model, noisy).data);
  const found = { before: 0, after: 0 };
  for (let changed = margin; changed < size - margin; changed++) {
    const data = noisy.data.with(changed * 28 + 14, 2);
    for (const [row, values] of rowsOf(denoise(model, { ...noisy, data }).data).entries())
      if (largest(values, unchanged[row]) > 0) {
        found.before = Math.max(found.before, changed - row);
        found.after = Math.max(found.after, row - changed);
      }
  }
  assert.ok(found.before <= before && found.after <= after, JSON.stringify(found));
  assert.ok(found.before > 28 && found.after > 28, JSON.stringify(found)); // without attention they are 23
});

test("tiles of a picture give what the whole picture gives; so do sizes that are padded", () => {
  for (const attention of kinds) {
    const model = trained({ attention, ...anySize });
    for (const [height, width] of [[600, 90], [61, 403]] as const) {
      const noisy = pictures(1, height, width);
      const whole = denoise(model, noisy, { memory: 2 ** 32 });
      assert.deepEqual(whole.shape, noisy.shape);
      const apart = largest(denoise(model, noisy, { memory: 2e6 }).data, whole.data);
      assert.ok(apart < 1e-6, `${attention}, ${height} x ${width}: ${apart} apart`);
    }
    const padded = denoise(model, pictures(1, 28, 56));
    assert.deepEqual(padded.data, denoise(trained({ attention, height: 28, width: 56 }), pictures(1, 28, 56)).data);
  }
}); // biome-ignore format: short

test("what attention cannot do is refused, with what to do", () => {
  const cases: [UnetOptions, RegExp][] = [
    [{ attention: "all" as "layer" }, /attention must be "none" or "layer" or "transformer", not "all"/],
    [{ attention: "layer", biasFree: true }, /attention is not proportional to its input, .*choose one of them/],
    [{ attention: "layer", filters: [4, 8, 18] }, /four heads|4 heads: .* must be a multiple of 4, not 18/],
    [{ attention: "layer", height: 32 }, /height must be null \(any height\) or a multiple of 28, not 32/],
  ];
  for (const [options, message] of cases) assert.throws(() => unet(options), { name: "RangeError", message });
  const model = unet({ filters: 4, attention: "layer", ...anySize });
  assert.throws(
    () => model.predict(tf.zeros([1, 48, 28, 1])),
    /middle_quarter_attention takes images whose height and width are multiples of 7, not 12 x 7/,
  );
});
