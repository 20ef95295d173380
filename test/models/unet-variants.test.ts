// The U-Net with a noise-level map, without biases, and with N2V2's changes.
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import type { Images } from "../../lib/data/images";
import { tf } from "../../lib/engine";
import { denoise } from "../../lib/inference/denoise";
import { denoiseRegions } from "../../lib/inference/denoise-regions";
import { BiasFreeNormalization } from "../../lib/models/bias-free-normalization";
import { loadModel, saveModel } from "../../lib/models/files";
import { receptiveField } from "../../lib/models/receptive-field";
import { type UnetOptions, unet } from "../../lib/models/unet";
import { estimateSigma } from "../../lib/noise/estimate";
import { gaussian } from "../../lib/noise/gaussian";
import { Random } from "../../lib/random";
import { chooseRecipe, fitByRecipe } from "../../lib/training/recipes";

const pictures = (n: number, height: number, width: number, channels = 1): Images => ({
  data: Float32Array.from({ length: n * height * width * channels }, (_, i) => 0.5 + 0.4 * Math.sin(i / 7)),
  shape: [n, height, width, channels],
});
const scaled = ({ data, shape }: Images, by: number): Images => ({ data: data.map((value) => value * by), shape });

/** With weights as a training leaves them: none is 0 or 1. */
function withRandomWeights(options: UnetOptions): tf.LayersModel {
  const model = unet({ filters: 4, height: null, width: null, ...options });
  const random = new Random(3);
  for (const layer of model.layers)
    if (layer.trainable)
      layer.setWeights(
        layer.getWeights().map((weight) => {
          const values = Float32Array.from({ length: weight.size }, () => 0.3 * random.normal());
          return tf.tensor(weight.rank === 1 ? values.map((value) => 0.5 + Math.abs(value)) : values, weight.shape);
        }),
      );
  return model;
}
const largest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

for (const predicts of ["image", "noise"] as const)
  for (const n2v2 of [false, true])
    test(`bias-free, predicts the ${predicts}${n2v2 ? ", N2V2" : ""}: a times the image gives a times the result`, () => {
      const images = pictures(2, 20, 24);
      const ratioError = (model: tf.LayersModel, a: number) => {
        const result = denoise(model, images).data;
        const size = result.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        return (
          largest(
            denoise(model, scaled(images, a)).data,
            result.map((value) => a * value),
          ) /
          (a * size)
        );
      };
      const model = withRandomWeights({ biasFree: true, predicts, n2v2 });
      for (const a of [0.1, 3]) assert.ok(ratioError(model, a) < 1e-5, `${ratioError(model, a)}`);
      assert.ok(ratioError(withRandomWeights({ predicts, n2v2 }), 3) > 0.01);
    });

test("bias-free: level maps scale with the image too", () => {
  const model = withRandomWeights({ biasFree: true, noiseLevelMap: true });
  const images = pictures(1, 16, 16);
  const result = denoise(model, images, { sigma: 0.2 }).data;
  assert.ok(
    largest(
      denoise(model, scaled(images, 2), { sigma: 0.4 }).data,
      result.map((value) => 2 * value),
    ) < 1e-4,
  );
});

test("normalization without bias: by the batch's variance in training, which the moving one follows, else by that", () => {
  const layer = new BiasFreeNormalization({});
  const x = tf.tensor4d([1, 10, 3, 10, 5, 40, 7, 40], [2, 1, 2, 2]); // variances 5 and 225
  const training = (layer.apply(x, { training: true }) as tf.Tensor).dataSync();
  const [byFive, by225] = [1 / Math.sqrt(5.001), 1 / Math.sqrt(225.001)];
  assert.ok(
    largest(training, [
      1 * byFive,
      10 * by225,
      3 * byFive,
      10 * by225,
      5 * byFive,
      40 * by225,
      7 * byFive,
      40 * by225,
    ]) < 1e-5,
  );
  const moving = [0.99 + 0.05, 0.99 + 2.25];
  assert.ok(largest(layer.getWeights()[1].dataSync(), moving) < 1e-5);
  const inference = (layer.apply(x) as tf.Tensor).dataSync();
  assert.ok(Math.abs(inference[7] - 40 / Math.sqrt(moving[1] + 1e-3)) < 1e-4);
});

