// image-denoiser train: a folder of small pictures in, a model with its card out; stopped and continued, and what is refused.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { before, test } from "node:test";
import type { Images } from "../../lib/data/images";
import { writeImage } from "../../lib/data/picture";
import "../../lib/engine";
import { loadModel, loadModelAndCard } from "../../lib/models/files";
import { Random } from "../../lib/random";
import { temporaryFolder } from "../data/pictures";
import { denoiser } from "./run-denoiser";

const folder = temporaryFolder();
const at = (...names: string[]) => path.join(folder, ...names);
const command = path.resolve(__dirname, "../../commands/denoiser.mjs");
const small = "--filters 2 --patches 32 --patch-size 16 --batch-size 8 --sigma 0.1".split(" ");
const train = (out: string, ...more: string[]) => denoiser(["train", at("in"), "-o", at(out), ...small, ...more]);

before(async () => {
  fs.mkdirSync(at("in", "more"), { recursive: true });
  const random = new Random(1);
  for (let i = 0; i < 10; i++) {
    const channels = i < 3 ? 3 : 1;
    const images: Images = {
      data: Float32Array.from(
        { length: 40 * 32 * channels },
        (_, j) => 0.5 + 0.3 * Math.sin(j / (i + 2)) + 0.1 * random.uniform(),
      ),
      shape: [1, 40, 32, channels],
    };
    await writeImage(at("in", i % 2 ? "more" : "", `${i}.png`), images);
  }
  fs.copyFileSync(at("in", "0.png"), at("in", "copy.png"));
  fs.writeFileSync(at("in", "text.png"), "no picture");
});

test("a model and its card: what it was trained on, its noise, scores, settings and command", async () => {
  const { code, stdout, stderr } = await train("mine", "--epochs", "2", "--seed", "7");
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^7 pictures are grey, 4 in colour: trained for grey \(--channels 3 for colour\)/m);
  assert.match(stderr, /text\.png is left out: .*is not a picture/);
  assert.match(stderr, /copy\.png is left out: it shows the same as 0\.png/);
  assert.match(stderr, /8 pictures to train on, 1 for validation, 1 for the test/);
  assert.match(stdout.toString(), /^mine \(.*mine\)\n {2}Removes Gaussian noise from grey pictures\./);
  const { model, card } = await loadModelAndCard(at("mine"));
  assert.ok(card);
  assert.deepEqual(model.inputs[0].shape, [null, null, null, 1]);
  assert.deepEqual(
    [card.trainedOn.data, card.trainedOn.channels, card.trainedOn.size],
    ["8 pictures of the folder in", 1, null],
  );
  assert.equal(Object.keys(card.trainedOn.digests).length, 8);
  for (const [name, digest] of Object.entries(card.trainedOn.digests))
    assert.equal(digest, createHash("sha256").update(fs.readFileSync(at("in", name))).digest("hex")); // biome-ignore format: short
  assert.deepEqual(card.noise.sigma, [0.1, 0.1]);
  assert.ok(card.noise.estimated[0] < 0.12 && card.noise.estimated[1] > 0.09, `${card.noise.estimated}`);
  assert.deepEqual(card.scores.map(({ metric, data, sigma }) => [metric, data, sigma]), [["PSNR", "1 picture held out for the test", 0.1], ["SSIM", "1 picture held out for the test", 0.1]]); // biome-ignore format: short
  const { filters, epochs, patchesPerEpoch, patchSize, batchSize, predicts } = card.recipe;
  assert.deepEqual([filters, epochs, patchesPerEpoch, patchSize, batchSize, predicts], [2, 2, 32, 16, 8, "noise"]);
  assert.equal(card.seed, 7);
  assert.equal(
    card.command,
    `npx image-denoiser train ${quoted(at("in"))} -o ${quoted(at("mine"))} ${small.join(" ")} --epochs 2 --seed 7`,
  );
  assert.ok(!fs.existsSync(at("mine", "training.checkpoint")));

  const again = await train("mine");
  assert.deepEqual([again.code, again.stderr], [1, `${at("mine")} holds a model already: --overwrite replaces it\n`]);
  const cleaned = await denoiser(["denoise", at("in", "more", "5.png"), "-o", at("clean.png"), "-m", at("mine")]);
  assert.equal(cleaned.code, 0, cleaned.stderr);
});

const quoted = (text: string) => (text.includes(" ") ? `'${text}'` : text);

