// Reading and writing pictures: values as Pillow and tifffile find them, what survives a round trip, and what is refused.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import sharp from "sharp";
import type { Images } from "../../lib/data/images";
import { readImage, writeImage } from "../../lib/data/picture";
import { floats } from "../golden";
import {
  bytesOf,
  cases,
  cmyk,
  expected,
  isLossy,
  largestDifference,
  named,
  refused,
  temporaryFolder,
} from "./pictures";

const folder = temporaryFolder();
let files = 0;
/** @returns the path of a new file */
function save(name: string, content: Buffer | string): string {
  const file = path.join(fs.mkdtempSync(path.join(folder, `${files++} `)), name);
  fs.writeFileSync(file, content);
  return file;
}

/** What another reader finds in the file's alpha plane, in [0, 1]. */
async function alphaOf(file: Buffer): Promise<Float32Array> {
  const { depth } = await sharp(file).metadata();
  const deep = depth === "ushort";
  const alpha = await sharp(file)
    .extractChannel("alpha")
    .toColourspace(deep ? "grey16" : "b-w")
    .raw({ depth: deep ? "ushort" : "uchar" })
    .toBuffer();
  const values = deep ? new Uint16Array(new Uint8Array(alpha).buffer) : alpha;
  return Float32Array.from(values, (value) => value / (deep ? 65535 : 255));
}

for (const saved of cases)
  test(`${saved.name}: the values that Pillow and tifffile find`, async () => {
    const picture = await readImage(bytesOf(saved));
    assert.deepEqual(picture.shape, saved.shape);
    const { bitDepth, orientation, alpha, density } = picture;
    assert.deepEqual(
      { bitDepth, orientation, alpha },
      { bitDepth: saved.bitDepth, orientation: saved.orientation ?? 1, alpha: saved.alpha !== null },
    );
    if (saved.density) assert.equal(Math.round(density ?? 0), saved.density);
    const difference = largestDifference(picture.data, expected(saved));
    assert.ok(difference <= (isLossy(saved) ? 2.001 / 255 : 0), `${difference * 255} steps of 255`);
  });

for (const saved of cases.filter((each) => !isLossy(each)))
  test(`${saved.name}: written back, it is the same picture with all that belongs to it`, async () => {
    const file = save(saved.name, bytesOf(saved));
    const target = path.join(path.dirname(file), `copy of ${saved.name}`);
    await writeImage(target, await readImage(file), { like: await readImage(file) });
    const content = fs.readFileSync(target);
    const copy = await readImage(content);
    assert.deepEqual(copy.shape, saved.shape);
    assert.deepEqual(copy.data, expected(saved));
    assert.deepEqual([copy.bitDepth, copy.format], [saved.bitDepth, (await readImage(file)).format]);
    assert.equal(copy.orientation, saved.orientation ?? 1);
    if (saved.density) assert.equal(Math.round(copy.density ?? 0), saved.density);
    const metadata = await sharp(content).metadata();
    assert.equal(metadata.icc?.toString("base64"), saved.profile);
    if (saved.alpha) assert.deepEqual(await alphaOf(content), floats(saved.alpha));
    assert.deepEqual(fs.readdirSync(path.dirname(file)).sort(), [saved.name, `copy of ${saved.name}`].sort());
  });

test("a JPEG keeps profile, resolution, orientation and the camera's name; its pixels stay close", async () => {
  const name = "colour, half of its colour, profile, 240 dpi, lying on its side.jpg";
  const picture = await readImage(named(name));
  const file = path.join(folder, "copy.jpg");
  await writeImage(file, picture, { like: picture });
  const copy = await readImage(file);
  assert.ok(largestDifference(copy.data, picture.data) < 16 / 255);
  const [before, after] = [await sharp(named(name)).metadata(), await sharp(file).metadata()];
  assert.deepEqual(
    [after.icc, after.orientation, after.density, after.width, after.height],
    [before.icc, 8, 240, before.width, before.height],
  );
  assert.ok(after.exif?.includes("A maker of cameras"));
});

