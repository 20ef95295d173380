// Models on disk: nothing else is touched, and at every moment the old or the new model can be loaded.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { tf } from "../../lib/engine";
import { loadModel, saveModel } from "../../lib/models/files";

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
    await saveModel(model(1), folder);
    ({ died } = await diesAfter(changes, () => saveModel(model(2), folder)));
    loaded.push(await valueIn(folder));
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
