// A picture denoised in tiles is the picture denoised at once, and a picture of any size is denoised as if it went on as
// its reflection.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Images } from "../../lib/data/images";
import { tf } from "../../lib/engine";
import { denoise } from "../../lib/inference/denoise";
import { reflectedIndices, tile } from "../../lib/inference/tiles";
import { receptiveField } from "../../lib/models/receptive-field";
import { simpleAutoencoder } from "../../lib/models/simple-autoencoder";
import { unet } from "../../lib/models/unet";
import { Random } from "../../lib/random";
import { wave } from "../golden";
import { randomDenoiser, randomResidualUnet } from "../models/random-denoisers";

const images = (n: number, height: number, width: number, channels: number): Images => ({
  data: wave(n * height * width * channels, 1),
  shape: [n, height, width, channels],
});

/** What the model makes of whole images of a size that it takes, without any code for tiles. */
const atOnce = (model: tf.LayersModel, { data, shape }: Images): Float32Array =>
  tf.tidy(() => (model.predict(tf.tensor4d(data, [...shape])) as tf.Tensor).dataSync() as Float32Array);

const largest = (a: Float32Array, b: Float32Array) =>
  a.reduce((max, value, i) => Math.max(max, Math.abs(value - b[i])), 0);

/** Memory that makes tiles as small as they can be. */
const little = { memory: 1 };

const any = { height: null, width: null };
for (const [name, model, channels] of [
  ["the U-Net, grey", unet({ ...any, filters: 16 }), 1],
  ["the U-Net that predicts the noise, colour", randomResidualUnet(8), 3],
  ["the autoencoder, colour", simpleAutoencoder({ ...any, channels: 3 }), 3],
] as const)
  test(`${name}: tiled is untiled to 1e-6`, () => {
    const noisy = images(2, 136, 204, channels);
    const tiled = denoise(model, noisy, little);
    assert.ok(largest(tiled.data, atOnce(model, noisy)) <= 1e-6);
    assert.ok(largest(denoise(model, noisy).data, tiled.data) <= 1e-6);
  });

for (let seed = 0; seed < 12; seed++)
  test(`random model ${seed}: tiled is untiled, at any size`, () => {
    const channels = seed % 2 ? 1 : 3;
    const model = randomDenoiser(seed, { channels, linear: false, size: null });
    const { rows, columns } = receptiveField(model);
    const random = new Random(seed, "sizes");
    const size = ({ stride, margin }: typeof rows) =>
      stride * (1 + random.below(Math.ceil((5 * margin + 40) / stride)));
    const noisy = images(1, size(rows), size(columns), channels);
    const whole = atOnce(model, noisy);
    const scale = whole.reduce((max, value) => Math.max(max, Math.abs(value)), 1);
    assert.ok(largest(denoise(model, noisy, little).data, whole) <= 1e-6 * scale, `${noisy.shape}`);
  });

test("tiles of one size cover a picture once, at multiples of the stride, each away from its own false edges", () => {
  const field = { rows: { before: 9, after: 7, stride: 4, margin: 12 }, columns: { before: 0, after: 0, stride: 6, margin: 0 }, numbersPerPixel: 1 }; // biome-ignore format: short
  const random = new Random(1, "pictures");
  for (let i = 0; i < 500; i++) {
    const size = [1 + random.below(900), 1 + random.below(900), 1] as const;
    const tiling = tile(field, size, { pixels: 1 + random.below(100_000), parallel: 1 + random.below(8) });
    for (const [length, { stride, margin }, { size: own, spans }] of [
      [size[0], field.rows, tiling.rows],
      [size[1], field.columns, tiling.columns],
    ] as const) {
      const end = Math.ceil(length / stride) * stride;
      assert.equal(spans[0].from, 0);
      assert.equal(spans.at(-1)?.to, end);
      for (const [at, { start, from, to }] of spans.entries()) {
        assert.ok(start % stride === 0 && own % stride === 0 && start >= 0 && start + own <= end && to > from);
        assert.ok(start === 0 || from >= start + margin);
        assert.ok(start + own === end || to <= start + own - margin);
        if (at > 0) assert.equal(from, spans[at - 1].to);
      }
    }
  }
});

test("more memory makes larger tiles, and there is at least one tile for each core", () => {
  const field = receptiveField(unet({ height: null, width: null }));
  const sizes = [1e5, 1e6, 1e7].map((pixels) => {
    const { rows, columns } = tile(field, [8000, 12000, 3], { pixels, parallel: 4 });
    assert.ok(4 * rows.size * columns.size <= 1.05 * pixels, `${rows.size} x ${columns.size} for ${pixels}`);
    assert.ok(columns.spans.length >= 4);
    return rows.size * columns.size;
  });
  assert.ok(sizes[0] < sizes[1] && sizes[1] < sizes[2]);
});

test("sizes that are no multiple of the stride go on as their reflection, however small they are", () => {
  // as numpy.pad(range(length), (0, more), mode="reflect") shows them
  assert.deepEqual([...reflectedIndices(0, 8, 5)], [0, 1, 2, 3, 4, 3, 2, 1]);
  assert.deepEqual([...reflectedIndices(0, 8, 2)], [0, 1, 0, 1, 0, 1, 0, 1]);
  assert.deepEqual([...reflectedIndices(0, 4, 1)], [0, 0, 0, 0]);
  assert.deepEqual([...reflectedIndices(3, 4, 5)], [3, 4, 3, 2]);
  const model = unet({ channels: 3, ...any, filters: 4 });
  for (const [height, width] of [[1, 1], [1, 7], [2, 3], [5, 6], [30, 29], [3, 1000], [1000, 3]]) {
    const noisy = images(2, height, width, 3);
    const [tall, wide] = [4 * Math.ceil(height / 4), 4 * Math.ceil(width / 4)];
    const [rows, columns] = [reflectedIndices(0, tall, height), reflectedIndices(0, wide, width)];
    const expected = tf.tidy(() => {
      const padded = tf.tensor4d(noisy.data, [...noisy.shape]).gather(tf.tensor1d(rows, "int32"), 1).gather(tf.tensor1d(columns, "int32"), 2);
      return (model.predict(padded) as tf.Tensor4D).slice([0, 0, 0, 0], [...noisy.shape]).dataSync() as Float32Array;
    });
    for (const options of [{}, little, { batchSize: 1 }]) {
      const denoised = denoise(model, noisy, options);
      assert.deepEqual(denoised.shape, noisy.shape);
      assert.ok(largest(denoised.data, expected) <= 1e-6, `${height} x ${width}`);
    }
  }
}); // biome-ignore format: short

test("a model that mixes all pixels gets whole images", () => {
  const input = tf.input({ shape: [null, null, 1] });
  const mean = tf.layers.globalAveragePooling2d({}).apply(input) as tf.SymbolicTensor;
  const cell = tf.layers.reshape({ targetShape: [1, 1, 1] }).apply(mean) as tf.SymbolicTensor;
  const outputs = tf.layers.add().apply([input, cell]) as tf.SymbolicTensor;
  const model = tf.model({ inputs: input, outputs });
  const noisy = images(3, 33, 50, 1);
  assert.deepEqual(denoise(model, noisy, little).data, atOnce(model, noisy));
});

test("no tensors are left behind", () => {
  const model = unet({ ...any, filters: 4 });
  const before = tf.memory().numTensors;
  denoise(model, images(2, 130, 131, 1), little);
  assert.equal(tf.memory().numTensors, before);
});
