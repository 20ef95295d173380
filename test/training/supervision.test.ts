// Losses without clean targets: their values and gradients against closed forms, what they teach, and what is refused.
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, test } from "node:test";
import type { Images } from "../../lib/data/images";
import { tf, useNativeTraining } from "../../lib/engine";
import { unet } from "../../lib/models/unet";
import { gaussian } from "../../lib/noise/gaussian";
import { Random } from "../../lib/random";
import { hideGridPixels, hideRandomPixels } from "../../lib/training/blind-spot";
import { earlyStopping, reduceLROnPlateau, stopOnRequest } from "../../lib/training/callbacks";
import type { TrainingData } from "../../lib/training/data";
import { type FitOptions, fit } from "../../lib/training/fit";
import { chooseRecipe, fitByRecipe, type RecipeData } from "../../lib/training/recipes";
import { type NoisyLoss, noisyLoss, type Supervision, stepOnNoisy } from "../../lib/training/supervision";

afterEach(() => useNativeTraining(true));

const flat: Images = { data: new Float32Array(4 * 144).fill(0.5), shape: [4, 12, 12, 1] };
const sigma = 0.2;
const noisy = gaussian(flat, { sigma, seed: 3, clip: false });
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

/** A linear denoiser: the convolution with a kernel, without bias. */
function linear(kernel: number[][], channels = 1): tf.LayersModel {
  const conv = tf.layers.conv2d({
    inputShape: [null, null, channels],
    filters: channels,
    kernelSize: kernel.length,
    padding: "same",
    useBias: false,
  });
  const model = tf.sequential({ layers: [conv] });
  const same = (i: number, o: number) => Number(i === o);
  const weights = kernel.map((row) =>
    row.map((w) =>
      Array.from({ length: channels }, (_, i) => Array.from({ length: channels }, (_, o) => w * same(i, o))),
    ),
  );
  conv.setWeights([tf.tensor4d(weights)]);
  model.compile({ optimizer: tf.train.sgd(1), loss: "meanSquaredError" });
  return model;
}

/** The loss, and its gradient with respect to the weights: what a step of rate 1 subtracts. */
async function lossAndGradient(model: tf.LayersModel, loss: NoisyLoss, images: Images, random = new Random(1)) {
  const before = model.getWeights()[0].dataSync().slice();
  const value = await stepOnNoisy(model, loss, images, random);
  const after = model.getWeights()[0].dataSync();
  return { value, gradient: Array.from(before, (w, i) => w - after[i]) };
}

const near = (a: number, b: number, tolerance = 1e-5) =>
  assert.ok(Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b)), `${a}, not ${b}`);

test("Noise2Void hides one pixel of each 4 x 4, by the value of another within two pixels of it", () => {
  const [height, width] = [20, 17];
  const images: Images = {
    data: Float32Array.from({ length: 2 * height * width * 3 }, (_, i) => i),
    shape: [2, height, width, 3],
  };
  const { images: hidden, mask } = hideRandomPixels(images, new Random(5));
  assert.deepEqual(mask.shape, [2, height, width, 1]);
  const perCell = new Map<string, number>();
  for (let i = 0; i < mask.data.length; i++) {
    const own = [...hidden.data.subarray(3 * i, 3 * i + 3)];
    if (mask.data[i] === 0) {
      assert.deepEqual(own, [3 * i, 3 * i + 1, 3 * i + 2]);
      continue;
    }
    const [image, y, x] = [Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width];
    const cell = [image, Math.floor(y / 4), Math.floor(x / 4)].join();
    perCell.set(cell, (perCell.get(cell) ?? 0) + 1);
    const from = own[0] / 3;
    assert.deepEqual(own, [3 * from, 3 * from + 1, 3 * from + 2]); // all channels from one pixel
    const [fromImage, fromY, fromX] = [
      Math.floor(from / (height * width)),
      Math.floor(from / width) % height,
      from % width,
    ];
    assert.ok(
      from !== i && fromImage === image && Math.abs(fromY - y) <= 2 && Math.abs(fromX - x) <= 2,
      `${from} for ${i}`,
    );
  }
  assert.deepEqual([perCell.size, ...new Set(perCell.values())], [2 * 5 * 5, 1]);
});

