// image-denoiser: right results and clear sentences for usual, unusual and broken pictures; nothing of the user is lost.
// The models have known weights: the mean of 3 x 3 pixels.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { before, test } from "node:test";
import sharp from "sharp";
import type { Images } from "../../lib/data/images";
import { readImage, writeImage } from "../../lib/data/picture";
import "../../lib/engine";
import type { ModelCard } from "../../lib/models/card";
import { saveModel } from "../../lib/models/files";
import { loadPretrained, pretrainedModels } from "../../lib/models/pretrained";
import { gaussian } from "../../lib/noise/gaussian";
import { cases, cmyk, largestDifference, temporaryFolder } from "../data/pictures";
import { meanModel, meanOf } from "../models/mean-model";
import { denoiser } from "./run-denoiser";

const folder = temporaryFolder();
const at = (...names: string[]) => path.join(folder, ...names);
process.env.IMAGE_DENOISER_OUTPUT = at("project"); // in whose models/ are the user's own
process.env.IMAGE_DENOISER_PRETRAINED = at("pretrained");
const command = path.resolve(__dirname, "../../commands/denoiser.mjs");

const card = (name: string, channels: 1 | 3, sigma: number, size: [number, number] | null = null): ModelCard => ({
  ...{ schema: 1, name, description: "Takes the mean of 3 x 3 pixels.", recipe: {}, seed: 1, versions: {} },
  trainedOn: { data: "test pictures", channels, size, digests: {} },
  noise: { kind: "gaussian", sigma: [sigma, sigma], clipped: false, estimated: [0.9 * sigma, 1.1 * sigma] },
  scores: [{ data: "3 test pictures", sigma, metric: "PSNR", mean: 30, low: 29, high: 31 }],
  ...{ receptiveField: [3, 3], command: "npm run something" },
});

/** A smooth picture with noise. */
function noisy(height: number, width: number, channels: 1 | 3, sigma = 0.1): Images {
  const data = Float32Array.from({ length: height * width * channels }, (_, i) => 0.5 + 0.1 * Math.sin(i / 900));
  return gaussian({ data, shape: [1, height, width, channels] }, { sigma, seed: 1 });
}

const grey = () => at("models", "grey");
const colour = () => at("models", "colour");
const files = (place: string) =>
  (fs.readdirSync(place, { recursive: true }) as string[])
    .filter((name) => !fs.lstatSync(path.join(place, name)).isDirectory())
    .sort();

before(async () => {
  await saveModel(meanModel(1), grey(), card("grey mean", 1, 0.1));
  await saveModel(meanModel(3), colour(), card("colour mean", 3, 0.1));
  await saveModel(meanModel(1), at("models", "strong"), card("strong grey mean", 1, 0.4));
  await saveModel(meanModel(1, 28), at("digits"), card("digit mean", 1, 0.1, [28, 28]));
  await saveModel(meanModel(1), at("no card"));
  fs.mkdirSync(at("in"));
  await writeImage(at("in", "grey.png"), noisy(40, 50, 1));
  await writeImage(at("in", "colour.png"), noisy(40, 50, 3));
});

