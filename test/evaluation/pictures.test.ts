// Methods side by side on whole pictures in files.
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { imageFolder } from "../../lib/data/image-folder";
import type { Images } from "../../lib/data/images";
import { writeImage } from "../../lib/data/picture";
import { evaluatePictures } from "../../lib/evaluation/pictures";
import { psnr } from "../../lib/metrics/psnr";
import { gaussian } from "../../lib/noise/gaussian";
import { wave } from "../golden";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "pictures "));
after(() => fs.rmSync(folder, { recursive: true }));

const sizes = [[20, 31], [40, 16], [24, 24]]; // biome-ignore format: short
async function allForTest() {
  for (const [i, [height, width]] of sizes.entries()) {
    const data = wave(height * width, i + 1).map((value) => Math.round(Math.abs(value) * 255) / 255);
    await writeImage(path.join(folder, `${i}.png`), { data, shape: [1, height, width, 1] });
  }
  const { train, validation, test } = await imageFolder(folder, { channels: 1 });
  return { channels: 1 as const, pictures: [train, validation, test].flatMap(({ pictures }) => pictures) };
}
const options = { sigma: 25 / 255, seed: 3 };
const half = ({ data, shape }: Images): Images => ({ data: data.map((value) => value / 2), shape });
const methods = [
  { name: "nothing", denoise: (noisy: Images) => noisy },
  { name: "half", denoise: half, training: { epochs: 1 } },
];

test("each picture is scored whole, whatever its size, with noise of its own that the set does not change", async () => {
  const set = await allForTest();
  const { evaluated, shown, digest } = await evaluatePictures(set, methods, options);
  assert.deepEqual(evaluated.map(({ name, training }) => [name, training]), [["noisy", undefined], ["nothing", undefined], ["half", { epochs: 1 }]]); // biome-ignore format: short
  const one = { ...set, pictures: set.pictures.slice(1, 2) };
  const alone = await evaluatePictures(one, methods, options);
  for (const [i, { scores }] of evaluated.entries()) assert.equal(scores.psnr[1], alone.evaluated[i].scores.psnr[0]);
  assert.notEqual(alone.digest, digest);
  assert.notEqual((await evaluatePictures(set, [], { ...options, seed: 4 })).digest, digest);
  assert.equal(
    (await evaluatePictures(set, [], options)).digest,
    digest,
    "the digest is of the pictures, not of methods",
  );

  const [{ name, clean, noisy, denoised }] = shown;
  assert.deepEqual(noisy, gaussian(clean, { ...options, clip: false, stream: `test noise of ${name}` }));
  assert.equal(psnr(clean, noisy)[0], evaluated[0].scores.psnr[0]);
  assert.ok(evaluated[1].scores.psnr[0] > evaluated[0].scores.psnr[0], "results are clipped, noisy pictures are not");
  assert.deepEqual(denoised[1].images.data, half(noisy).data.map((value) => Math.min(1, Math.max(0, value)))); // biome-ignore format: short
});

test("only so many pictures are kept as asked; no pictures are refused", async () => {
  const set = await allForTest();
  assert.deepEqual((await evaluatePictures(set, methods, { ...options, shown: 2 })).shown.length, 2);
  await assert.rejects(
    evaluatePictures({ ...set, pictures: [] }, methods, options),
    /there are no pictures to evaluate/,
  );
});