test("Noise2Self hides every fourth pixel, by the value of a neighbour, which is as noisy as any pixel", () => {
  const images: Images = { data: Float32Array.from({ length: 80 }, (_, i) => i), shape: [1, 8, 10, 1] };
  const seen = new Set<number>();
  for (let seed = 0; seed < 40; seed++) {
    const { images: hidden, mask } = hideGridPixels(images, new Random(seed));
    const chosen = [...mask.data.keys()].filter((i) => mask.data[i] === 1);
    seen.add(chosen[0]);
    for (const i of mask.data.keys()) {
      const [y, x] = [Math.floor(i / 10), i % 10];
      const [firstY, firstX] = [Math.floor(chosen[0] / 10), chosen[0] % 10];
      assert.equal(mask.data[i], Number(y % 4 === firstY && x % 4 === firstX));
      const from = hidden.data[i];
      const apart = Math.max(Math.abs(Math.floor(from / 10) - y), Math.abs((from % 10) - x));
      assert.equal(apart, mask.data[i], `${from} for ${i}`);
    }
  }
  assert.equal(seen.size, 16);
});

for (const [name, hide] of [
  ["noise2void", hideRandomPixels],
  ["noise2self", hideGridPixels],
] as const)
  test(`${name}: value and gradient are the closed form's, in the hidden pixels alone, of two channels`, async () => {
    const images = gaussian(
      { data: new Float32Array(2 * 144 * 2).fill(0.4), shape: [2, 12, 12, 2] },
      { sigma, seed: 1, clip: false },
    );
    const loss = noisyLoss(name, { noisy: images }) as NoisyLoss;
    const w = 0.7;
    const { value, gradient } = await lossAndGradient(linear([[w]], 2), loss, images, new Random(9));
    const { images: hidden, mask } = hide(images, new Random(9));
    const terms = [...images.data.keys()].filter((i) => mask.data[i >> 1] === 1);
    near(value, mean(terms.map((i) => (w * hidden.data[i] - images.data[i]) ** 2)));
    // with respect to the weight from channel 0 to channel 0: half of the terms, of a mean over all
    const own = terms.filter((i) => i % 2 === 0);
    near(
      gradient[0],
      own.reduce((sum, i) => sum + 2 * hidden.data[i] * (w * hidden.data[i] - images.data[i]), 0) / terms.length,
    );
  });

test("SURE of a factor: value and gradient are the closed form's", async () => {
  const loss = noisyLoss("sure", { noisy, sigma }) as NoisyLoss;
  const a = 0.6;
  const { value, gradient } = await lossAndGradient(linear([[a]]), loss, noisy);
  const energy = mean(noisy.data.map((y) => y * y));
  near(value, (a - 1) ** 2 * energy - sigma ** 2 + 2 * sigma ** 2 * a, 1e-4);
  near(gradient[0], 2 * (a - 1) * energy + 2 * sigma ** 2, 1e-4);
});

test("SURE of a linear filter is, over many probes, |Ky - y|² - sigma² + 2 sigma² trace(K) / n, and its gradient too", async () => {
  // 100 times the same images: each has probes of its own
  const data = Float32Array.from({ length: 100 * noisy.data.length }, (_, i) => noisy.data[i % noisy.data.length]);
  const images: Images = { data, shape: [400, 12, 12, 1] };
  const loss = noisyLoss("sure", { noisy: images, sigma }) as NoisyLoss;
  const kernel = [
    [0.05, 0.1, 0.05],
    [0.1, 0.4, 0.1],
    [0.05, 0.1, 0.05],
  ];
  const model = linear(kernel);
  const filtered = (model.predict(tf.tensor4d(noisy.data, [...noisy.shape])) as tf.Tensor).dataSync();
  const { value, gradient } = await lossAndGradient(model, loss, images);
  const distance = mean(noisy.data.map((y, i) => (filtered[i] - y) ** 2));
  // one probe of the four images has a deviation of about 2 sigma² sqrt(2 * 0.05 / 576), 0.001; a hundred a tenth of that
  near(value, distance - sigma ** 2 + 2 * sigma ** 2 * 0.4, 4e-4);
  near(gradient[4], mean(noisy.data.map((y, i) => 2 * (filtered[i] - y) * y)) + 2 * sigma ** 2, 1e-3);
});