test("help and mistakes need no TensorFlow, and are sentences", async () => {
  const loads = (...args: string[]) =>
    spawnSync(process.execPath, ["--input-type=module", "-e", `
      process.argv.splice(1, process.argv.length, "", ...${JSON.stringify(args)});
      process.on("exit", () => console.error("TensorFlow:", Object.keys((await0).cache).some((f) => f.includes("tfjs"))));
      import { createRequire } from "node:module";
      const await0 = createRequire(${JSON.stringify(command)});
      await import(${JSON.stringify(command)});`], { encoding: "utf8" }); // biome-ignore format: a script
  for (const args of [
    ["--help"],
    ["denoise", "a.png"],
    ["denoise", "a.png", "b.png", "-o", "c.png"],
    ["denoise", at("gone.png"), "-o", at("out"), "-m", grey()],
    ["models"],
    ["--version"],
  ]) {
    const { stderr } = loads(...args);
    assert.match(stderr, /TensorFlow: false\n$/, args.join(" "));
  }
  const sentence = async (...args: string[]) => {
    const { code, stdout, stderr } = await denoiser(args);
    assert.equal(code, 1);
    assert.equal(stdout.length, 0);
    return stderr;
  };
  assert.match(await sentence("denoise", "a.png"), /required option '-o, --output <out>' not specified\nAdd --help/);
  assert.match(await sentence("denoise", "a.png", "--nope"), /unknown option '--nope'\nAdd --help/);
  assert.match(await sentence("denoise"), /missing required argument 'inputs'/);
  assert.match(await sentence("export", "digits", "-o", "b"), /required option '--to <format>' not specified/);
  assert.match(await sentence("clean"), /unknown command 'clean'/);
  assert.match(await sentence("denoise", "a.png", "-o", "b", "--sgima", "1"), /Did you mean --sigma\?/);
  for (const bad of ["25", "-1", "0", "x", "1/0"])
    assert.match(
      await sentence("denoise", "a.png", "-o", "b", "--sigma", bad),
      new RegExp(`above 0 and at most 1, .* 0\\.1 or 25/255, not ${bad}\\.`),
    );
  assert.match(
    await sentence("denoise", "a", "-o", "b"),
    /There are no models in .*project.models.*Name it with --model/,
  );
  assert.match(
    await sentence("denoise", "a", "-o", "b", "-m", at("nothing")),
    /nothing: there is no folder of a model, and no model of this name comes along: there are none/,
  );
  assert.match(await sentence("denoise", "a", "-o", "b", "-m", at("in")), /in holds no model \(model.json\)/);
  assert.match(await sentence("denoise", "a.png", "-o", "-", "--json", "-m", grey()), /both go to standard output/);
  assert.equal((await denoiser(["denoise", "--help"])).code, 0);
  const { code, stdout } = await denoiser(["--version"]);
  assert.deepEqual(
    [code, stdout.toString()],
    [0, `${JSON.parse(fs.readFileSync(path.resolve(__dirname, "../../package.json"), "utf8")).version}\n`],
  );
});

test("the result is the model's, and a second run does only what is missing", async () => {
  const out = at("first");
  const { code, stderr } = await denoiser(["denoise", at("in"), "-o", out, "-m", at("models")]);
  assert.equal(code, 0, stderr);
  assert.match(
    stderr,
    /grey\.png \(grey mean\)\n {2}chosen: grey mean \(trained on test pictures\): the noise is estimated at sigma 0\.(1|09\d*)\n/,
  );
  assert.match(stderr, /colour\.png \(colour mean\)/);
  assert.match(stderr, /2 pictures cleaned\.\n$/);
  for (const name of ["grey.png", "colour.png"]) {
    const expected = meanOf(await readImage(at("in", name)));
    assert.ok(largestDifference((await readImage(path.join(out, name))).data, expected) < 0.51 / 255);
  }
  fs.writeFileSync(path.join(out, "grey.png"), "mine");
  fs.rmSync(path.join(out, "colour.png"));
  const second = await denoiser(["denoise", at("in"), "-o", out, "-m", at("models")]);
  assert.equal(second.code, 0);
  assert.match(
    second.stderr,
    /1 picture cleaned; 1 skipped, whose results exist already \(--overwrite replaces them\)/,
  );
  assert.equal(fs.readFileSync(path.join(out, "grey.png"), "utf8"), "mine");
  const third = await denoiser(["denoise", at("in"), "-o", out, "-m", at("models"), "--overwrite", "--quiet"]);
  assert.deepEqual([third.code, third.stderr], [0, ""]);
  assert.equal((await readImage(path.join(out, "grey.png"))).format, "png");
});

test("a grey model cleans each channel of a colour picture, and says so", async () => {
  const { code, stderr } = await denoiser([
    "denoise",
    at("in", "colour.png"),
    "-o",
    at("by channel.png"),
    "-m",
    grey(),
  ]);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /grey mean was trained on grey pictures: each colour channel is cleaned by itself/);
  const expected = meanOf(await readImage(at("in", "colour.png")));
  assert.ok(largestDifference((await readImage(at("by channel.png"))).data, expected) < 0.51 / 255 + 1e-4);
});

