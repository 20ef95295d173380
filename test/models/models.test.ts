// Same weights, same images: our models must give the numbers that Keras gives, before and after training steps.
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { tf } from "../../lib/engine";
import { denoise } from "../../lib/inference/denoise";
import { loadModel, saveModel } from "../../lib/models/files";
import { simpleAutoencoder } from "../../lib/models/simple-autoencoder";
import { unet } from "../../lib/models/unet";
import { binaryCrossentropy } from "../../lib/training/losses";
import { golden, wave } from "../golden";

interface Case {
  name: "simpleAutoencoder" | "unet";
  parameters: number;
  outputShapes: number[][];
  images: number;
  pickedPixels: number[];
  outputBefore: number[];
  losses: number[];
  outputAfter: number[];
}

const build = {
  simpleAutoencoder: { model: simpleAutoencoder, loss: binaryCrossentropy },
  unet: { model: unet, loss: "meanSquaredError" },
};

/** As make.py's `set_weights`. */
function setWeights(model: tf.LayersModel): void {
  model.layers
    .filter((layer) => layer.getWeights().length > 0)
    .forEach((layer, number) => {
      const isNorm = layer.getClassName() === "BatchNormalization";
      const values = layer.getWeights().map(({ shape }, part) => {
        const scale =
          isNorm || shape.length === 1
            ? 0.2
            : 2 * Math.sqrt(3 / shape.slice(0, -1).reduce((product, size) => product * size, 1));
        const offset = isNorm && (part === 0 || part === 3) ? 1 : 0;
        const noise = wave(
          shape.reduce((product, size) => product * size, 1),
          number + 10 * part,
        );
        return tf.tensor(
          noise.map((value) => offset + scale * (value - 0.5)),
          shape,
        );
      });
      layer.setWeights(values);
      tf.dispose(values);
    });
}

const largest = (a: number[], b: number[]) => Math.max(...a.map((value, i) => Math.abs(value - b[i])));

for (const expected of golden<Case>("models.json"))
  test(`${expected.name} has Keras' layers and parameters, and computes and trains as Keras does`, async () => {
    const { model: make, loss } = build[expected.name];
    const model = make();
    assert.equal(model.countParams(), expected.parameters);
    const shapes = model.layers.map((layer) => layer.outputShape.slice(1));
    assert.deepEqual(shapes.slice(-expected.outputShapes.length), expected.outputShapes);

    setWeights(model);
    const shape = [expected.images, 28, 28, 1] as const;
    const noisy = { data: wave(expected.images * 784, 1), shape };
    const clean = wave(expected.images * 784, 2).map(Math.round);
    const picked = () => expected.pickedPixels.map((i) => denoise(model, noisy, { batchSize: 4 }).data[i]);
    assert.ok(largest(picked(), expected.outputBefore) < 1e-5);

    model.compile({ optimizer: tf.train.adam(1e-3), loss });
    const x = tf.tensor4d(noisy.data, [...shape]);
    const y = tf.tensor4d(clean, [...shape]);
    const losses: number[] = [];
    for (const _ of expected.losses) losses.push((await model.trainOnBatch(x, y)) as number);
    assert.ok(Math.abs(losses[0] - expected.losses[0]) < 1e-6);
    // then a little apart: tfjs' and Keras' Adam put epsilon in different places, which tiny gradients feel
    assert.ok(largest(losses, expected.losses) < 5e-4, `${losses} instead of ${expected.losses}`);
    assert.ok(largest(picked(), expected.outputAfter) < 2e-3);
    tf.dispose([x, y]);
  });

test("the U-Net's options are checked", () => {
  for (const filters of [0, -1, 2.5, Number.NaN, [8, 16, 0]] as const)
    assert.throws(() => unet({ filters: filters as number }), /filters must be a whole number of at least 1, not /);
  assert.throws(
    () => unet({ filters: [8, 16] as unknown as number }),
    /filters must be one number or three, not 2: \[8, 16\]/,
  );
  assert.throws(
    () => unet({ outputActivation: "relu" as "sigmoid" }),
    /outputActivation must be "sigmoid" or "hardSigmoid", not "relu"/,
  );
  for (const make of [unet, simpleAutoencoder])
    assert.throws(() => make({ seed: 0.5 }), /seed must be a whole number, not 0.5/);
});

