// The test images that a run keeps.
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import sharp from "sharp";
import { readExamples, writeExamples } from "../../lib/evaluation/example-images";
import { resultsOf } from "../commands/results-of";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "examples "));
const run = (count: number) => {
  const results = resultsOf("mine", 20);
  const data = { ...results.data, test: count };
  return { name: "", folder, notebook: "mine", began: "", results: { ...results, data } };
};
const images = (channels: number, from: number) => {
  const shape = [3, 2, 5, channels] as const;
  const data = Float32Array.from({ length: 30 * channels }, (_, i) => ((7 * i + from) % 256) / 255);
  return { data, shape };
};

for (const [name, channels] of [["grey", 1], ["in colour", 3]] as const) // biome-ignore format: short
  test(`images ${name} are read as they were written`, () => {
    const written = { clean: images(channels, 0), noisy: images(channels, 50), denoised: images(channels, 99) };
    writeExamples(folder, "mine", written);
    assert.deepEqual(readExamples(run(3)), written);
  });

test("it is a picture that other programs open: originals above noisy and denoised ones", async () => {
  const [clean, noisy, denoised] = [0, 50, 99].map((from) => images(1, from));
  writeExamples(folder, "mine", { clean, noisy, denoised });
  const { data, info } = await sharp(path.join(folder, "results", "mine-examples.png"))
    .toColourspace("b-w")
    .raw()
    .toBuffer({ resolveWithObject: true });
  assert.deepEqual([info.width, info.height], [15, 6]);
  const secondOfNoisy = data.subarray(2 * 15 + 5, 2 * 15 + 10);
  assert.deepEqual(
    [...secondOfNoisy],
    Array.from(noisy.data.subarray(10, 15), (value) => Math.round(255 * value)),
  );
});

test("values beyond black and white are kept as these", () => {
  const beyond = { data: Float32Array.of(-1, 2), shape: [1, 1, 2, 1] as const };
  writeExamples(folder, "mine", { clean: beyond, noisy: beyond, denoised: beyond });
  assert.deepEqual(readExamples(run(1))?.denoised.data, Float32Array.of(0, 1));
});

test("a run without them, or with a damaged file, has none", () => {
  assert.equal(readExamples({ ...run(3), notebook: "other" }), undefined);
  fs.writeFileSync(path.join(folder, "results", "mine-examples.png"), "damaged");
  assert.equal(readExamples(run(3)), undefined);
});