test("a grey picture that is stored as colour is cleaned as grey; a colour model does not clean it", async () => {
  const one = noisy(40, 50, 1);
  const three: Images = {
    data: Float32Array.from({ length: 6000 }, (_, i) => one.data[Math.floor(i / 3)]),
    shape: [1, 40, 50, 3],
  };
  await writeImage(at("grey as colour.png"), three);
  const { code, stderr } = await denoiser([
    "denoise",
    at("grey as colour.png"),
    "-o",
    at("still grey.png"),
    "-m",
    at("models"),
  ]);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /\(grey mean\)/);
  assert.doesNotMatch(stderr, /by itself/);
  const { data, channels } = await readImage(at("still grey.png"));
  assert.equal(channels, 3);
  assert.ok(largestDifference(data, meanOf(await readImage(at("grey as colour.png")))) < 0.51 / 255 + 1e-4);
  const refused = await denoiser(["denoise", at("in", "grey.png"), "-o", at("refused.png"), "-m", colour()]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /grey\.png: colour mean was trained on colour pictures, and this one is grey/);
  assert.ok(!fs.existsSync(at("refused.png")));
});

test("a model that does not fit: a named one warns with both values, otherwise none is taken", async () => {
  await writeImage(at("loud.png"), noisy(60, 60, 1, 0.2));
  const warned = await denoiser(["denoise", at("loud.png"), "-o", at("loud clean.png"), "-m", grey(), "--quiet"]);
  assert.equal(warned.code, 0);
  assert.match(
    warned.stderr,
    /loud\.png: grey mean is for noise of sigma 0\.1, which is estimated at 0\.09 to 0\.11; that of these images is estimated at 0\.\d+/,
  );
  const none = await denoiser(["denoise", at("loud.png"), "-o", at("none.png"), "-m", at("models")]);
  assert.equal(none.code, 1);
  assert.match(
    none.stderr,
    /no model suits the picture; --model FOLDER uses one all the same\n.*grey mean is for .*\n.*strong grey mean is for/,
  );
  const told = await denoiser([
    "denoise",
    at("loud.png"),
    "-o",
    at("told.png"),
    "-m",
    at("models"),
    "--sigma",
    "102/255",
  ]);
  assert.match(told.stderr, /chosen: strong grey mean .* the noise is said to be sigma 0\.4/);
  const wrong = await denoiser(["denoise", at("loud.png"), "-o", at("wrong.png"), "-m", grey(), "--sigma", "0.3"]);
  assert.equal(wrong.code, 0);
  assert.match(wrong.stderr, /grey mean is for noise of sigma 0\.1; that of these images is said to be 0\.3/);
  const noCard = await denoiser(["denoise", at("loud.png"), "-o", at("uncertain.png"), "-m", at("no card")]);
  assert.equal(noCard.code, 0);
  assert.match(noCard.stderr, /no card has no card: whether it suits the picture is not known/);
  const digits = await denoiser(["denoise", at("loud.png"), "-o", at("digit.png"), "-m", at("digits")]);
  assert.equal(digits.code, 1);
  assert.match(digits.stderr, /takes \[n, 28, 28, 1\]/);
});

test("standard input and output, and one JSON object a picture", async () => {
  const stdin = fs.readFileSync(at("in", "grey.png"));
  const piped = await denoiser(["denoise", "-", "-o", "-", "-m", grey()], { stdin });
  assert.equal(piped.code, 0, piped.stderr);
  assert.ok(largestDifference((await readImage(piped.stdout)).data, meanOf(await readImage(stdin))) < 0.51 / 255);
  const [empty, text] = [Buffer.alloc(0), Buffer.from("no picture")];
  assert.match(
    (await denoiser(["denoise", "-", "-o", "-", "-m", grey()], { stdin: empty })).stderr,
    /is empty \(0 bytes\)/,
  );
  const bad = await denoiser(["denoise", "-", "-o", "-", "-m", grey()], { stdin: text });
  assert.deepEqual([bad.code, bad.stdout.length], [1, 0]);
  assert.match(
    (await denoiser(["denoise", "-", "-o", at("f"), "-m", grey()])).stderr,
    /from standard input \(-\) has no name/,
  );
  assert.match(
    (await denoiser(["denoise", at("in"), "-o", "-", "-m", grey()])).stderr,
    /takes one picture: name a folder/,
  );
  const { stdout } = await denoiser([
    "denoise",
    at("in", "grey.png"),
    at("gone.png"),
    "-o",
    at("json"),
    "-m",
    grey(),
    "--json",
  ]);
  const [done, failed] = stdout
    .toString()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(done, {
    input: at("in", "grey.png"),
    output: at("json", "grey.png"),
    status: "cleaned",
    model: "grey mean",
    notes: [],
  });
  assert.deepEqual([failed.status, failed.reason], ["failed", `${at("gone.png")}: there is no such file`]);
});

