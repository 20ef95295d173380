// Models on disk: nothing else is touched, and at every moment the old or the new model can be loaded.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { tf } from "../../lib/engine";
import type { ModelCard } from "../../lib/models/card";
import { loadModel, loadModelAndCard, saveModel } from "../../lib/models/files";

const root = fs.mkdtempSync(path.join(os.tmpdir(), "models "));
after(() => fs.rmSync(root, { recursive: true }));
let folders = 0;
const newFolder = () => path.join(root, String(folders++), "modèle");

/** A model whose weights all have one value, which identifies it. */
function model(value: number): tf.LayersModel {
  const result = tf.sequential({ layers: [tf.layers.dense({ inputShape: [20], units: 20 })] });
  result.setWeights(result.getWeights().map(({ shape }) => tf.fill(shape, value)));
  return result;
}

/** @returns the value of all its weights */
async function valueIn(folder: string): Promise<number> {
  const values = new Set((await loadModel(folder)).getWeights().flatMap((weight) => [...weight.dataSync()]));
  assert.equal(values.size, 1, "all weights are of one model");
  return [...values][0];
}

test("a model replaces the one before it, and leaves model.json and one file of weights", async () => {
  const folder = newFolder();
  for (const value of [1, 2, 3]) {
    await saveModel(model(value), folder);
    assert.equal(await valueIn(folder), value);
    const files = fs.readdirSync(folder).sort();
    assert.equal(files.length, 2, `${files}`);
    assert.equal(files[0], "model.json");
    assert.match(files[1], /^weights-.*\.bin$/);
  }
  assert.deepEqual(fs.readdirSync(path.dirname(folder)), ["modèle"]);
});

test("other files are kept: in the folder, beside it, and in a folder whose name ends with .part", async () => {
  const folder = newFolder();
  const others = ["card.md", "weights.bin", "notes/today.txt", "model.json.part", "../modèle.part/thesis.tex"];
  for (const file of others) {
    fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    fs.writeFileSync(path.join(folder, file), file);
  }
  for (const value of [1, 2]) await saveModel(model(value), folder);
  assert.equal(await valueIn(folder), 2);
  for (const file of others) assert.equal(fs.readFileSync(path.join(folder, file), "utf8"), file);
  assert.equal(fs.readdirSync(folder).length, 6);
});

test("a model that tfjs itself wrote is replaced, files of weights included", async () => {
  const folder = newFolder();
  fs.mkdirSync(path.dirname(folder));
  await model(1).save(`file://${folder}`);
  assert.ok(fs.existsSync(path.join(folder, "weights.bin")));
  await saveModel(model(2), folder);
  assert.equal(await valueIn(folder), 2);
  assert.ok(!fs.existsSync(path.join(folder, "weights.bin")));
});

test("a model.json that is not a saved model, or a file in place of the folder, is refused and kept", async () => {
  for (const content of ["{}", "not JSON", '{"format":"graph-model","weightsManifest":[]}', "[1]", "null"]) {
    const folder = newFolder();
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, "model.json"), content);
    await assert.rejects(saveModel(model(1), folder), /model\.json.* is not a saved model.*another folder/);
    assert.equal(fs.readFileSync(path.join(folder, "model.json"), "utf8"), content);
    assert.equal(fs.readdirSync(folder).length, 1);
    await assert.rejects(loadModel(folder), /model\.json.* is not a saved model/);
  }
  const folder = newFolder();
  fs.mkdirSync(path.dirname(folder));
  fs.writeFileSync(folder, "a file");
  await assert.rejects(saveModel(model(1), folder), /is a file, not a folder/);
  assert.equal(fs.readFileSync(folder, "utf8"), "a file");
});

test("a model.json that names files outside of its folder does not have them deleted", async () => {
  const folder = newFolder();
  await saveModel(model(1), folder);
  const outside = path.join(folder, "../precious.bin");
  fs.writeFileSync(outside, "precious");
  const file = path.join(folder, "model.json");
  const content = JSON.parse(fs.readFileSync(file, "utf8"));
  content.weightsManifest[0].paths = ["../precious.bin"];
  fs.writeFileSync(file, JSON.stringify(content));
  await saveModel(model(2), folder);
  assert.equal(await valueIn(folder), 2);
  assert.equal(fs.readFileSync(outside, "utf8"), "precious");
});