test("a picture may be written in another format, with what that format can hold", async () => {
  const name = "colour, profile, 300 dpi, lying on its side.png";
  const picture = await readImage(named(name));
  for (const extension of ["tif", "webp", "TIFF", "jpeg"]) {
    const file = path.join(folder, `other.${extension}`);
    await writeImage(file, picture, { like: picture });
    const copy = await readImage(file);
    assert.deepEqual(copy.shape, picture.shape, extension);
    assert.equal(copy.orientation, 6);
    assert.deepEqual((await sharp(file).metadata()).icc, (await sharp(named(name)).metadata()).icc);
    if (/tif/i.test(extension)) assert.deepEqual(copy.data, picture.data);
  }
});

test("16 bit become 8 bit in a JPEG or WebP; alpha is not thrown away for a JPEG", async () => {
  const deep = await readImage(named("colour, 16 bit.png"));
  const file = path.join(folder, "deep.webp");
  await writeImage(file, deep, { like: deep });
  assert.equal((await readImage(file)).bitDepth, 8);
  const transparent = await readImage(named("colour with alpha.png"));
  await assert.rejects(
    writeImage(path.join(folder, "lost.jpg"), transparent, { like: transparent }),
    /lost.jpg: JPEG holds no alpha channel: write PNG, WebP or TIFF/,
  );
  assert.ok(!fs.existsSync(path.join(folder, "lost.jpg")));
});

test("images that come from no file are written with 8 bit", async () => {
  const images: Images = { data: Float32Array.of(0, 0.5, 1, 0.2, 0.4, 0.6), shape: [1, 1, 2, 3] };
  const file = path.join(folder, "new.png");
  await writeImage(file, images);
  const { data, bitDepth, shape } = await readImage(file);
  assert.deepEqual([shape, bitDepth], [[1, 1, 2, 3], 8]);
  assert.deepEqual(
    [...data].map((value) => Math.round(value * 255)),
    [0, 128, 255, 51, 102, 153],
  );
});

test("values outside [0, 1] are clipped, and rounded to the nearest step", async () => {
  const images: Images = { data: Float32Array.of(-1, 2, 100.4 / 255, 100.6 / 255), shape: [1, 1, 4, 1] };
  const file = path.join(folder, "clipped.png");
  await writeImage(file, images);
  assert.deepEqual([...(await sharp(file).toColourspace("b-w").raw().toBuffer())], [0, 255, 100, 101]);
});

test("what cannot be written is refused, and the file that was there stays", async () => {
  const file = save("kept.png", named("grey.png"));
  const one: Images = { data: new Float32Array(4), shape: [1, 2, 2, 1] };
  const like = await readImage(named("grey.png"));
  const refuse = (images: Images, message: RegExp, target = file, options = {}) =>
    assert.rejects(writeImage(target, images, options), message);
  await refuse({ data: new Float32Array(8), shape: [2, 2, 2, 1] }, /one image at a time, not 2/);
  await refuse({ data: new Float32Array(8), shape: [1, 2, 2, 2] }, /1 channel \(grey\) or 3 \(colour\), not 2/);
  await refuse({ ...one, data: Float32Array.of(0, Number.NaN, 0, 0) }, /holds NaN/);
  await refuse(one, /2 x 2 pixels.*the picture that it is like.*7 x 5/, file, { like });
  await refuse(one, /ending .gif: .*.png, .jpg, .jpeg, .webp, .tif, .tiff/, path.join(folder, "a.gif"));
  await refuse(one, /there is no folder/, path.join(folder, "missing", "a.png"));
  const wide: Images = { data: new Float32Array(16384), shape: [1, 1, 16384, 1] };
  await refuse(wide, /WebP holds at most 16383 pixels a side, not 16384 x 1/, path.join(folder, "wide.webp"));
  assert.deepEqual(fs.readFileSync(file), named("grey.png"));
  assert.deepEqual(fs.readdirSync(path.dirname(file)), ["kept.png"]);
});

