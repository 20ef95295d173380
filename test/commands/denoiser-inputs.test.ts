// image-denoiser denoise: unusual and bad input, one kind a test. Each has a right result or a sentence that says what is
// wrong, and no input is changed. The model takes the mean of 3 x 3 pixels.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { before, test } from "node:test";
import zlib from "node:zlib";
import sharp from "sharp";
import { readImage, writeImage } from "../../lib/data/picture";
import "../../lib/engine";
import { saveModel } from "../../lib/models/files";
import { Random } from "../../lib/random";
import { bytesOf, cases, cmyk, isLossy, largestDifference, named, refused, temporaryFolder } from "../data/pictures";
import { meanModel, meanOf } from "../models/mean-model";
import { denoiser } from "./run-denoiser";

const folder = temporaryFolder();
const at = (...names: string[]) => path.join(folder, ...names);
const model = at("model");
before(() => saveModel(meanModel(1), model));

let count = 0;
/** A folder with this file in it. */
function put(name: string, content: Buffer | string): string {
  const place = at(String(count++));
  fs.mkdirSync(place);
  fs.writeFileSync(path.join(place, name), content);
  return path.join(place, name);
}

/** Cleans a file into a new folder. @returns what was said, and the result */
async function clean(file: string, out = at(`out ${count++}`)) {
  const { code, stderr } = await denoiser(["denoise", file, "-o", out, "-m", model, "-q"]);
  return { code, stderr, result: path.join(out, path.basename(file)) };
}

/** @param tolerance in steps of 255 */
async function isCleaned(file: string, tolerance = 0.51) {
  const before = fs.readFileSync(file);
  const { code, stderr, result } = await clean(file);
  assert.equal(code, 0, stderr);
  const [source, cleaned] = [await readImage(file), await readImage(result)];
  for (const key of ["shape", "format", "bitDepth", "alpha", "orientation"] as const)
    assert.deepEqual(cleaned[key], source[key], key);
  assert.ok(largestDifference(cleaned.data, meanOf(source)) <= tolerance / 255 + 1e-4);
  assert.deepEqual(fs.readFileSync(file), before);
  return { source, cleaned };
}

async function isRefused(file: string, reason: RegExp) {
  const { code, stderr, result } = await clean(file);
  assert.equal(code, 1);
  assert.match(stderr, reason);
  assert.ok(stderr.split("\n").length <= 4, stderr);
  assert.ok(!fs.existsSync(result));
}

for (const saved of cases)
  test(`${saved.name}: cleaned, and everything else kept`, async () => {
    await isCleaned(put(saved.name, bytesOf(saved)), isLossy(saved) ? 40 : 0.51);
  });

const reasons: Record<string, RegExp> = {
  "float.tif": /holds floating-point numbers/,
  "32 bit.tif": /holds 32-bit numbers/,
  "signed.tif": /holds signed 16-bit numbers/,
  "five channels.tif": /has 5 channels/,
  "three pages.tif": /holds 3 pictures/,
  "animated.webp": /holds 3 pictures/,
  "animated.png": /holds 3 pictures/,
  "animated.gif": /there is no format for the ending \.gif|has the format GIF: convert it/,
  "bitmap.bmp": /is not a picture that can be read: PNG, JPEG, WebP and TIFF can/,
  "lab.tif": /is damaged, cut off or of a rare kind/,
};
for (const saved of refused)
  test(`${saved.name}: refused with what to do`, () => isRefused(put(saved.name, bytesOf(saved)), reasons[saved.name]));

test("CMYK: cleaned, and written as sRGB", async () => {
  const file = put("cmyk.jpg", cmyk);
  const { code, stderr, result } = await clean(file);
  assert.equal(code, 0, stderr);
  assert.equal((await sharp(result).metadata()).space, "srgb");
});

test("interlaced PNG: cleaned", async () => {
  await isCleaned(put("a.png", await sharp(named("grey.png")).png({ progressive: true }).toBuffer()));
});