for (const make of [simpleAutoencoder, unet])
  test(`${make.name} takes grey and colour, of any size and of a given one`, () => {
    const grey = make();
    for (const channels of [1, 3] as const) {
      const any = make({ channels, height: null, width: null });
      assert.deepEqual(any.inputs[0].shape, [null, null, null, channels]);
      for (const [height, width] of [[8, 12], [64, 4]]) {
        const noisy = { data: wave(2 * height * width * channels, 5), shape: [2, height, width, channels] as const };
        const given = make({ channels, height, width });
        assert.deepEqual(given.outputs[0].shape, [null, height, width, channels]);
        assert.deepEqual(denoise(given, noisy), denoise(any, noisy));
      }
    }
    assert.deepEqual(grey.inputs[0].shape, [null, 28, 28, 1]);
    const own = make({ height: null, width: null });
    assert.deepEqual(
      own.getWeights().map((weight) => weight.dataSync()),
      grey.getWeights().map((weight) => weight.dataSync()),
    );
    for (const size of [0, 30, 2.5])
      assert.throws(() => make({ height: size }), new RegExp(`height must be null .* or a multiple of 4, not ${size}`));
    assert.throws(() => make({ width: 30 }), /width must be null .* or a multiple of 4, not 30/);
    assert.throws(() => make({ channels: 2 as 1 }), /channels must be 1 or 3, not 2/);
  }); // biome-ignore format: short

test("a U-Net that predicts the noise subtracts it, and gives what it gets before it is trained", () => {
  const model = unet({ channels: 3, height: null, width: null, filters: 4, predicts: "noise" });
  assert.equal(model.countParams(), unet({ channels: 3, filters: 4 }).countParams());
  const noisy = { data: wave(8 * 8 * 3, 3).map((value) => 3 * value - 1), shape: [1, 8, 8, 3] as const };
  assert.deepEqual(denoise(model, noisy).data, noisy.data);
  const last = model.getLayer("negative_noise");
  last.setWeights(last.getWeights().map((weight) => tf.onesLike(weight)));
  assert.notDeepEqual(denoise(model, noisy).data, noisy.data);
  assert.throws(() => unet({ predicts: "noises" as "noise" }), /predicts must be "image" or "noise", not "noises"/);
  assert.throws(
    () => unet({ predicts: "noise", outputActivation: "sigmoid" }),
    /outputActivation is for a U-Net that predicts the image/,
  );
});

test("equal seeds give equal initial weights, other seeds different ones", () => {
  const first = (model: tf.LayersModel) => [...model.getWeights()[0].dataSync()];
  for (const make of [simpleAutoencoder, unet]) {
    assert.deepEqual(first(make({ seed: 1 })), first(make({ seed: 1 })));
    assert.notDeepEqual(first(make({ seed: 1 })), first(make({ seed: 2 })));
  }
});

test("residual blocks add the result of their first convolution, without more parameters", () => {
  const pair = { data: wave(2 * 784, 3), shape: [2, 28, 28, 1] as const };
  /** How much the images' results differ when the second convolutions of all blocks give nothing. */
  const difference = (residual: boolean) => {
    const model = unet({ filters: 4, residual });
    assert.equal(model.countParams(), unet({ filters: 4 }).countParams());
    for (const layer of model.layers.filter(({ name }) => name.endsWith("_norm2")))
      layer.setWeights(layer.getWeights().map((weight, i) => (i < 2 ? tf.zerosLike(weight) : weight)));
    const [first, second] = tf.split(tf.tensor(denoise(model, pair).data, [2, 784]), 2);
    return largest([...first.dataSync()], [...second.dataSync()]);
  };
  assert.equal(difference(false), 0);
  assert.ok(difference(true) > 1e-3);
});

test("hardSigmoid is 0.2 x + 0.5, clipped to [0, 1]", () => {
  const noisy = { data: wave(784, 3), shape: [1, 28, 28, 1] as const };
  const [curved, straight] = (["sigmoid", "hardSigmoid"] as const).map((outputActivation) => {
    const model = unet({ filters: 4, outputActivation });
    const last = model.layers[model.layers.length - 1];
    last.setWeights(last.getWeights().map((weight) => weight.mul(50)));
    return denoise(model, noisy).data;
  });
  const line = [...curved].map((p) => Math.min(1, Math.max(0, 0.2 * Math.log(p / (1 - p)) + 0.5)));
  assert.ok(largest([...straight], line) < 1e-4);
  assert.ok(straight.includes(0) && straight.includes(1));
});

test("denoising does not depend on the batch size, and leaves no tensors behind", () => {
  const model = unet();
  const noisy = { data: wave(10 * 784, 3), shape: [10, 28, 28, 1] as const };
  denoise(model, noisy);
  const before = tf.memory().numTensors;
  const whole = denoise(model, noisy);
  const pieces = denoise(model, noisy, { batchSize: 3 });
  assert.equal(tf.memory().numTensors, before);
  assert.ok(largest([...whole.data], [...pieces.data]) < 1e-5);
});

test("a saved model loads and computes the same, in a folder with spaces and accents", async () => {
  const folder = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "un dénoiseur ")), "model");
  const noisy = { data: wave(784, 3), shape: [1, 28, 28, 1] as const };
  for (const seed of [1, 2]) {
    const model = unet({ seed });
    await saveModel(model, folder);
    assert.deepEqual(denoise(await loadModel(folder), noisy).data, denoise(model, noisy).data);
  }
  await assert.rejects(loadModel(path.join(folder, "nothing")), /no model in .*nothing/);
});