const cardOf = (seed: number): ModelCard => ({
  schema: 1,
  name: "test",
  description: "Removes nothing.",
  trainedOn: { data: "nothing", channels: 1, size: null, digests: {} },
  noise: { kind: "gaussian", sigma: [0, 0.1], clipped: true, estimated: [0, 0.09] },
  scores: [],
  recipe: { epochs: 1 },
  seed,
  versions: {},
  receptiveField: [1, 1],
  command: "npm test",
});

test("a card is saved and loaded with its model, and goes with it; models without one load as before", async () => {
  const folder = newFolder();
  await saveModel(model(1), folder, cardOf(1));
  assert.deepEqual((await loadModelAndCard(folder)).card, cardOf(1));
  const file = path.join(folder, "card.json");
  const written = JSON.parse(fs.readFileSync(file, "utf8"));
  assert.equal(written.seed, 1);
  fs.writeFileSync(file, JSON.stringify({ ...written, name: "edited" }));
  assert.equal((await loadModelAndCard(folder)).card?.name, "edited");
  fs.rmSync(file);
  assert.deepEqual((await loadModelAndCard(folder)).card, cardOf(1), "model.json has it too");
  await saveModel(model(2), folder, cardOf(2));
  fs.writeFileSync(file, JSON.stringify(written));
  assert.deepEqual((await loadModelAndCard(folder)).card, cardOf(2), "a card of other weights is not this model's");
  await saveModel(model(3), folder);
  assert.ok(!fs.existsSync(file));
  assert.equal((await loadModelAndCard(folder)).card, undefined);
});

test("a card.json that is not a card is refused and kept, and so is a card that lacks something", async () => {
  const folder = newFolder();
  await saveModel(model(1), folder);
  const file = path.join(folder, "card.json");
  for (const [content, message] of [
    ["{}", /card\.json has schema undefined, not 1: correct or delete it/],
    ["{", /card\.json is not JSON, or is damaged/],
    [JSON.stringify({ ...cardOf(1), noise: { sigma: [0.2, 0.1] } }), /card\.json lacks noise/],
  ] as const) {
    fs.writeFileSync(file, content);
    await assert.rejects(saveModel(model(2), folder), message);
    await assert.rejects(loadModel(folder), message);
    assert.equal(fs.readFileSync(file, "utf8"), content);
  }
  fs.rmSync(file);
  assert.equal(await valueIn(folder), 1);
  const { command: _, ...incomplete } = cardOf(1);
  await assert.rejects(saveModel(model(2), folder, incomplete as ModelCard), /the card of the model .* lacks command/);
});

test("a model that is truncated, damaged, incomplete, not finite or of another format is refused with the reason", async () => {
  const saved = async () => {
    const folder = newFolder();
    await saveModel(model(1), folder);
    const name = fs.readdirSync(folder).find((file) => file.endsWith(".bin")) as string;
    return { folder, weights: path.join(folder, name), json: path.join(folder, "model.json") };
  };
  const change = (file: string, how: (content: Buffer) => Uint8Array) =>
    fs.writeFileSync(file, how(fs.readFileSync(file)));
  const edit = (file: string, how: (content: Record<string, unknown>) => object) =>
    fs.writeFileSync(file, JSON.stringify(how(JSON.parse(fs.readFileSync(file, "utf8")))));
  type Saved = Awaited<ReturnType<typeof saved>>;
  const cases: [(files: Saved) => unknown, RegExp][] = [
    [({ json }) => change(json, (content) => content.subarray(0, 300)), /model\.json is not a saved model .* or is truncated or damaged: copy it again/],
    [({ json }) => change(json, () => Buffer.alloc(0)), /model\.json is not a saved model .* truncated/],
    [({ json }) => edit(json, (content) => ({ ...content, format: "graph-model" })), /but a graph model/],
    [({ json }) => edit(json, ({ weightsManifest, ...rest }) => rest), /model\.json is not a saved model/],
    [({ weights }) => change(weights, (content) => content.subarray(0, 400)), /\.bin holds 400 bytes instead of 1680: it is truncated; copy it again/],
    [({ weights }) => change(weights, (content) => Buffer.concat([content, content])), /holds 3360 bytes instead of 1680: it is not of this model/],
    [({ weights }) => change(weights, (content) => { content[700] ^= 1; return content; }), /\.bin has been changed or damaged since it was saved/],
    [({ weights }) => fs.rmSync(weights), /lacks its file weights-.*\.bin: copy it again/],
    [({ json }) => edit(json, (content) => ({ ...content, modelTopology: { class_name: "Sequential", config: { name: "x", layers: [{ class_name: "Swish9", config: {} }] } } })), /model\.json cannot be loaded \(.*Swish9/s],
  ]; // biome-ignore format: one a line
  for (const [damage, message] of cases) {
    const files = await saved();
    damage(files);
    await assert.rejects(loadModel(files.folder), message);
  }
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const folder = newFolder();
    await saveModel(model(value), folder);
    await assert.rejects(loadModel(folder), new RegExp(`is of no use: its weights .* hold ${value}; train it again`));
  }
  const keras = newFolder();
  fs.mkdirSync(keras, { recursive: true });
  fs.writeFileSync(path.join(keras, "model.keras"), "");
  await assert.rejects(loadModel(keras), /no model in .*\(no model\.json\): model\.keras is of Keras, and only/);
});

