// Patches of pictures in files: which ones depends on seed and epoch alone; few pictures are in memory.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { changeColours } from "../../lib/data/colour-augmentation";
import type { PictureSet } from "../../lib/data/image-folder";
import { imageFolder } from "../../lib/data/image-folder";
import { type Images, sliceImages } from "../../lib/data/images";
import { drawPatches, patches } from "../../lib/data/patches";
import { loadPhotographs } from "../../lib/data/photographs";
import { readImage, writeImage } from "../../lib/data/picture";
import { transform } from "../../lib/data/symmetry";
import { temporaryFolder } from "./pictures";

/** Pictures whose pixels say which they are, and where: [picture / 255, y / 255, x / 255]. */
async function telling(sizes: readonly [height: number, width: number][]): Promise<PictureSet> {
  const folder = temporaryFolder();
  for (const [i, [height, width]] of sizes.entries()) {
    const data = Float32Array.from({ length: height * width }, (_, at) => at).reduce(
      (all, at) => {
        all.set([i / 255, Math.floor(at / width) / 255, (at % width) / 255], 3 * at);
        return all;
      },
      new Float32Array(3 * height * width),
    );
    await writeImage(path.join(folder, `${String(i).padStart(3, "0")}.png`), { data, shape: [1, height, width, 3] });
  }
  return (await imageFolder(folder, { validationShare: 0, testShare: 1 })).test;
}

const all = (n: number) => Uint32Array.from({ length: n }, (_, i) => i);
const pictureOf = ({ data }: Images, size: number, i: number) => Math.round(255 * data[3 * size * size * i]);

test("a patch is a rectangle of a picture, turned in one of eight ways; all positions and all ways occur", async () => {
  const set = await telling([
    [10, 12],
    [9, 9],
  ]);
  const source = patches(set, { size: 8, perEpoch: 400, seed: 1 });
  const drawn = await source.images(all(400), 1);
  const seen = new Set<string>();
  const pictures = [await readImage(set.pictures[0].file), await readImage(set.pictures[1].file)];
  for (let i = 0; i < 400; i++) {
    const patch = sliceImages(drawn, i, i + 1);
    const values = [...patch.data].map((value) => Math.round(255 * value));
    const [top, left] = [1, 2].map((channel) => Math.min(...values.filter((_, at) => at % 3 === channel)));
    const picture = values[0];
    const [, , width] = pictures[picture].shape;
    const rows = Array.from({ length: 8 }, (_, y) => {
      const from = 3 * ((top + y) * width + left);
      return [...pictures[picture].data.subarray(from, from + 24)];
    });
    const straight: Images = { data: Float32Array.from(rows.flat()), shape: [1, 8, 8, 3] };
    const symmetry = [0, 1, 2, 3, 4, 5, 6, 7].find((each) =>
      Buffer.from(transform(straight, each).data.buffer).equals(Buffer.from(patch.data.slice().buffer)),
    );
    assert.notEqual(symmetry, undefined, `patch ${i}`);
    seen.add(`picture ${picture} row ${top}`).add(`picture ${picture} column ${left}`).add(`symmetry ${symmetry}`);
  }
  assert.equal(seen.size, 3 + 5 + 2 + 2 + 8, [...seen].sort().join(", "));
  const plain = await patches(set, { size: 9, perEpoch: 50, symmetries: false }).images(all(50), 1);
  for (let i = 0; i < 50; i++) {
    const { data } = sliceImages(plain, i, i + 1);
    assert.ok(data[2] < data[5] && data[1] < data[1 + 27], `patch ${i} is upright`);
  }
});

test("colours are changed as asked, values stay in [0, 1], and grey patches of a colour set are tinted", async () => {
  const options = { size: 8, perEpoch: 60, symmetries: false, seed: 5 };
  const colour = { ...(await telling([[20, 20], [20, 20]])), channels: 3 as const }; // biome-ignore format: short
  const plain = await patches(colour, options).images(all(60), 1);
  const changed = await patches(colour, { ...options, colourChanges: true }).images(all(60), 1);
  assert.deepEqual(await patches(colour, { ...options, colourChanges: true }).images(all(60), 1), changed);
  assert.ok(changed.data.every((value) => value >= 0 && value <= 1));
  assert.notDeepEqual(changed.data, plain.data);
  const greyPicture = Float32Array.from({ length: 3 * 64 }, (_, i) => Math.floor(i / 3) / 64);
  const [order, gains] = [Uint32Array.of(2, 0, 1), [0.5, 1, 1.2]];
  const tinted = greyPicture.slice();
  changeColours(tinted, { order, saturation: 0.3, gains });
  for (let i = 0; i < tinted.length; i++)
    assert.ok(Math.abs(tinted[i] - Math.min(1, greyPicture[i] * gains[i % 3])) < 1e-6, "grey has only a tint");
  const one = Float32Array.of(0.1, 0.2, 0.3);
  changeColours(one, { order, saturation: 1, gains: [1, 1, 1] });
  assert.deepEqual(one.map((value) => Math.round(10 * value)), Float32Array.of(3, 1, 2)); // biome-ignore format: short
  changeColours(one, { order, saturation: 0, gains: [1, 1, 1] });
  assert.ok(Math.max(...one) - Math.min(...one) < 1e-6 && Math.abs(one[0] - 0.2) < 1e-6, "no saturation is grey");
});