test("CMYK becomes colour: white stays white, black becomes dark", async () => {
  const { data, shape, channels } = { ...(await readImage(cmyk)), channels: 3 };
  assert.deepEqual(shape, [1, 5, 7, 3]);
  const pixel = (x: number) => [...data.subarray(channels * x, channels * (x + 1))];
  const [dark, light] = [pixel(0), pixel(6)].sort((a, b) => a[0] - b[0]);
  assert.ok(Math.max(...dark) < 0.25, `${dark}`);
  assert.ok(Math.min(...light) > 0.97, `${light}`);
});

test("CMYK with a profile is written as sRGB, without its profile", async () => {
  const colour = await readImage(named("colour, lossless, profile.webp"));
  const printed = await sharp(colour.source)
    .toColourspace("cmyk")
    .withIccProfile("cmyk")
    .jpeg({ quality: 100 })
    .toBuffer();
  const picture = await readImage(printed);
  assert.deepEqual([picture.cmyk, picture.shape], [true, colour.shape]);
  const mean = colour.data.reduce((sum, value, i) => sum + Math.abs(value - picture.data[i]), 0) / colour.data.length;
  assert.ok(mean < 0.1, `${mean}`); // not all colours can be printed
  const file = path.join(folder, "printed.png");
  await writeImage(file, picture, { like: picture });
  assert.deepEqual((await readImage(file)).data, picture.data);
  const { space, icc } = await sharp(file).metadata();
  assert.equal(space, "srgb");
  assert.notEqual(icc?.toString("latin1", 16, 20), "CMYK");
});

test("1 x 1, and 3 x 100,000", async () => {
  const single: Images = { data: Float32Array.of(1), shape: [1, 1, 1, 1] };
  const file = path.join(folder, "single.png");
  await writeImage(file, single);
  assert.deepEqual((await readImage(file)).data, Float32Array.of(1));
  const thin: Images = {
    data: Float32Array.from({ length: 300_000 }, (_, i) => (i % 256) / 255),
    shape: [1, 100_000, 3, 1],
  };
  await writeImage(path.join(folder, "thin.png"), thin);
  const read = await readImage(path.join(folder, "thin.png"));
  assert.deepEqual(read.shape, thin.shape);
  assert.deepEqual(read.data, thin.data);
});

test("the name may be anything that a file system takes", async () => {
  for (const name of ["two\nlines.png", "größe ✓.png", "a[1].png", "-n.png", "%s.png", "no ending"]) {
    const file = save(name, named("grey.png"));
    assert.deepEqual((await readImage(file)).shape, [1, 5, 7, 1], name);
    if (name !== "no ending") {
      await writeImage(file, await readImage(file));
      assert.deepEqual((await readImage(file)).shape, [1, 5, 7, 1], name);
    }
  }
});

test("a file that has changed is read anew", async () => {
  const file = save("changes.png", named("grey.png"));
  await readImage(file);
  fs.writeFileSync(file, named("colour with alpha.png"));
  assert.deepEqual((await readImage(file)).shape, [1, 5, 7, 3]);
});