test("SURE is on average the error against the clean images", async () => {
  const clean: Images = {
    data: Float32Array.from({ length: 100 * 64 }, (_, i) => 0.5 + 0.4 * Math.sin(i / 5)),
    shape: [100, 8, 8, 1],
  };
  const images = gaussian(clean, { sigma, seed: 8, clip: false });
  const model = linear([
    [0.1, 0.1, 0.1],
    [0.1, 0.2, 0.1],
    [0.1, 0.1, 0.1],
  ]);
  const denoised = (model.predict(tf.tensor4d(images.data, [...images.shape])) as tf.Tensor).dataSync();
  const loss = noisyLoss("sure", { noisy: images, sigma }) as NoisyLoss;
  const { value } = await lossAndGradient(model, loss, images);
  near(value, mean(clean.data.map((x, i) => (denoised[i] - x) ** 2)), 0.003);
});

/** Squares on black. */
function squares(n: number, seed: number): Images {
  const random = new Random(seed);
  const data = new Float32Array(n * 256);
  for (let image = 0; image < n; image++) {
    const [x, y] = [random.below(8), random.below(8)];
    for (let dy = 0; dy < 8; dy++) data.fill(1, image * 256 + (y + dy) * 16 + x, image * 256 + (y + dy) * 16 + x + 8);
  }
  return { data, shape: [n, 16, 16, 1] };
}
const clean = squares(64, 1);
const heldOut = squares(32, 2);
const level = 0.4;
const pairs = { clean: heldOut, noisy: gaussian(heldOut, { sigma: level, seed: 5, clip: false }) };
const data: RecipeData = { train: clean, validation: pairs, sigma: level, seed: 6 };
const weightsOf = (model: tf.LayersModel) => tf.concat(model.getWeights().map((weight) => weight.flatten())).dataSync();
const recipeOf = (supervision: Supervision, epochs: number) =>
  chooseRecipe("default", { supervision, epochs, batchSize: 16, loss: "mean squared error" });

/** Two convolutions and a third that gives the image. */
function small(): tf.LayersModel {
  const kernelInitializer = () => tf.initializers.glorotUniform({ seed: 5 });
  const conv = (filters: number, activation: "relu" | "linear", more = {}) =>
    tf.layers.conv2d({
      filters,
      kernelSize: 3,
      padding: "same",
      activation,
      kernelInitializer: kernelInitializer(),
      ...more,
    });
  return tf.sequential({
    layers: [conv(12, "relu", { inputShape: [16, 16, 1] }), conv(12, "relu"), conv(1, "linear")],
  });
}

for (const supervision of ["clean", "noise2noise", "noise2self", "noise2void", "sure"] as const)
  test(`${supervision}: a training takes away most of the noise, and leaves no tensors behind`, async () => {
    const model = small();
    model.compile({ optimizer: tf.train.adam(0.01), loss: "meanSquaredError" });
    const options = { epochs: 1, batchSize: 16, validation: pairs, seed: 3, supervision };
    const noise = { clean, noise: { kind: "gaussian", sigma: level }, clip: false } as const;
    await fit(model, noise, options); // the optimizer makes its tensors
    const tensors = tf.memory().numTensors;
    const { epochs } = await fit(model, noise, { ...options, epochs: 20 });
    assert.equal(tf.memory().numTensors, tensors);
    // the noise is 0.16 of squared error against the clean images; the mean of 3 x 3 pixels leaves 0.037
    assert.ok(epochs[19].valLoss < 0.04, `${epochs[19].valLoss}`);
  });

