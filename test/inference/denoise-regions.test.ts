// A picture that is read and written in regions is denoised as one in memory.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Images } from "../../lib/data/images";
import type { Region } from "../../lib/data/pixel-file";
import { tf } from "../../lib/engine";
import { denoise } from "../../lib/inference/denoise";
import { denoiseRegions } from "../../lib/inference/denoise-regions";
import { unet } from "../../lib/models/unet";
import { wave } from "../golden";
import { randomResidualUnet } from "../models/random-denoisers";

const model = randomResidualUnet(4);
const [height, width, channels] = [331, 250, 3];
const noisy: Images = { data: wave(height * width * channels, 1), shape: [1, height, width, channels] };

/** A picture in memory, and the regions that were read and written. */
function regions() {
  const result = new Float32Array(noisy.data.length).fill(Number.NaN);
  const log = { read: [] as Region[], written: [] as Region[] };
  const rows = (data: Float32Array, { top, height }: Region) =>
    data.subarray(top * width * channels, (top + height) * width * channels);
  const source = {
    ...{ height, width, channels },
    async readRegion(region: Region): Promise<Images> {
      log.read.push(region);
      return { data: rows(noisy.data, region).slice(), shape: [1, region.height, region.width, channels] };
    },
  };
  const sink = {
    async writeRegion(region: Region, { data, shape }: Images) {
      log.written.push(region);
      assert.deepEqual(shape, [1, region.height, region.width, channels]);
      rows(result, region).set(data);
    },
  };
  return { source, sink, result, log };
}

test("the result is that of denoise; each row is read and written once, from top to bottom", async () => {
  const { source, sink, result, log } = regions();
  const shares: number[] = [];
  const before = tf.memory().numTensors;
  await denoiseRegions(model, source, sink, { memory: 1, onProgress: (share) => shares.push(share) });
  assert.equal(tf.memory().numTensors, before);
  const expected = denoise(model, noisy).data;
  const largest = result.reduce((max, value, i) => Math.max(max, Math.abs(value - expected[i])), 0);
  assert.ok(largest <= 1e-6, `${largest}`);
  for (const list of [log.read, log.written]) {
    let next = 0;
    for (const { top, left, height: rows, width: columns } of list) {
      assert.deepEqual([top, left, columns], [next, 0, width]);
      next = top + rows;
    }
    assert.equal(next, height);
  }
  assert.ok(log.read.length > 2);
  assert.equal(shares.at(-1), 1);
  assert.deepEqual(
    shares,
    [...shares].sort((a, b) => a - b),
  );
});

test("an abort ends the work before the next tiles, and an error of reading or writing ends it too", async () => {
  const { source, sink, log } = regions();
  const controller = new AbortController();
  const onProgress = () => controller.abort(new Error("stopped by the user"));
  const options = { memory: 1, signal: controller.signal, onProgress };
  await assert.rejects(denoiseRegions(model, source, sink, options), /stopped by the user/);
  assert.equal(log.written.length, 0);
  await assert.rejects(denoiseRegions(model, source, sink, options), /stopped by the user/);
  assert.equal(log.read.length, 1);
  const full = { writeRegion: () => Promise.reject(new Error("no space left")) };
  await assert.rejects(denoiseRegions(model, source, full), /no space left/);
  const short = { ...source, readRegion: () => ({ data: noisy.data, shape: [1, 1, 1, 3] as const }) };
  await assert.rejects(
    denoiseRegions(model, short, sink),
    /region that was read is \[1, 1, 1, 3\], not \[1, 331, 250, 3\]/,
  );
});

test("models that cannot work in tiles are refused", async () => {
  const { source, sink } = regions();
  const fixed = unet({ channels: 3, height: 332, width: 252 });
  await assert.rejects(
    denoiseRegions(fixed, { ...source, height: 332, width: 252 }, sink),
    /takes images of one size only: use denoise/,
  );
  await assert.rejects(denoiseRegions(unet(), source, sink), /takes \[n, 28, 28, 1\], and noisy is \[1, 331, 250, 3\]/);
  const input = tf.input({ shape: [null, null, 3] });
  const mean = tf.layers.globalAveragePooling2d({ name: "mean" }).apply(input) as tf.SymbolicTensor;
  const pixel = tf.layers.reshape({ targetShape: [1, 1, 3] }).apply(mean) as tf.SymbolicTensor;
  const mixing = tf.model({ inputs: input, outputs: tf.layers.add().apply([input, pixel]) as tf.SymbolicTensor });
  await assert.rejects(denoiseRegions(mixing, source, sink), /receptive field .* is not known: its layer mean/);
});