test("seed and epoch say which patches there are, not batches, cache or order of asking", async () => {
  const set = await telling(Array.from({ length: 6 }, () => [20, 20]));
  const options = { size: 8, perEpoch: 40, perPicture: 4, seed: 5 };
  const whole = await patches(set, options).images(all(40), 2);
  const source = patches(set, options);
  for (const [from, to] of [
    [30, 40],
    [0, 7],
    [7, 30],
  ]) {
    const { data } = await source.images(all(40).subarray(from, to), 2);
    assert.deepEqual(data, sliceImages(whole, from, to).data);
  }
  const other = async (change: object, epoch = 2) =>
    (await patches(set, { ...options, ...change }).images(all(40), epoch)).data;
  assert.deepEqual(await other({}), whole.data);
  for (const change of [{ seed: 6 }, { stream: "others" }]) assert.notDeepEqual(await other(change), whole.data);
  assert.notDeepEqual(await other({}, 1), whole.data);
});

test("each picture gives equally many patches, and all come before one comes again", async () => {
  const sizes = Array.from({ length: 6 }, (_, i): [number, number] => [10 + 20 * i, 10]);
  const set = await telling(sizes);
  // the cache holds one picture at a time, twice
  const source = patches(set, { size: 8, perEpoch: 60, perPicture: 5, cacheMegabytes: 0 });
  const visited = async (epoch: number) => {
    const drawn = await source.images(all(60), epoch);
    return Array.from({ length: 12 }, (_, visit) => pictureOf(drawn, 8, 5 * visit));
  };
  const [first, second] = [await visited(1), await visited(2)];
  for (const round of [first.slice(0, 6), first.slice(6), second.slice(0, 6), second.slice(6)])
    assert.deepEqual([...round].sort(), [0, 1, 2, 3, 4, 5]);
  assert.notDeepEqual(first.slice(0, 6), first.slice(6));
});

test("pictures are mixed as far as the cache holds them", async () => {
  const set = await telling(Array.from({ length: 12 }, () => [100, 100])); // 30,000 bytes each
  const mixed = async (cacheMegabytes: number) => {
    const drawn = await patches(set, { size: 8, perEpoch: 64, perPicture: 16, cacheMegabytes }).images(all(64), 1);
    return new Set(Array.from({ length: 16 }, (_, i) => pictureOf(drawn, 8, i))).size;
  };
  assert.equal(await mixed(0.06), 1);
  assert.ok([3, 4].includes(await mixed(0.25))); // four at a time
  assert.ok((await mixed(1)) > 6);
});

test("pictures smaller than a patch give none", async () => {
  const set = await telling([
    [20, 20],
    [7, 30],
  ]);
  const drawn = await patches(set, { size: 8, perEpoch: 30 }).images(all(30), 1);
  assert.deepEqual(new Set(Array.from({ length: 30 }, (_, i) => pictureOf(drawn, 8, i))), new Set([0]));
  assert.throws(
    () => patches(set, { size: 21, perEpoch: 3 }),
    /none of the 2 pictures is as large as a patch of 21 x 21 pixels/,
  );
  assert.throws(() => patches(set, { size: 8, perEpoch: 0 }), /perEpoch must be a whole number of at least 1, not 0/);
});

test("a picture that has changed or gone is an error that names it, also when it is decoded ahead", async () => {
  const set = await telling([
    [20, 20],
    [20, 20],
  ]);
  const options = { size: 8, perEpoch: 8, perPicture: 4, cacheMegabytes: 0 };
  const image: Images = { data: new Float32Array(300), shape: [1, 10, 10, 3] };
  for (const { file } of set.pictures) await writeImage(file, image);
  await assert.rejects(patches(set, options).images(all(8), 1), /00\d.png has changed: it was 20 x 20 and is 10 x 10/);
  for (const { file } of set.pictures) fs.rmSync(file);
  await assert.rejects(patches(set, options).images(all(4), 1), /00\d.png: there is no such file/);
});

test("patches that are drawn once are of all pictures", async () => {
  const set = await telling(Array.from({ length: 5 }, () => [12, 12]));
  const drawn = await drawPatches(set, { size: 8, count: 10, seed: 3, stream: "validation patches" });
  assert.deepEqual(drawn.shape, [10, 8, 8, 3]);
  assert.deepEqual(new Set(Array.from({ length: 10 }, (_, i) => pictureOf(drawn, 8, i))), new Set([0, 1, 2, 3, 4]));
});

test("the photographs that come along: sizes as listed, no picture in two sets", async () => {
  for (const channels of [1, 3] as const) {
    const { train, validation, test: held } = loadPhotographs({ channels });
    const pictures = [train, validation, held].flatMap((set) => set.pictures);
    assert.deepEqual(
      [train, validation, held].map((set) => set.pictures.length),
      channels === 1 ? [9, 2, 4] : [9, 1, 2],
    );
    assert.equal(new Set(pictures.map(({ digest }) => digest)).size, pictures.length);
    for (const { file, height, width, name } of pictures) {
      const { shape } = await readImage(file);
      assert.deepEqual([shape[1], shape[2]], [height, width], name);
      if (channels === 3 && !train.pictures.some((one) => one.name === name)) assert.equal(shape[3], 3, name);
    }
  }
});