const network = () => unet({ height: 16, width: 16, filters: 4, seed: 1 });
// where a rounding error changes which side of a ReLU or which pixel of a pool is taken, gradients jump
const nativeCases = [
  ["three convolutions", small, 1e-3],
  ["a U-Net", network, 0.05],
] as const;
for (const supervision of ["noise2void", "noise2self", "sure"] as const)
  for (const [name, make, tolerance] of nativeCases)
    test(`${supervision}, ${name}: with native kernels, loss and gradients are those of stock tfjs`, async () => {
      const step = async (native: boolean) => {
        useNativeTraining(native);
        const model = make();
        model.compile({ optimizer: tf.train.sgd(1), loss: "meanSquaredError" });
        const before = weightsOf(model);
        const loss = noisyLoss(supervision, { noisy: pairs.noisy, sigma: level }) as NoisyLoss;
        const value = await stepOnNoisy(model, loss, pairs.noisy, new Random(4));
        return { value, gradients: Array.from(weightsOf(model), (weight, i) => before[i] - weight) };
      };
      const [native, stock] = [await step(true), await step(false)];
      near(native.value, stock.value, 1e-3);
      const norm = (values: number[]) => Math.hypot(...values);
      const difference = norm(native.gradients.map((gradient, i) => gradient - stock.gradients[i]));
      assert.ok(difference < tolerance * norm(stock.gradients), `${difference} of ${norm(stock.gradients)}`);
    });

test("noisy images alone: trained, validated on noisy images, fixed noise is that of the training", async () => {
  const images = gaussian(clean, { sigma: level, seed: 6, stream: "training noise", clip: false });
  const alone: RecipeData = { ...data, train: { noisy: images }, validation: { noisy: pairs.noisy } };
  for (const supervision of ["noise2void", "sure"] as const) {
    const [own, byRecipe] = [small(), small()];
    const { epochs } = await fitByRecipe(own, recipeOf(supervision, 2), alone);
    await fitByRecipe(byRecipe, { ...recipeOf(supervision, 2), noise: "fixed" }, data);
    assert.deepEqual(weightsOf(own), weightsOf(byRecipe));
    assert.ok(epochs.every(({ valLoss }) => Number.isFinite(valLoss)));
  }
});

test("an interrupted training without clean images ends with the same weights", async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "supervision-"));
  const checkpoint = { file: path.join(folder, "checkpoint"), resume: true };
  const recipe = { ...recipeOf("noise2void", 2) };
  const [whole, resumed] = [small(), small()];
  await fitByRecipe(whole, recipe, data);
  const interrupt = { onEpochEnd: (_: object, run: { stop(reason: string): void }) => run.stop("interrupted") };
  await fitByRecipe(small(), recipe, data, { checkpoint, callbacks: [interrupt] });
  await fitByRecipe(resumed, recipe, data, { checkpoint });
  assert.deepEqual(weightsOf(resumed), weightsOf(whole));
  await assert.rejects(
    fitByRecipe(small(), recipeOf("noise2self", 2), data, { checkpoint }),
    /supervision noise2void, not noise2self/,
  );
  fs.rmSync(folder, { recursive: true });
});