/** The functions of node:fs that change files. */
const changing = ["openSync", "writeSync", "writeFileSync", "fsyncSync", "closeSync", "renameSync", "unlinkSync", "rmSync", "mkdirSync", "chmodSync", "chownSync"] as const; // biome-ignore format: short

/** Lets the first file operations succeed and all later ones fail, as when the process has died. */
async function diesAfter(changes: number, action: () => Promise<void>): Promise<{ died: boolean }> {
  const own = Object.fromEntries(changing.map((name) => [name, fs[name]]));
  const replaced = fs as unknown as Record<string, (...args: unknown[]) => unknown>;
  let seen = 0;
  let died = false;
  for (const name of changing)
    replaced[name] = (...args) => {
      if (seen++ >= changes) {
        died = true;
        throw new Error("died");
      }
      return (own[name] as (...args: unknown[]) => unknown)(...args);
    };
  try {
    await action();
  } catch (error) {
    assert.equal((error as Error).message, "died");
  } finally {
    Object.assign(fs, own);
  }
  return { died };
}

test("after an interruption at any file operation, the old or the new model loads, and the next save works", async () => {
  const loaded: number[] = [];
  for (let changes = 0, died = true; died; changes++) {
    const folder = newFolder();
    await saveModel(model(1), folder, cardOf(1));
    ({ died } = await diesAfter(changes, () => saveModel(model(2), folder, cardOf(2))));
    loaded.push(await valueIn(folder));
    assert.equal((await loadModelAndCard(folder)).card?.seed, loaded.at(-1), "the card is that of the model");
    await saveModel(model(3), folder);
    assert.equal(await valueIn(folder), 3);
  }
  assert.ok(loaded.length > 5, `${loaded.length} moments`);
  assert.deepEqual([loaded[0], loaded.at(-1)], [1, 2]);
  assert.deepEqual(loaded, [...loaded].sort(), "first the old one, then the new one");
});

test("several processes save and load at the same time: each load gives a complete model, also after one is killed", async () => {
  const folder = newFolder();
  await saveModel(model(0), folder);
  const script = `
    const { tf, saveModel } = require(${JSON.stringify(path.resolve("lib"))});
    const [folder, value] = process.argv.slice(1);
    const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [20], units: 20 })] });
    model.setWeights(model.getWeights().map(({ shape }) => tf.fill(shape, Number(value))));
    (async () => { for (;;) { await saveModel(model, folder); process.stdout.write("."); } })();`;
  const writers = [1, 2].map((value) =>
    spawn(process.execPath, ["--require", "ts-node/register", "-e", script, folder, String(value)], {
      stdio: ["ignore", "pipe", "inherit"],
    }),
  );
  const ended = writers.map((writer) => new Promise((resolve) => writer.on("close", resolve)));
  await Promise.all(writers.map(({ stdout }) => new Promise((resolve) => stdout.once("data", resolve))));
  const seen = new Set<number>();
  for (let i = 0; i < 50; i++) seen.add(await valueIn(folder));
  writers[0].kill("SIGKILL");
  await ended[0];
  for (let i = 0; i < 10; i++) seen.add(await valueIn(folder));
  writers[1].kill("SIGKILL");
  await ended[1];
  assert.ok([1, 2].includes(await valueIn(folder)));
  assert.ok(seen.size > 0 && [...seen].every((value) => value === 1 || value === 2), `${[...seen]}`);
});