test("bit depth, alpha, profile, orientation and resolution survive, in each format", async () => {
  const place = at("kinds");
  fs.mkdirSync(place);
  for (const { name, file } of cases) fs.writeFileSync(path.join(place, name), Buffer.from(file, "base64"));
  fs.writeFileSync(path.join(place, "cmyk.jpg"), cmyk);
  const { code, stderr } = await denoiser(["denoise", place, "-o", at("kinds clean"), "-m", grey(), "-q"]);
  assert.equal(code, 0, stderr);
  assert.deepEqual(files(at("kinds clean")), files(place));
  for (const name of files(place)) {
    const [old, clean] = await Promise.all([readImage(path.join(place, name)), readImage(at("kinds clean", name))]);
    for (const key of ["shape", "format", "bitDepth", "alpha", "orientation", "density"] as const)
      assert.deepEqual(clean[key], old[key], `${name}: ${key}`);
    const [before, after] = await Promise.all([old, clean].map(({ source }) => sharp(source).metadata()));
    if (!old.cmyk) assert.deepEqual(after.icc, before.icc, `${name}: profile`);
    if (!old.alpha) continue;
    const alpha = (source: Buffer) => sharp(source).extractChannel("alpha").raw({ depth: "ushort" }).toBuffer();
    assert.deepEqual(await alpha(clean.source), await alpha(old.source), `${name}: alpha`);
  }
});