test("all variants are trained, saved and loaded, and have a receptive field", async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "variants-"));
  const clean = pictures(8, 16, 16);
  const validation = { clean, noisy: gaussian(clean, { sigma: 0.2, seed: 1, clip: false }), sigma: 0.2 };
  for (const options of [{ biasFree: true }, { noiseLevelMap: true, predicts: "noise" }, { n2v2: true }] as const) {
    const model = unet({ filters: 4, height: null, width: null, ...options });
    const recipe = chooseRecipe("default", { epochs: 10, batchSize: 4, loss: "mean squared error" });
    const data = { train: clean, validation, sigma: [0.1, 0.3], clip: false, seed: 1 } as const;
    const { epochs } = await fitByRecipe(model, recipe, data);
    assert.ok(epochs[9].loss < epochs[0].loss, `${Object.keys(options)}: ${epochs[9].loss}`);
    await saveModel(model, folder);
    assert.deepEqual(denoise(await loadModel(folder), validation.noisy), denoise(model, validation.noisy));
    assert.ok(receptiveField(model).rows.stride === 4);
  }
  fs.rmSync(folder, { recursive: true });
});

test("with a noise-level map: one channel more in, the noisy image before training, and the level counts", () => {
  for (const channels of [1, 3] as const) {
    const untrained = unet({ filters: 4, height: null, width: null, channels, noiseLevelMap: true, predicts: "noise" });
    assert.deepEqual(untrained.inputs[0].shape, [null, null, null, channels + 1]);
    assert.deepEqual(untrained.outputs[0].shape, [null, null, null, channels]);
    const images = pictures(2, 16, 12, channels);
    assert.deepEqual(denoise(untrained, images, { sigma: 0.3 }), images);
  }
  const model = withRandomWeights({ noiseLevelMap: true });
  const images = pictures(2, 16, 12);
  const [low, high] = [0.1, 0.5].map((sigma) => denoise(model, images, { sigma }).data);
  assert.ok(largest(low, high) > 1e-3);
  const each = denoise(model, images, { sigma: [0.1, 0.5] }).data;
  assert.ok(largest(each, [...low.slice(0, 192), ...high.slice(192)]) < 1e-6);
  assert.throws(() => denoise(model, images, { sigma: [0.1] }), /one sigma an image, not 1 for 2/);
  assert.throws(
    () => denoise(model, pictures(1, 16, 12, 2)),
    /takes \[n, any, any, 1\], and noisy is \[1, 16, 12, 2\]/,
  );
});

test("where denoise is not told the level, it estimates that of each image; in tiles and regions as whole", async () => {
  const model = withRandomWeights({ noiseLevelMap: true });
  const noisy = gaussian(pictures(2, 150, 130), { sigma: [0.05, 0.3], seed: 4 });
  const told = denoise(model, noisy, { sigma: estimateSigma(noisy, { clipped: true }) });
  assert.deepEqual(denoise(model, noisy), told);
  assert.ok(largest(denoise(model, noisy, { memory: 3e6 }).data, told.data) < 1e-5);
  const one: Images = { data: noisy.data.slice(0, 150 * 130), shape: [1, 150, 130, 1] };
  const written = new Float32Array(150 * 130);
  await denoiseRegions(
    model,
    {
      ...{ height: 150, width: 130, channels: 1 },
      readRegion: ({ top, left, height, width }) => ({
        data: Float32Array.from(
          { length: height * width },
          (_, i) => one.data[(top + Math.floor(i / width)) * 130 + left + (i % width)],
        ),
        shape: [1, height, width, 1],
      }),
    },
    { writeRegion: ({ top }, { data }) => written.set(data, top * 130) },
    { memory: 3e6 },
  );
  assert.ok(largest(written, told.data.slice(0, 150 * 130)) < 1e-5);
});

test("N2V2: maxima of 2 x 2 pixels, blurred by 1 2 1, every second; and no skip connection at full resolution", () => {
  const model = unet({ filters: 4, height: 16, width: 16, n2v2: true });
  const pooling = ["to8_max", "to8_blur", "to8"].map((name) => model.getLayer(name));
  const x = tf.tensor4d(pictures(1, 8, 8).data, [1, 8, 8, 1]);
  const pooled = pooling.reduce((y, layer) => layer.apply(y) as tf.Tensor, x as tf.Tensor).dataSync();
  const values = pictures(1, 8, 8).data;
  const maximum = (row: number, column: number) =>
    Math.max(...[0, 1].flatMap((down) => [0, 1].map((right) => values[(row + down) * 8 + column + right])));
  let expected = 0;
  for (const [down, a] of [1, 2, 1].entries())
    for (const [right, b] of [1, 2, 1].entries()) expected += (a * b * maximum(2 + down, 2 + right)) / 16;
  assert.ok(Math.abs(pooled[1 * 4 + 1] - expected) < 1e-6, `${pooled[5]}, not ${expected}`);
  const joins = (options: UnetOptions) =>
    unet({ filters: 4, ...options }).layers.filter((layer) => layer.getClassName() === "Concatenate");
  assert.deepEqual([joins({}).length, joins({ n2v2: true }).length], [2, 1]);
});

test("an output activation of a bias-free U-Net is refused", () => {
  assert.throws(() => unet({ biasFree: true, outputActivation: "sigmoid" }), /bias-free U-Net has a linear output/);
});