test("noise of other kinds: the card says which, and the model is measured with it", async () => {
  const { code, stdout, stderr } = await train("dim", "--noise", "poisson,speckle", "--epochs", "1");
  assert.equal(code, 0, stderr);
  assert.match(stdout.toString(), /Removes Poisson or speckle noise from grey pictures\.\n/);
  assert.match(stdout.toString(), /Poisson or speckle noise of sigma 0\.1\n/);
  const { card } = await loadModelAndCard(at("dim"));
  assert.deepEqual(card?.noise.kind, ["poisson", "speckle"]);
  const refused = await train("none", "--noise", "poisson,pink");
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /It must be one or several of gaussian, uniform, .*, not pink\./);
});

test("a range of noise, colour, JSON: scores at both ends and in the middle", async () => {
  const { code, stdout, stderr } = await train(
    "colour",
    "--channels",
    "3",
    "--sigma",
    "5/255..25/255",
    "--epochs",
    "1",
    "--json",
    "--quiet",
  );
  assert.deepEqual([code, stderr.replace(/^.* is left out.*\n/gm, "")], [0, ""]);
  const { folder: saved, card } = JSON.parse(stdout.toString());
  assert.equal(saved, at("colour"));
  assert.deepEqual([card.trainedOn.channels, card.noise.sigma], [3, [5 / 255, 25 / 255]]);
  assert.deepEqual(
    [...new Set(card.scores.map(({ sigma }: { sigma: number }) => Math.round(255 * sigma)))],
    [5, 15, 25],
  );
});

test("stopped by Ctrl-C, the same command goes on, and ends with the weights of an uninterrupted training", async () => {
  const options = ["--epochs", "4", "--seed", "3"];
  const args = ["train", at("in"), "-o", at("stopped"), ...small, ...options];
  const child = spawn(process.execPath, [command, ...args], { timeout: 120_000 });
  let said = "";
  child.stderr.on("data", (text) => {
    if (/epoch +2:/.test(text) && !/epoch +2:/.test(said)) child.kill("SIGINT");
    said += text;
  });
  assert.equal(await new Promise((resolve) => child.on("exit", resolve)), 130, said);
  assert.match(said, /Stopped; the same command goes on after the last epoch that has ended\.\n$/);
  assert.ok(!fs.existsSync(at("stopped", "model.json")));
  const other = await denoiser([...args, "--learning-rate", "0.001"]);
  assert.equal(other.code, 1);
  assert.match(
    other.stderr,
    /training\.checkpoint was trained with learningRate 0\.004, not 0\.001: use the same, or delete it to begin anew/,
  );
  const resumed = await denoiser(args);
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.doesNotMatch(resumed.stderr, /epoch +1:/);
  assert.equal((await train("whole", ...options)).code, 0);
  const [a, b] = await Promise.all([at("stopped"), at("whole")].map(loadModel));
  const numbers = (model: typeof a) => model.getWeights().flatMap((weight) => [...weight.dataSync()]);
  assert.deepEqual(numbers(a), numbers(b));
});

for (const [name, args, reason] of [
  ["a word for sigma", ["--sigma", "much"], /above 0 and at most 1, .* not much\./],
  [
    "a range of sigma the wrong way round",
    ["--sigma", "0.5..0.1"],
    /two with the smaller one first: 5\/255\.\.50\/255, not 0\.5\.\.0\.1/,
  ],
  ["two channels", ["--channels", "2"], /must be 1 \(grey\) or 3 \(colour\), not 2/],
  ["half an epoch", ["--epochs", "0.5"], /epochs must be a whole number from 1 to 10000, not 0\.5/],
  ["a word for filters", ["--filters", "many"], /filters must be a whole number from 1 to 512, not NaN/],
  ["patches of 18 pixels", ["--patch-size", "18"], /--patch-size must be a multiple of 4, not 18/],
  [
    "patches larger than the pictures",
    ["--patch-size", "64"],
    /is as large as a patch of 64 x 64 pixels: choose a smaller --patch-size/,
  ],
  ["an unknown kind of output", ["--predicts", "sound"], /must be noise or image, not sound/],
] as const)
  test(`${name}: refused before anything is trained`, async () => {
    const { code, stderr } = await train("refused", ...args);
    assert.equal(code, 1);
    assert.match(stderr, reason);
    assert.ok(!fs.existsSync(at("refused", "model.json")));
  });

test("a folder that is missing, empty, or has too few pictures is refused", async () => {
  fs.mkdirSync(at("empty"));
  const refused = async (name: string, reason: RegExp) => {
    const { code, stderr } = await denoiser(["train", at(name), "-o", at("none"), ...small]);
    assert.equal(code, 1);
    assert.match(stderr, reason);
  };
  await refused("gone", /gone: there is no such folder/);
  await refused("empty", /empty holds 0 different pictures that can be read, too few/);
  await refused(path.join("in", "0.png"), /0\.png is a file, not a folder/);
});