test("nothing is stopped or chosen by a loss of noisy images; with clean ones it may be", async () => {
  const options = (callbacks: FitOptions["callbacks"], validation: FitOptions["validation"]): FitOptions => ({
    ...{ epochs: 1, batchSize: 16, supervision: "noise2void", validation, callbacks },
  });
  const train = (callbacks: FitOptions["callbacks"], validation: FitOptions["validation"] = { noisy: pairs.noisy }) => {
    const model = small();
    model.compile({ optimizer: tf.train.adam(0.001), loss: "meanSquaredError" });
    return fit(model, { noisy: pairs.noisy }, options(callbacks, validation));
  };
  await assert.rejects(
    train([earlyStopping({ patience: 1 })]),
    /earlyStopping watches the validation loss, which does not tell how good/,
  );
  await assert.rejects(
    train([reduceLROnPlateau({ factor: 0.5, patience: 1 })]),
    /reduceLROnPlateau watches .* give pairs of noisy and clean/,
  );
  await train([earlyStopping({ patience: 1 })], pairs);
  const original = { ...recipeOf("noise2void", 1), schedule: "plateau" as const };
  await assert.rejects(
    fitByRecipe(small(), original, { ...data, validation: { noisy: pairs.noisy } }),
    /earlyStopping watches/,
  );
});

test("stopped on request, a training that is validated on noisy images keeps its newest weights", async () => {
  const model = small();
  model.compile({ optimizer: tf.train.adam(0.01), loss: "meanSquaredError" });
  let stop = () => {};
  let newest: unknown;
  const request = stopOnRequest({
    listen: (ask) => {
      stop = ask;
      return () => {};
    },
    reason: "asked",
  });
  const ask = {
    onEpochEnd: ({ epoch }: { epoch: number }) => {
      newest = weightsOf(model);
      if (epoch === 3) stop();
    },
  };
  await fit(
    model,
    { noisy: pairs.noisy },
    {
      epochs: 9,
      batchSize: 16,
      supervision: "noise2self",
      validation: { noisy: pairs.noisy },
      callbacks: [request, ask],
    },
  );
  assert.deepEqual(weightsOf(model), newest);
});

test("what a loss is not made for is refused with a sentence", async () => {
  const refused = async (supervision: Supervision, train: TrainingData, message: RegExp) => {
    const model = small();
    model.compile({ optimizer: tf.train.adam(0.001), loss: "meanSquaredError" });
    await assert.rejects(fit(model, train, { epochs: 1, batchSize: 8, supervision, validation: pairs }), message);
  };
  const gaussianNoise = { kind: "gaussian", sigma: 0.3 } as const;
  await refused(
    "sure",
    { noisy: clean },
    /SURE needs the standard deviation of the noise, one number above 0 for all images: give it/,
  );
  await refused(
    "sure",
    { clean, noise: { kind: "gaussian", sigma: [0.1, 0.3] } },
    /one number above 0 for all images, not 0.1 to 0.3/,
  );
  await refused(
    "sure",
    { clean, noise: { kind: "poisson", sigma: 0.3 } },
    /SURE is for Gaussian noise, not for poisson/,
  );
  await refused("sure", { clean, noise: gaussianNoise, clip: true }, /not clipped: set clip to false/);
  await refused(
    "noise2void",
    { clean, noise: { kind: ["gaussian", "correlated"], sigma: 0.3 } },
    /independent from pixel to pixel/,
  );
  await refused("noise2noise", { noisy: clean }, /noise2noise needs two noisy versions of each image/);
  await refused("noise2noise", pairs, /noise2noise needs two noisy versions of each image/);
  await refused("clean", { noisy: clean }, /no clean images to learn from: give them, or choose the supervision/);
  await refused("n2v" as Supervision, { noisy: clean }, /supervision must be "clean" or "noise2noise" or .*not "n2v"/);
  const model = small();
  await assert.rejects(
    fitByRecipe(model, { ...recipeOf("sure", 1), loss: "log-MSE and SSIM" }, data),
    /sure needs the loss "mean squared error": "log-MSE and SSIM" is for clean targets/,
  );
  await assert.rejects(
    fitByRecipe(model, recipeOf("clean", 1), { ...data, validation: { noisy: pairs.noisy } }),
    /validation needs clean images/,
  );
  assert.equal(chooseRecipe("default", { supervision: "sure" }).loss, "mean squared error");
  assert.equal(chooseRecipe("default", { supervision: "clean" }).loss, "log-MSE and SSIM");
});