test("wholly transparent: alpha stays 0", async () => {
  const content = await sharp(named("grey.png")).ensureAlpha(0).toColourspace("b-w").png().toBuffer();
  const { cleaned } = await isCleaned(put("a.png", content));
  const alpha = await sharp(cleaned.source).extractChannel("alpha").toColourspace("b-w").raw().toBuffer();
  assert.ok(alpha.every((value) => value === 0));
});

for (const [name, height, width] of [
  ["1 x 1", 1, 1],
  ["3 x 100,000", 100_000, 3],
  ["100,000 x 3", 3, 100_000],
] as const)
  test(`${name} pixels: cleaned`, async () => {
    const file = put("a.png", "");
    const data = Float32Array.from({ length: height * width }, (_, i) => (i % 97) / 97);
    await writeImage(file, { data, shape: [1, height, width, 1] });
    await isCleaned(file);
  });

/** A PNG whose header says more pixels than there are. */
function headerBomb(width: number, height: number): Buffer {
  const chunk = (kind: string, content: Buffer) => {
    const body = Buffer.concat([Buffer.from(kind), content]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(content.length);
    sum.writeUInt32BE(zlib.crc32 ? zlib.crc32(body) : crc(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from("89504e470d0a1a0a", "hex");
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", zlib.deflateSync(Buffer.alloc(100))), chunk("IEND", Buffer.alloc(0))]); // biome-ignore format: short
}

function crc(bytes: Buffer): number {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return (sum ^ 0xffffffff) >>> 0;
}

test("a header of 1,000,000 x 1,000,000 pixels: refused before memory or disk are full", () =>
  isRefused(put("bomb.png", headerBomb(1_000_000, 1_000_000)), /needs \d+ MB in .*, where \d+ MB are free|is damaged/));

const whole = () => named("grey.png");
const kinds: [name: string, make: () => string, reason: RegExp][] = [
  ["0 bytes", () => put("a.png", ""), /is empty \(0 bytes\)/],
  ["text that is named .png", () => put("a.png", "no picture"), /is not a picture that can be read/],
  ["an SVG that is named .png", () => put("a.png", "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"), /has the format SVG/],
  ["a PNG that is cut off", () => put("a.png", whole().subarray(0, whole().length / 2)), /is damaged, cut off/],
  ["a JPEG that is cut off", () => put("a.jpg", named("grey.jpg").subarray(0, 300)), /is damaged, cut off/],
  ["a WebP that is cut off", () => put("a.webp", named("colour.webp").subarray(0, 100)), /is damaged, cut off/],
  ["a TIFF that is cut off", () => put("a.tif", named("colour, 16 bit.tif").subarray(0, 90)), /is damaged, cut off|not a picture/],
  ["only a PNG's header", () => put("a.png", whole().subarray(0, 33)), /is damaged, cut off/],
  ["bytes that are changed", () => put("a.png", Buffer.from(whole()).fill(0xff, 45, 60)), /is damaged, cut off/],
  ["a file that is gone", () => at("gone.png"), /gone\.png: there is no such file/],
  ["a link that leads nowhere", () => linked("nowhere.png"), /there is no such file/],
  ["a link to itself", () => linked("link.png"), /its symbolic links lead in a circle/],
  ["a pipe", pipe, /is not an ordinary file/],
  ["a device", () => "/dev/null", /there is no format for the ending|is not an ordinary file/],
  ["a file below a file", () => path.join(put("a.png", whole()), "b.png"), /a part of its path is a file, not a folder/],
  ["a name of 300 letters", () => at(`${"x".repeat(300)}.png`), /the name is too long/],
  ["an empty folder", emptyFolder, /holds no pictures that are named/],
  ["a pattern that matches nothing", () => at("none", "*.png"), /no picture has such a name/],
]; // biome-ignore format: one a line
for (const [name, make, reason] of kinds) test(`${name}: refused in a sentence`, () => isRefused(make(), reason));

function linked(target: string): string {
  const link = path.join(path.dirname(put("other.png", whole())), "link.png");
  fs.symlinkSync(target, link);
  return link;
}

function pipe(): string {
  const file = path.join(path.dirname(put("other.png", whole())), "pipe.png");
  spawnSync("mkfifo", [file]);
  return file;
}

function emptyFolder(): string {
  const place = at(`empty ${count++}`);
  fs.mkdirSync(place);
  return place;
}

for (const name of [
  "line\nbreak.png",
  "🌻 写真.png",
  "-o.png",
  "[a]*.png",
  "a b'\"$.PNG",
  " .png",
  `${"n".repeat(250)}.png`,
])
  test(`a file named ${JSON.stringify(name.length > 99 ? "with 254 letters" : name)}: cleaned`, async () => {
    await isCleaned(put(name, whole()));
  });

test("a link to a picture: the result is a file, the link and its picture stay", async () => {
  const file = put("other.png", whole());
  const link = path.join(path.dirname(file), "link.png");
  fs.symlinkSync("other.png", link);
  const { code, result } = await clean(link);
  assert.equal(code, 0);
  assert.ok(fs.lstatSync(result).isFile() && fs.lstatSync(link).isSymbolicLink());
  assert.deepEqual(fs.readFileSync(file), whole());
});

test("a folder named like a picture: its pictures are cleaned", async () => {
  const place = path.join(path.dirname(put("other.png", whole())), "folder.png");
  fs.mkdirSync(place);
  fs.writeFileSync(path.join(place, "inside.png"), whole());
  const out = at(`out ${count++}`);
  assert.equal((await denoiser(["denoise", place, "-o", out, "-m", model])).code, 0);
  assert.deepEqual(fs.readdirSync(out), ["inside.png"]);
});

test("a full disk: a sentence, and no part of the result stays", { skip: process.getuid?.() !== 0 && "needs root to make a small disk" }, async (t) => {
  const disk = emptyFolder();
  if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", disk]).status !== 0) return t.skip("no disk can be made here");
  try {
    const file = put("a.png", "");
    const random = new Random(1);
    const data = new Float32Array(90_000).map(() => random.uniform());
    await writeImage(file, { data, shape: [1, 300, 300, 1] });
    const { code, stderr, result } = await clean(file, disk);
    assert.equal(code, 1);
    assert.match(stderr, /could not be written/);
    assert.ok(!fs.existsSync(result));
    assert.deepEqual(fs.readdirSync(disk), []);
  } finally {
    spawnSync("umount", [disk]);
  }
}); // biome-ignore format: short

for (const [name, damage, reason] of [
  ["no model.json", (place: string) => fs.rmSync(path.join(place, "model.json")), /holds no model \(model\.json\)/],
  ["half of model.json", (place: string) => fs.truncateSync(path.join(place, "model.json"), 200), /model\.json is damaged/],
  ["no weights", (place: string) => weights(place, (file) => fs.rmSync(file)), /lacks its file weights-.*copy it again/],
  ["half of the weights", (place: string) => weights(place, (file) => fs.truncateSync(file, 12)), /is truncated; copy it again/],
  ["changed weights", (place: string) => weights(place, (file) => fs.writeFileSync(file, Buffer.alloc(40))), /has been changed or damaged/],
] as const)
  test(`a model's folder with ${name}: a sentence`, async () => {
    const place = at(`model ${count++}`);
    fs.cpSync(model, place, { recursive: true });
    damage(place);
    const { code, stderr } = await denoiser(["denoise", put("a.png", whole()), "-o", at(`out ${count++}`), "-m", place, "-q"]);
    assert.equal(code, 1);
    assert.match(stderr, reason);
  }); // biome-ignore format: one a line

function weights(place: string, change: (file: string) => void): void {
  for (const name of fs.readdirSync(place)) if (name.endsWith(".bin")) change(path.join(place, name));
}