test("unusual and broken pictures: each has a right result or a sentence, and the others are done", async () => {
  const place = at("odd");
  fs.mkdirSync(path.join(place, "folder.png"), { recursive: true });
  const put = (name: string, content: Buffer | string) => fs.writeFileSync(path.join(place, name), content);
  const whole = fs.readFileSync(at("in", "grey.png"));
  const [width, height] = [3, 10_000];
  await writeImage(path.join(place, "one pixel.png"), noisy(1, 1, 3));
  await writeImage(path.join(place, "narrow.png"), noisy(height, width, 1));
  await writeImage(path.join(place, "wide.png"), noisy(width, height, 1));
  await writeImage(path.join(place, "black.png"), { data: new Float32Array(100), shape: [1, 10, 10, 1] });
  await writeImage(path.join(place, "transparent.webp"), noisy(20, 20, 3));
  put("line\nbreak.png", whole);
  put("späße 写真.PNG", whole);
  put("-o.png", whole);
  put("[a]*.png", whole);
  put("empty.png", "");
  put("text.png", "This is no picture.");
  put("cut off.png", whole.subarray(0, whole.length / 2));
  put("header.png", whole.subarray(0, 40));
  const damaged = Buffer.from(whole);
  damaged.fill(0xff, 200, 260);
  put("damaged.png", damaged);
  await sharp({ create: { width: 9, height: 9, channels: 3, background: "red" } })
    .gif()
    .toFile(path.join(place, "gif.jpg"));
  put("svg.png", '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
  const frames = await Promise.all(
    ["red", "blue"].map((background) =>
      sharp({ create: { width: 9, height: 9, channels: 3, background } })
        .png()
        .toBuffer(),
    ),
  );
  await sharp(frames, { join: { animated: true } })
    .webp()
    .toFile(path.join(place, "animated.webp"));
  await sharp(new Float32Array(81), { raw: { width: 9, height: 9, channels: 1 } }).toColourspace("b-w").tiff().toFile(path.join(place, "a.tif")); // biome-ignore format: short
  fs.symlinkSync("circle.png", path.join(place, "circle.png"));
  fs.symlinkSync("nowhere", path.join(place, "dangling.png"));
  fs.symlinkSync(".", path.join(place, "loop"));
  fs.symlinkSync(at("in", "grey.png"), path.join(place, "link.png"));
  spawnSync("mkfifo", [path.join(place, "pipe.png")]);
  put("notes.txt", "not a picture");
  put(".hidden.png", "");
  fs.writeFileSync(path.join(place, "folder.png", "inside.png"), whole);

  const before = new Map(
    files(place)
      .filter((name) => !/circle|dangling|pipe|loop/.test(name))
      .map((name) => [name, fs.readFileSync(path.join(place, name))]),
  );
  const { code, stderr } = await denoiser(["denoise", place, "-o", at("odd clean"), "-m", grey()]);
  assert.equal(code, 1);
  const reasons = {
    "empty.png": /is empty \(0 bytes\)/,
    "text.png": /is not a picture that can be read: PNG, JPEG, WebP and TIFF can/,
    "cut off.png": /is damaged, cut off or of a rare kind/,
    "header.png": /is damaged, cut off or of a rare kind/,
    "damaged.png": /is damaged, cut off or of a rare kind/,
    "gif.jpg": /has the format GIF: convert it/,
    "svg.png": /has the format SVG: convert it/,
    "animated.webp": /holds 2 pictures: only files that hold one/,
    "circle.png": /its symbolic links lead in a circle/,
    "dangling.png": /there is no such file/,
    "pipe.png": /is not an ordinary file/,
  };
  const list = stderr.slice(stderr.indexOf("Failed:\n")).trim().split("\n").slice(1);
  assert.equal(list.length, Object.keys(reasons).length, list.join("\n"));
  for (const [name, reason] of Object.entries(reasons)) {
    const line = list.find((each) => each.includes(`${path.sep}${name}`));
    assert.match(line ?? "", reason, name);
    assert.ok(!fs.existsSync(at("odd clean", name)));
  }
  assert.match(stderr, /1 file not named like pictures left out\./);
  assert.match(stderr, /"[^"\n]*line\\nbreak\.png" → "[^"\n]*line\\nbreak\.png"/);
  const good = ["narrow.png", "wide.png", "one pixel.png", "black.png", "line\nbreak.png", "späße 写真.PNG", "-o.png", "[a]*.png", "link.png", path.join("folder.png", "inside.png")]; // biome-ignore format: a list
  for (const name of good) {
    const source = await readImage(path.join(place, name));
    const result = await readImage(at("odd clean", name));
    assert.ok(largestDifference(result.data, meanOf(source)) < 0.51 / 255 + 1e-4, name);
  }
  assert.deepEqual(files(at("odd clean")), [...good, "a.tif", "transparent.webp"].sort());
  for (const [name, content] of before) assert.deepEqual(fs.readFileSync(path.join(place, name)), content, name);
});

test("files, folders and patterns: structure is kept, copies are done once, the results are no input", async () => {
  const place = at("tree");
  const whole = fs.readFileSync(at("in", "grey.png"));
  for (const name of ["a.png", "x/a.png", "x/y/b.png"]) {
    fs.mkdirSync(path.dirname(path.join(place, name)), { recursive: true });
    fs.writeFileSync(path.join(place, name), whole);
  }
  const run = (inputs: string[], out: string, ...more: string[]) =>
    denoiser(["denoise", ...inputs, "-o", out, "-m", grey(), ...more]);
  const inside = path.join(place, "clean");
  for (let time = 0; time < 2; time++) {
    assert.equal((await run([place], inside)).code, 0);
    assert.deepEqual(files(inside), ["a.png", "x/a.png", "x/y/b.png"]);
  }
  assert.equal((await run([`${place}/**/*.png`], inside)).code, 0);
  assert.deepEqual(files(inside), ["a.png", "x/a.png", "x/y/b.png"], "the pattern matches results, too");
  assert.equal((await run([`${place}/x/**/b*.png`], at("pattern"))).code, 0);
  assert.deepEqual(files(at("pattern")), ["y/b.png"]);
  const none = await run([`${place}/*.jpg`, path.join(place, "a.png")], at("none"));
  assert.equal(none.code, 1);
  assert.match(none.stderr, /\*\.jpg: no picture has such a name/);
  assert.deepEqual(files(at("none")), ["a.png"]);
  assert.match(
    (await run([path.join(place, "a.png"), path.join(place, "a.png")], at("twice"))).stderr,
    /^1 picture cleaned\.$/m,
  );
  fs.mkdirSync(at("nothing in it"));
  assert.match((await run([at("nothing in it")], at("none"))).stderr, /nothing in it holds no pictures/);

  const refused = async (reason: RegExp, inputs: string[], out: string, ...more: string[]) => {
    const { code, stderr } = await run(inputs, out, ...more);
    assert.equal(code, 1);
    assert.match(stderr, reason);
  };
  const a = path.join(place, "a.png");
  await refused(
    /would both become .*a\.png: clean them one after the other/,
    [a, path.join(place, "x/a.png")],
    at("both"),
  );
  await refused(/would replace the picture .*a\.png/, [a], a, "--overwrite");
  await refused(/would replace the picture/, [place], place, "--overwrite");
  await refused(/would replace the picture/, [path.join(place, "x/a.png"), a], place, "--overwrite");
  fs.linkSync(a, at("hard link.png"));
  await refused(/would replace the picture/, [a], at("hard link.png"), "--overwrite");
  await refused(/is named like a picture and would take one/, [place], at("b.png"));
  fs.writeFileSync(at("occupied"), "mine");
  await refused(/occupied is a file, not a folder/, [place], at("occupied"));
  await refused(
    /nothing can be written to .*b\.png: a part of its path is a file, not a folder/,
    [a],
    at("occupied", "b.png"),
  );
  fs.copyFileSync(a, path.join(place, "c.txt"));
  await refused(/there is no format for the ending \.txt/, [path.join(place, "c.txt")], at("txt"));
  await writeImage(at("alpha.png"), noisy(9, 9, 3));
  await sharp(at("alpha.png")).ensureAlpha(0.5).toFile(at("with alpha.png"));
  await refused(/JPEG holds no alpha channel: write PNG, WebP or TIFF/, [at("with alpha.png")], at("alpha.jpg"));
  assert.deepEqual(fs.readFileSync(a), whole);
  assert.equal(fs.readFileSync(at("occupied"), "utf8"), "mine");
});

test("files that may not be read, and folders that may not be written", {
  skip: process.getuid?.() !== 0 && "needs root to become nobody",
}, async () => {
  const place = at("locked");
  fs.mkdirSync(path.join(place, "open"), { recursive: true });
  fs.mkdirSync(path.join(place, "shut"), { mode: 0o555 });
  fs.copyFileSync(at("in", "grey.png"), path.join(place, "secret.png"));
  fs.chmodSync(path.join(place, "secret.png"), 0);
  for (const name of [folder, place, path.join(place, "open")]) fs.chmodSync(name, 0o777);
  process.seteuid?.(65534);
  try {
    const read = await denoiser([
      "denoise",
      path.join(place, "secret.png"),
      at("in", "grey.png"),
      "-o",
      path.join(place, "open"),
      "-m",
      grey(),
    ]);
    assert.equal(read.code, 1);
    assert.match(read.stderr, /secret\.png: permission denied; you may not read it/);
    assert.deepEqual(files(path.join(place, "open")), ["grey.png"]);
    const write = await denoiser(["denoise", at("in"), "-o", path.join(place, "shut", "clean"), "-m", grey()]);
    assert.equal(write.code, 1);
    assert.match(write.stderr, /nothing can be written to .*clean: you may not write there; choose another place/);
  } finally {
    process.seteuid?.(0);
  }
});

test("stopped between pictures: what is done stays, and the same command goes on", async () => {
  const stop = new AbortController();
  stop.abort();
  const args = ["denoise", at("in"), "-o", at("stopped"), "-m", grey()];
  const { code, stderr } = await denoiser(args, { signal: stop.signal });
  assert.equal(code, 130);
  assert.match(
    stderr,
    /Stopped with 2 pictures left\. No result is half-written; the same command goes on with the rest\./,
  );
  assert.equal((await denoiser(args)).code, 0);
});

test("without --model, own models come before those that come along; these have names", async () => {
  const place = at("by itself");
  const clean = async (name: string, ...more: string[]) => {
    const { code, stderr } = await denoiser([
      "denoise",
      at("in", name),
      "-o",
      at("by itself", name),
      "--overwrite",
      ...more,
    ]);
    assert.equal(code, 0, stderr);
    return stderr;
  };
  await saveModel(meanModel(3), at("pretrained", "photos-colour"), card("comes along, colour", 3, 0.1));
  await saveModel(meanModel(1), at("pretrained", "photos-grey"), card("comes along, grey", 1, 0.1));
  assert.match(await clean("colour.png"), /\(comes along, colour\)\n {2}chosen: comes along, colour \(trained on/);
  await saveModel(meanModel(1), at("project", "models", "mine"), card("mine, grey", 1, 0.1));
  await saveModel(meanModel(1), at("project", "models", "other"), card("mine, for other noise", 1, 0.4));
  assert.match(await clean("grey.png"), /\(mine, grey\)/);
  assert.match(
    await clean("colour.png"),
    /\(comes along, colour\)/,
    "a model of colour pictures is better than one of grey",
  );
  assert.match(await clean("grey.png", "--model", "photos-grey"), /\(comes along, grey\)/);
  const listed = (await denoiser(["models"])).stdout.toString();
  assert.deepEqual(listed.match(/^\S.*(?= \()/gm), [
    "mine, grey",
    "mine, for other noise",
    "comes along, colour",
    "comes along, grey",
  ]);
  const hasty = card("hasty, grey", 1, 0.1);
  const scores = hasty.scores.map((score) => ({ ...score, mean: 24 }));
  await saveModel(meanModel(1), at("project", "models", "mine"), { ...hasty, scores });
  assert.match(
    await clean("grey.png"),
    /\(comes along, grey\)\n(.*\n)* {2}hasty, grey fits too, but gains only 4\.0 dB on its test images, and this one 10\.0 dB; --model .*mine uses it\n/,
  );
  const unknown = await denoiser(["denoise", at("in"), "-o", place, "--model", "photos-green"]);
  assert.match(
    unknown.stderr,
    /photos-green: there is no folder of a model, and no model of this name comes along: photos-colour, photos-grey\n/,
  );
  assert.deepEqual(
    pretrainedModels().map(({ name, card }) => [name, card.trainedOn.channels]),
    [
      ["photos-colour", 3],
      ["photos-grey", 1],
    ],
  );
  assert.equal((await loadPretrained("photos-colour")).inputs[0].shape[3], 3);
  await assert.rejects(
    loadPretrained("photos-green"),
    /there is no pretrained model "photos-green"; there are photos-colour, photos-grey in /,
  );
  fs.writeFileSync(at("pretrained", "photos-grey", "card.json"), "{");
  assert.throws(
    () => pretrainedModels(),
    /the pretrained model in .*photos-grey is damaged \(.*card\.json is not JSON/,
  );
  for (const name of ["pretrained", "project"]) fs.rmSync(at(name), { recursive: true });
});

for (const [signal, expected] of [
  ["SIGINT", 130],
  ["SIGKILL", null],
] as const)
  test(`${signal} in the middle of a large picture leaves no half-written result`, async () => {
    const place = at(signal);
    fs.mkdirSync(path.join(place, "in"), { recursive: true });
    fs.copyFileSync(at("in", "grey.png"), path.join(place, "in", "a.png"));
    await sharp({ create: { width: 2000, height: 2000, channels: 3, background: "#4080c0" } }).png({ compressionLevel: 1 }).toFile(path.join(place, "in", "b.png")); // biome-ignore format: short
    const child = spawn(process.execPath, [command, "denoise", path.join(place, "in"), "-o", path.join(place, "out"), "-m", grey()], { env: { ...process.env, TMPDIR: place }, timeout: 60_000 }); // biome-ignore format: short
    let said = "";
    child.stderr.on("data", (text) => {
      said += text;
      if (String(text).includes("a.png →")) setTimeout(() => child.kill(signal), 100);
    });
    const code = await new Promise((resolve) => child.on("exit", resolve));
    assert.equal(code, expected, said);
    assert.deepEqual(
      files(path.join(place, "out")).filter((name) => !name.startsWith(".")),
      ["a.png"],
    );
    const again = await denoiser(["denoise", path.join(place, "in"), "-o", path.join(place, "out"), "-m", grey()]);
    assert.match(again.stderr, /1 picture cleaned; 1 skipped/);
    if (signal === "SIGINT") {
      assert.match(said, /Stopped with 1 picture left/);
      const left = [place, path.join(place, "out")].flatMap((each) => fs.readdirSync(each));
      assert.deepEqual(
        left.filter((name) => /^image-denoiser|[.]part$/.test(name)),
        [],
        "temporary files",
      );
    }
  });

test("models are listed with their cards", async () => {
  const { code, stdout } = await denoiser(["models", at("models"), at("no card")]);
  assert.equal(code, 0);
  const text = stdout.toString();
  assert.match(
    text,
    /^colour mean \(.*models.colour\)\n {2}Takes the mean of 3 x 3 pixels\.\n {2}for colour pictures of any size, trained on test pictures\n {2}Gaussian noise of sigma 0\.1\n {2}PSNR 30\.00 \(29\.00 to 31\.00\) dB on 3 test pictures, sigma 0\.1\n {2}made by: npm run something\n/,
  );
  assert.match(text, /no card\n {2}no card: what it was trained on is not known\n$/);
  const cards = JSON.parse((await denoiser(["models", at("models"), "--json"])).stdout.toString());
  assert.deepEqual(
    cards.map((each: { card: ModelCard }) => each.card.name),
    ["colour mean", "grey mean", "strong grey mean"],
  );
});

test("export writes a model for another program, with its card; what cannot be done is a sentence", async () => {
  const model = at("models", "grey");
  const args = (...more: string[]) => ["export", model, "-o", at("exported"), ...more];
  const { code, stdout, stderr } = await denoiser(args("--to", "safetensors"));
  assert.equal(code, 0, stderr);
  const files = fs.readdirSync(at("exported")).sort();
  assert.deepEqual(files, ["README.md", "denoiser.py", "model.safetensors", "test.safetensors"]);
  assert.deepEqual(stdout.toString().trim().split("\n").sort(), files.map((name) => at("exported", name)));
  const weights = fs.readFileSync(at("exported", "model.safetensors"));
  const header = JSON.parse(weights.subarray(8, 8 + Number(weights.readBigUInt64LE())).toString());
  assert.equal(JSON.parse(header.__metadata__.card).name, "grey mean");
  const fails = async (message: RegExp, ...args: string[]) => {
    const failed = await denoiser(args);
    assert.equal(failed.code, 1);
    assert.match(failed.stderr, message);
  };
  await fails(/test.safetensors exists already: choose another folder, or replace it \(option overwrite\)\n$/, ...args("--to", "safetensors"));
  await fails(/argument 'pytorch' is invalid. Allowed choices are onnx, safetensors, keras/, ...args("--to", "pytorch"));
  await fails(/required option '--to <format>' not specified/, ...args());
  await fails(/models holds several models: name the folder of one/, "export", at("models"), "--to", "onnx", "-o", at("x"));
  await fails(/there is no folder of a model/, "export", at("nothing"), "--to", "onnx", "-o", at("x"));
  assert.ok(!fs.existsSync(at("x")));
}); // biome-ignore format: one case a line

test("evaluate adds noise to clean pictures and scores what the model makes of them", async () => {
  fs.mkdirSync(at("clean pictures"));
  for (const name of ["a", "b"]) await writeImage(at("clean pictures", `${name}.png`), noisy(64, 64, 1, 0.001));
  const args = ["evaluate", at("clean pictures"), "-m", grey()];
  const { code, stdout, stderr } = await denoiser([...args, "--json"]);
  assert.equal(code, 0, stderr);
  const { pictures, sigma, rows } = JSON.parse(stdout.toString());
  assert.deepEqual([pictures, sigma, rows[0].name, rows[1].name], [2, 0.1, "noisy", "grey mean"]);
  assert.ok(Math.abs(rows[0].scores.psnr.mean - 20) < 0.3, "noise of 0.1 is 20 dB");
  assert.ok(rows[1].scores.psnr.mean > 23);
  const table = (await denoiser(args)).stdout.toString();
  assert.match(table, /^2 pictures +PSNR.*\n─+\nnoisy .*\ngrey mean /);
  const [seen] = ["a", "b"].map((name) => fs.readFileSync(at("clean pictures", `${name}.png`)));
  const known = card("grey mean", 1, 0.1);
  const digests = { "a.png": createHash("sha256").update(seen).digest("hex") };
  await saveModel(meanModel(1), at("knows a"), { ...known, trainedOn: { ...known.trainedOn, digests } });
  const { stderr: told } = await denoiser(["evaluate", at("clean pictures", "a.png"), "-m", at("knows a")]);
  assert.match(told, /a\.png is a picture that grey mean was trained on: new ones are harder\n/);
  assert.doesNotMatch(stderr, /trained on/);
  const wrong = await denoiser(["evaluate", at("in"), "-m", grey(), "--sigma", "0.2"]);
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /grey mean is for noise of sigma 0\.1, and is measured with 0\.2/);
  assert.match(wrong.stderr, /colour\.png: the model takes grey pictures, and this one is colour/);
  assert.match(
    (await denoiser(["evaluate", at("in"), "-m", at("models")])).stderr,
    /holds several models: name the folder of one/,
  );
  assert.match(
    (await denoiser(["evaluate", at("in"), "-m", at("no card")])).stderr,
    /name the noise with --sigma: the model has no card/,
  );
});
