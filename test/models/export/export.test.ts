// Exported models, loaded by the programs that they are for, give what they give here, at several sizes and batch sizes.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { before, test } from "node:test";
import { tf } from "../../../lib/engine";
import { padded } from "../../../lib/inference/tiles";
import type { ModelCard } from "../../../lib/models/card";
import { exportModel } from "../../../lib/models/export/export-model";
import { type ExportFormat, exportFormats } from "../../../lib/models/export/formats";
import { npzFile } from "../../../lib/models/export/test-images";
import { receptiveField } from "../../../lib/models/receptive-field";
import { unet } from "../../../lib/models/unet";
import { temporaryFolder } from "../../data/pictures";
import { wave } from "../../golden";
import { exportedModels, randomWeights } from "./models";

const root = temporaryFolder();
const models = Object.entries(exportedModels).map(([name, make], seed) => ({
  name,
  model: randomWeights(make(), seed),
}));

const card: ModelCard = {
  ...{ schema: 1, name: "tést", description: 'Removes "noise".', scores: [], recipe: {}, seed: 1, versions: {} },
  trainedOn: { data: "nothing", channels: 1, size: null, digests: {} },
  noise: { kind: "gaussian", sigma: [0, 0.1], clipped: true, estimated: [0, 0.09] },
  ...{ receptiveField: [1, 1], command: "npm test" },
};

/** Keras' layers know the size of the images that attention cuts into windows. */
const modelsFor = (to: ExportFormat) =>
  models.filter(({ name }) => to !== "keras" || !name.startsWith("U-Net, transformer, colour, any"));

const folderOf = (to: ExportFormat, name: string) => path.join(root, to, name);

/** Images of a size that the model takes, and what it makes of them. */
function images(model: tf.LayersModel, n: number, [height, width]: readonly [number, number]) {
  const [, ownHeight, ownWidth, channels] = model.inputs[0].shape as number[];
  const { rows, columns } = receptiveField(model);
  const shape: [number, number, number, number] = [
    n,
    ownHeight ?? padded(height, rows),
    ownWidth ?? padded(width, columns),
    channels,
  ];
  const data = wave(shape.reduce((product, size) => product * size), n); // biome-ignore format: short
  return tf.tidy(() => {
    const denoised = model.predict(tf.tensor4d(data, shape)) as tf.Tensor;
    return { noisy: { shape, data }, denoised: { shape, data: denoised.dataSync() as Float32Array } };
  });
}

let readers: { python: string; backend: string };

before(async () => {
  const { modelReaders } = await import("../../../setup/model-readers.mjs");
  readers = await modelReaders();
  for (const to of exportFormats)
    for (const { name, model } of modelsFor(to)) {
      await exportModel(model, folderOf(to, name), { to, card });
      for (const [n, size] of [[1, [36, 24]], [3, [12, 60]]] as const)
        fs.writeFileSync(path.join(folderOf(to, name), `case-${n}.npz`), npzFile(images(model, n, size)));
    } // biome-ignore format: short
});

for (const to of exportFormats)
  test(`${to}: all models compute the same`, async (context) => {
    const { peersInstalled, installCommand } = await import("../../../setup/peers.mjs");
    if (to === "safetensors" && !peersInstalled())
      return context.skip(`PyTorch is not installed, which this installs: ${installCommand}`);
    const folders = modelsFor(to).map(({ name }) => folderOf(to, name));
    const env = {
      ...process.env,
      ...{ KERAS_BACKEND: readers.backend, TF_CPP_MIN_LOG_LEVEL: "3", PYTHONNOUSERSITE: "1" },
      XLA_FLAGS: "--xla_backend_optimization_level=0", // compiling takes most of the time
    };
    const script = path.join(__dirname, "read_exports.py");
    const { stdout, stderr } = spawnSync(readers.python, [script, to, ...folders], { env, encoding: "utf8" });
    const differences = JSON.parse(stdout.trim().split("\n").at(-1) || `"${to} could not be read"`);
    assert.equal(Object.keys(differences).length, folders.length, `${stdout}\n${stderr}`);
    for (const [folder, cases] of Object.entries<Record<string, number>>(differences)) {
      assert.deepEqual(Object.keys(cases), ["test", "case-1", "case-3"]);
      for (const [name, difference] of Object.entries(cases))
        assert.ok(difference <= 1e-5, `${path.basename(folder)}, ${name}: ${difference} apart`);
    }
  });

