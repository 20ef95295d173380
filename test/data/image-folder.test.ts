// Folders of pictures: split by file, copies found, what cannot be read is said.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import sharp from "sharp";
import { type ImageFolder, imageFolder, readPictures } from "../../lib/data/image-folder";
import type { Images } from "../../lib/data/images";
import { readImage, writeImage } from "../../lib/data/picture";
import { Random } from "../../lib/random";
import { named, temporaryFolder } from "./pictures";

function picture(seed: number, channels = 3): Images {
  const random = new Random(seed);
  const data = Float32Array.from({ length: 30 * 20 * channels }, () => random.below(256) / 255);
  return { data, shape: [1, 30, 20, channels] };
}

async function folderOf(names: readonly string[]): Promise<string> {
  const folder = temporaryFolder();
  for (const [i, name] of names.entries()) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    await writeImage(path.join(folder, name), picture(i));
  }
  return folder;
}

const namesOf = ({ train, validation, test }: ImageFolder) =>
  [train, validation, test].map(({ pictures }) => pictures.map(({ name }) => name));
const ten = Array.from({ length: 10 }, (_, i) => `${i}.png`);

test("each picture is in one set; the seed chooses; the folders within are looked at", async () => {
  const folder = await folderOf([...ten.slice(0, 8), "a/b/8.tif", "a/9.PNG"]);
  const sets = namesOf(await imageFolder(folder, { validationShare: 0.2, testShare: 0.3, seed: 1 }));
  assert.deepEqual(
    sets.map(({ length }) => length),
    [5, 2, 3],
  );
  assert.deepEqual(sets.flat().sort(), [...ten.slice(0, 8), "a/b/8.tif", "a/9.PNG"].sort());
  const again = (seed: number) => imageFolder(folder, { validationShare: 0.2, testShare: 0.3, seed }).then(namesOf);
  assert.deepEqual(await again(1), sets);
  assert.notDeepEqual(await again(2), sets);
});

test("the same picture under other names, formats and orientations is a copy, and in no set", async () => {
  const folder = await folderOf(ten);
  const file = (name: string) => path.join(folder, name);
  fs.copyFileSync(file("3.png"), file("z3.png"));
  await sharp(file("4.png")).tiff({ compression: "lzw" }).toFile(file("z4.tif"));
  await sharp(file("5.png")).webp({ lossless: true }).toFile(file("z5.webp"));
  await sharp(file("6.png")).rotate(90).withMetadata({ orientation: 8 }).png().toFile(file("z6.png")); // shown as 6.png
  const deep = Uint16Array.from(picture(7).data, (value) => Math.round(value * 65535));
  const raw = { height: 30, width: 20, channels: 3 } as const;
  await sharp(deep, { raw }).toColourspace("rgb16").png().toFile(file("z7.png")); // 16 bit
  assert.deepEqual((await readImage(file("z7.png"))).bitDepth, 16);
  await sharp(file("8.png")).linear([1, 1, 1], [1, 0, 0]).png().toFile(file("z8.png")); // a step brighter in red: not the same
  for (const seed of [1, 2, 3]) {
    const found = await imageFolder(folder, { seed, validationShare: 0.3, testShare: 0.3 });
    assert.deepEqual(
      found.copies.map(({ name, of }) => [name, of]),
      ["3.png", "4.png", "5.png", "6.png", "7.png"].map((of) => [
        `z${of.replace("4.png", "4.tif").replace("5.png", "5.webp")}`,
        of,
      ]),
    );
    assert.equal(new Set(namesOf(found).flat()).size, 11);
  }
});

test("what cannot be read is listed with its reason; what is not named like a picture is not looked at", async () => {
  const folder = await folderOf(ten);
  fs.writeFileSync(path.join(folder, "empty.png"), "");
  fs.writeFileSync(path.join(folder, "cut.jpg"), named("grey.jpg").subarray(0, 400));
  fs.writeFileSync(path.join(folder, "notes.txt"), "");
  fs.writeFileSync(path.join(folder, "._0.png"), "what a Mac writes");
  fs.symlinkSync("loop.png", path.join(folder, "loop.png"));
  fs.symlinkSync(".", path.join(folder, "circle"));
  fs.symlinkSync("0.png", path.join(folder, "link.png"));
  fs.mkdirSync(path.join(folder, "folder.png"));
  const progress: number[] = [];
  const found = await imageFolder(folder, { onProgress: (done, total) => progress.push(done / total) });
  assert.deepEqual(
    found.unreadable.map(({ name, reason }) => [name, reason.slice(folder.length + 1).slice(0, 35)]),
    [
      ["cut.jpg", "cut.jpg is damaged, cut off or of a"],
      ["empty.png", "empty.png is empty (0 bytes)"],
      ["loop.png", "loop.png: its symbolic links lead i"],
    ],
  );
  assert.deepEqual(
    found.copies.map(({ name }) => name),
    ["link.png"],
  );
  assert.deepEqual([progress.length, progress.at(-1)], [14, 1]);
});

test("pictures are read in grey or colour, as Pillow converts", async () => {
  // all combinations of 16 x 18 x 86 values; the digest is that of Pillow's convert("L")
  const steps = (step: number) => Array.from({ length: Math.ceil(256 / step) }, (_, i) => i * step);
  const pixels = steps(17).flatMap((red) => steps(15).flatMap((green) => steps(3).map((blue) => [red, green, blue])));
  const folder = temporaryFolder();
  const data = Float32Array.from(pixels.flat(), (value) => value / 255);
  await writeImage(path.join(folder, "all.png"), { data, shape: [1, 1, pixels.length, 3] });
  await writeImage(path.join(folder, "grey.png"), { data: Float32Array.of(0.2, 0.4), shape: [1, 1, 2, 1] });
  const read = async (channels: 1 | 3) => {
    const { test } = await imageFolder(folder, { channels, validationShare: 0, testShare: 1 });
    const all: Record<string, Images> = {};
    for await (const { name, images } of readPictures(test)) all[name] = images;
    return all;
  };
  const grey = await read(1);
  const bytes = Uint8Array.from(grey["all.png"].data, (value) => Math.round(value * 255));
  const { createHash } = await import("node:crypto");
  assert.equal(
    createHash("sha256").update(bytes).digest("hex"),
    "842c1bc0efe2b5cb17348f15867e8ab2afa88445f8f31a6468c699bb01387a27",
  );
  assert.deepEqual(grey["grey.png"].data, Float32Array.of(0.2, 0.4));
  const colour = await read(3);
  assert.deepEqual(colour["all.png"].data, data);
  assert.deepEqual(colour["grey.png"].data, Float32Array.of(0.2, 0.2, 0.2, 0.4, 0.4, 0.4));
});

test("a folder that does not do is refused in a sentence", async () => {
  const folder = await folderOf(["0.png", "1.png"]);
  fs.copyFileSync(path.join(folder, "0.png"), path.join(folder, "copy.png"));
  const refuse = (of: string, message: RegExp, options = {}) => assert.rejects(imageFolder(of, options), message);
  await refuse(
    folder,
    /holds 2 different pictures that can be read, too few for its sets: 3 files are .*, 0 .* 1 are copies/,
  );
  await refuse(temporaryFolder(), /holds 0 different pictures .*: 0 files are named like pictures/);
  await refuse(path.join(folder, "none"), /none: there is no such folder/);
  await refuse(path.join(folder, "0.png"), /0.png is a file, not a folder/);
  await refuse(folder, /channels must be 1 or 3, not 2/, { channels: 2 });
  await refuse(folder, /must add up to at most 1, not 0.8 and 0.5/, { validationShare: 0.8, testShare: 0.5 });
});