const kinds: [name: string, make: () => string, message: RegExp][] = [
  ["no such file", () => path.join(folder, "none.png"), /none.png: there is no such file$/],
  ["a folder", () => folder, /is a folder, not a picture$/],
  ["0 bytes", () => save("empty.png", ""), /empty.png is empty \(0 bytes\)$/],
  [
    "text",
    () => save("text.png", "not a picture\n".repeat(20)),
    /text.png is not a picture that can be read: PNG, JPEG, WebP and TIFF can$/,
  ],
  [
    "SVG",
    () => save("a.png", "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"),
    /a.png has the format SVG: convert it to PNG, JPEG, WebP or TIFF$/,
  ],
  [
    "a file under a file",
    () => path.join(save("grey.png", named("grey.png")), "a.png"),
    /a.png: a part of its path is a file, not a folder$/,
  ],
  [
    "a symbolic link to itself",
    () => {
      const link = path.join(folder, "loop.png");
      fs.symlinkSync(link, link);
      return link;
    },
    /loop.png: its symbolic links lead in a circle$/,
  ],
  ["a name that is too long", () => path.join(folder, `${"x".repeat(300)}.png`), /the name is too long$/],
  [
    "a name with a line break",
    () => save("two\nlines.png", ""),
    /two\\nlines.png" is empty/, // in one line
  ],
  [
    "a pipe",
    () => {
      const pipe = path.join(folder, "pipe.png");
      execFileSync("mkfifo", [pipe]);
      return pipe;
    },
    /pipe.png is not an ordinary file$/,
  ],
];
for (const [name, make, message] of kinds)
  test(`${name} is refused in a sentence`, async () => {
    const file = make();
    await assert.rejects(readImage(file), message);
  });

for (const { name, message } of [
  { name: "float.tif", message: /float.tif holds floating-point numbers: .* 8 or 16 bit/ },
  { name: "32 bit.tif", message: /32 bit.tif holds 32-bit numbers: .* 8 or 16 bit/ },
  { name: "signed.tif", message: /signed.tif holds signed 16-bit numbers: .* 8 or 16 bit/ },
  { name: "five channels.tif", message: /five channels.tif .*has 5 channels/ },
  { name: "three pages.tif", message: /three pages.tif holds 3 pictures: .*one/ },
  { name: "animated.webp", message: /animated.webp holds 3 pictures/ },
  { name: "animated.png", message: /animated.png holds 3 pictures/ },
  { name: "animated.gif", message: /animated.gif has the format GIF: convert it/ },
  { name: "bitmap.bmp", message: /bitmap.bmp is not a picture that can be read/ },
  {
    name: "lab.tif",
    message: /lab.tif is damaged, cut off or of a rare kind \(it has corrupt header: image: bad labq format\)/,
  },
])
  test(`${name} is refused, with what to do`, async () => {
    const saved = refused.find((each) => each.name === name);
    assert.ok(saved);
    await assert.rejects(readImage(save(name, bytesOf(saved))), message);
  });

for (const name of [
  "colour, 16 bit.png",
  "colour, all of its colour.jpg",
  "colour, progressive.jpg",
  "colour, lossless, profile.webp",
  "colour.webp",
  "colour, 16 bit.tif",
])
  test(`${name}, cut off anywhere, is refused`, async () => {
    const whole = named(name);
    for (const share of [0.02, 0.3, 0.6, 0.9]) {
      const file = save(name, whole.subarray(0, Math.max(1, Math.floor(whole.length * share))));
      await assert.rejects(readImage(file), /is damaged, cut off|is not a picture that can be read/, `${share}`);
    }
  });

test("a file that may not be read is refused", { skip: process.platform === "win32" }, async () => {
  const file = save("secret.png", named("grey.png"));
  fs.chmodSync(file, 0);
  const root = process.geteuid?.() === 0; // root may read everything
  if (root) {
    fs.chmodSync(path.dirname(file), 0o755);
    fs.chmodSync(folder, 0o755);
    process.seteuid?.(65534);
  }
  try {
    await assert.rejects(readImage(file), /secret.png: permission denied; you may not read it$/);
  } finally {
    if (root) process.seteuid?.(0);
  }
});

test("more pixels than fit in memory as numbers: use openImage", async () => {
  const huge = await sharp({
    create: { width: 20_000, height: 20_000, channels: 3, background: "white" },
    limitInputPixels: false,
  })
    .png({ compressionLevel: 1 })
    .toBuffer();
  await assert.rejects(readImage(huge), /has 20000 x 20000 pixels.*openImage/);
});