/** A model of layers in a row. */
function inARow(...layers: tf.layers.Layer[]): tf.LayersModel {
  const input = tf.input({ shape: [8, 8, 1], name: "noisy" });
  const outputs = layers.reduce((x, layer) => layer.apply(x) as tf.SymbolicTensor, input as tf.SymbolicTensor);
  return tf.model({ inputs: input, outputs, name: "odd" });
}

test("a layer that cannot be exported is named, with its reason and what is possible, and nothing is written", async () => {
  const { conv2d, dense, upSampling2d, batchNormalization, reLU, depthwiseConv2d, activation } = tf.layers;
  const shared = conv2d({ name: "twice", filters: 1, kernelSize: 1 });
  const [a, b] = [tf.input({ shape: [8, 8, 1] }), tf.input({ shape: [8, 8, 1] })];
  const cases: [tf.LayersModel, RegExp][] = [
    [inARow(depthwiseConv2d({ name: "deep", kernelSize: 1 })), /its layer deep \(DepthwiseConv2D\) is not one of the/],
    [inARow(dense({ name: "dot", units: 1 })), /its layer dot \(Dense\) is not one of the layers.*\. These .*: Conv2D, /],
    [inARow(upSampling2d({ name: "up", size: [2, 2], interpolation: "bilinear" })), /up \(.*\) has the interpolation bil/],
    [inARow(batchNormalization({ name: "rows", axis: 1 })), /rows \(.*\) works along the axis 1, not along the channels/],
    [inARow(reLU({ name: "six", maxValue: 6 })), /six \(ReLU\) is clipped at 6/],
    [inARow(conv2d({ name: "e", filters: 1, kernelSize: 1, activation: "elu" })), /e \(Conv2D\) has the activation elu/],
    [inARow(conv2d({ name: "f", filters: 8, kernelSize: 1, dataFormat: "channelsFirst" })), /takes its channels first/],
    [inARow(activation({ name: "nothing", activation: "linear" })), /has no layers that compute anything/],
    [inARow(shared, shared), /its layer twice \(Conv2D\) is used in several places/],
    [inARow(conv2d({ filters: 1, kernelSize: 3 })), /model odd makes the size - 2 pixels of what it gets/],
    [tf.model({ inputs: [a, b], outputs: tf.layers.add().apply([a, b]) as tf.SymbolicTensor }), /2 inputs and 1 outputs/],
    [tf.sequential({ layers: [dense({ inputShape: [20], units: 20 })] }), /takes \[, 20\], not images \[n, height/],
  ]; // biome-ignore format: one model a line
  const folder = path.join(root, "nothing");
  for (const to of exportFormats)
    for (const [model, message] of cases) {
      await assert.rejects(exportModel(model, folder, { to }), message);
      assert.ok(!fs.existsSync(folder));
    }
});

test("to Keras, attention in a model for images of any size is refused, with what to do", async () => {
  const model = unet({ filters: 4, attention: "layer", height: null, width: null });
  await assert.rejects(exportModel(model, path.join(root, "any"), { to: "keras" }), {
    name: "RangeError",
    message:
      /middle_quarter_attention \(attention\) cannot be exported to Keras .* any size: make the model with a height/,
  });
});

test("files that exist are kept, unless they are to be replaced; files of others always", async () => {
  const folder = path.join(root, "mine");
  fs.mkdirSync(folder);
  for (const name of ["README.md", "notes.txt"]) fs.writeFileSync(path.join(folder, name), "mine");
  const { model } = models[0];
  await assert.rejects(
    exportModel(model, folder, { to: "onnx" }),
    /README\.md exists already: choose another folder, or/,
  );
  assert.deepEqual(fs.readdirSync(folder).sort(), ["README.md", "notes.txt"]);
  const names = await exportModel(model, folder, { to: "onnx", overwrite: true });
  assert.deepEqual(fs.readdirSync(folder).sort(), ["notes.txt", ...names].sort());
  assert.equal(fs.readFileSync(path.join(folder, "notes.txt"), "utf8"), "mine");
  await assert.rejects(exportModel(model, path.join(folder, "notes.txt"), { to: "onnx" }), /is a file, not a folder/);
  await assert.rejects(
    exportModel(model, folder, { to: "pytorch" as "onnx" }),
    /to must be "onnx" or "safetensors" or "keras", not "pytorch"/,
  );
});
