// Pictures in regions: the same values as from the whole picture, and a file that is complete or not there.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import sharp from "sharp";
import { type Images, sliceImages } from "../../lib/data/images";
import { openImage } from "../../lib/data/large-image";
import { readImage } from "../../lib/data/picture";
import { cases, expected, isLossy, largestDifference, named, temporaryFolder } from "./pictures";

const folder = temporaryFolder();
process.env.TMPDIR = temporaryFolder(); // where other tests leave nothing
const temporaries = () => fs.readdirSync(os.tmpdir()).filter((name) => name.startsWith("image-denoiser-")).length;

/** A part of [1, height, width, channels]. */
function part({ data, shape: [, , width, channels] }: Images, [top, left, height, wide]: number[]): number[] {
  return Array.from({ length: height }, (_, y) => {
    const from = ((top + y) * width + left) * channels;
    return [...data.subarray(from, from + wide * channels)];
  }).flat();
}

for (const name of ["colour with alpha.png", "grey with alpha, 16 bit.png", "colour, 16 bit.tif", "grey.jpg"])
  test(`${name}: a region has the values of the whole picture`, async () => {
    const file = path.join(folder, name);
    fs.writeFileSync(file, named(name));
    const whole = await readImage(file);
    const picture = await openImage(file);
    for (const region of [
      [0, 0, 1, 1],
      [1, 2, 3, 4],
      [4, 0, 1, 7],
      [0, 0, 5, 7],
    ]) {
      const [top, left, height, width] = region;
      const { data, shape } = picture.readRegion({ top, left, height, width });
      assert.deepEqual(shape, [1, height, width, whole.shape[3]]);
      assert.deepEqual([...data], part(whole, region));
    }
    picture.close();
  });

for (const saved of cases.filter((each) => !isLossy(each) && each.alpha && each.name !== "palette with alpha.png"))
  test(`${saved.name}: written region by region, its colours are new and its alpha is the old one`, async () => {
    const source = path.join(folder, `of ${saved.name}`);
    fs.writeFileSync(source, Buffer.from(saved.file, "base64"));
    const picture = await openImage(source);
    const { height, width, channels } = picture;
    const writer = picture.writer(source); // in place: the old file is there until the new one is complete
    for (let top = 0; top < height; top += 2) {
      const rows = Math.min(2, height - top);
      const region = { top, left: 0, height: rows, width };
      const { data } = picture.readRegion(region);
      writer.writeRegion(region, { data: data.map((value) => 1 - value), shape: [1, rows, width, channels] });
    }
    assert.deepEqual((await readImage(source)).data, expected(saved));
    await writer.finish();
    picture.close();
    const written = await readImage(source);
    const difference = written.data.map((value, i) => Math.abs(value - (1 - expected(saved)[i])));
    assert.ok(Math.max(...difference) < 1e-6);
    const alpha = async (file: Buffer) =>
      sharp(file).extractChannel("alpha").toColourspace("grey16").raw({ depth: "ushort" }).toBuffer();
    assert.deepEqual(await alpha(fs.readFileSync(source)), await alpha(Buffer.from(saved.file, "base64")));
  });

test("a discarded picture leaves the file, and nothing else", async () => {
  const file = path.join(folder, "kept.png");
  fs.writeFileSync(file, named("grey.png"));
  const before = [temporaries(), fs.readdirSync(folder).length];
  const picture = await openImage(file);
  const writer = picture.writer(file);
  writer.writeRegion({ top: 0, left: 0, height: 1, width: 1 }, { data: Float32Array.of(1), shape: [1, 1, 1, 1] });
  writer.discard();
  picture.close();
  assert.deepEqual(fs.readFileSync(file), named("grey.png"));
  assert.deepEqual([temporaries(), fs.readdirSync(folder).length], before);
});

test("a picture that is written where nothing can be is an error that names the file", async () => {
  const picture = await openImage(named("grey.png"));
  const blocked = path.join(folder, "blocked.png");
  fs.mkdirSync(path.join(blocked, "full"), { recursive: true });
  await assert.rejects(picture.writer(blocked).finish(), /blocked.png could not be written/);
  assert.throws(() => picture.writer(path.join(folder, "a.jp2")), /there is no format for the ending .jp2/);
  picture.close();
  assert.deepEqual(
    fs.readdirSync(folder).filter((name) => name.endsWith(".part")),
    [],
  );
});

test("regions outside the picture, and images that do not fit, are refused", async () => {
  const picture = await openImage(named("grey.png"));
  const read = (top: number, left: number, height: number, width: number) => () =>
    picture.readRegion({ top, left, height, width });
  assert.throws(read(0, 5, 1, 3), /region.width must be a whole number from 1 to 2, not 3/);
  assert.throws(read(5, 0, 1, 1), /region.top must be a whole number from 0 to 4, not 5/);
  assert.throws(read(-1, 0, 1, 1), /region.top/);
  assert.throws(read(0, 0, 0, 1), /region.height must be a whole number from 1 to 5, not 0/);
  const writer = picture.writer(path.join(folder, "a.png"));
  const one = sliceImages({ data: new Float32Array(4), shape: [1, 2, 2, 1] }, 0, 1);
  assert.throws(
    () => writer.writeRegion({ top: 0, left: 0, height: 1, width: 4 }, one),
    /a region \[1, 1, 4, 1\] cannot take images \[1, 2, 2, 1\]/,
  );
  writer.discard();
  picture.close();
});

test("when the process ends without closing, its temporary files are gone", () => {
  const before = temporaries();
  const script = `
    const { openImage } = require(${JSON.stringify(path.resolve("lib/data/large-image"))});
    const file = ${JSON.stringify(path.join(folder, "left open.png"))};
    openImage(file).then((picture) => { picture.writer(file); process.exit(7); });
  `;
  fs.writeFileSync(path.join(folder, "left open.png"), named("grey.png"));
  const { status, stderr } = spawnSync(process.execPath, ["--require", "ts-node/register", "-e", script]);
  assert.equal(status, 7, String(stderr));
  assert.equal(temporaries(), before);
});

test("a large picture is read and written in little memory", async () => {
  const file = path.join(folder, "large.png");
  await sharp({ create: { width: 6000, height: 4000, channels: 3, background: "#4080c0" }, limitInputPixels: false })
    .png({ compressionLevel: 1 })
    .toFile(file);
  const script = `
    const { openImage } = require(${JSON.stringify(path.resolve("lib/data/large-image"))});
    (async () => {
      const picture = await openImage(${JSON.stringify(file)});
      const writer = picture.writer(${JSON.stringify(path.join(folder, "large copy.jpg"))});
      for (let top = 0; top < picture.height; top += 100) {
        const region = { top, left: 0, height: 100, width: picture.width };
        writer.writeRegion(region, picture.readRegion(region));
      }
      await writer.finish();
      picture.close();
      console.log(process.resourceUsage().maxRSS / 1024);
    })();
  `;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--require", "ts-node/register", "-e", script]);
  assert.equal(status, 0, String(stderr));
  assert.ok(Number(stdout) < 300, `${stdout} MB`); // as numbers, the picture is 288 MB large
  const { data } = await sharp(path.join(folder, "large copy.jpg"))
    .extract({ top: 3999, left: 5999, width: 1, height: 1 })
    .raw()
    .toBuffer({ resolveWithObject: true });
  assert.ok(largestDifference(data, [0x40, 0x80, 0xc0]) <= 2);
});
