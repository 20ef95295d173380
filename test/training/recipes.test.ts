// Recipes by name: their settings, changes to them, and that they train.
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import type { Images } from "../../lib/data/images";
import { tf } from "../../lib/engine";
import { unet } from "../../lib/models/unet";
import { gaussian } from "../../lib/noise/gaussian";
import { fit } from "../../lib/training/fit";
import { checkParameters } from "../../lib/training/parameters";
import {
  chooseRecipe,
  fitByRecipe,
  type Recipe,
  type RecipeData,
  type RecipeName,
  recipes,
} from "../../lib/training/recipes";
import { wave } from "../golden";

test("the original's recipe is the Keras notebook's", () => {
  const { filters, epochs, batchSize, learningRate, loss, noise } = chooseRecipe("original");
  assert.deepEqual([filters, epochs, batchSize, learningRate], [16, 10, 256, 1e-3]);
  assert.deepEqual([loss, noise], ["mean squared error", "fixed"]);
});

test("the default's network is the original's with self-attention", () => {
  const parameters = ({ filters, attention }: Recipe) => unet({ filters, attention }).countParams();
  assert.equal(parameters(recipes.default), 137_809);
  assert.equal(parameters({ ...recipes.default, attention: "none" }), parameters(recipes.original));
  assert.equal(parameters(recipes.best), 984_897); // as in the table of docs/results.md
});

test("given settings replace the recipe's own, undefined ones do not", () => {
  const changed = chooseRecipe("default", { epochs: 3, batchSize: undefined });
  assert.deepEqual([changed.epochs, changed.batchSize], [3, recipes.default.batchSize]);
  assert.equal(recipes.default.epochs, chooseRecipe("default").epochs);
  assert.throws(() => chooseRecipe("fastest" as RecipeName), /no recipe "fastest"; there are original, default, best/);
});

test("a setting out of range is refused by name, with what is allowed", () => {
  assert.throws(() => chooseRecipe("default", { epochs: 0 }), /epochs must be a whole number from 1 to 10000, not 0/);
  assert.throws(() => chooseRecipe("default", { batchSize: 2.5 }), /batchSize must be a whole number/);
  assert.throws(
    () => chooseRecipe("best", { learningRate: -1 }),
    /learningRate must be a number from 1e-7 to 1, not -1/,
  );
  assert.throws(() => chooseRecipe("default", { filters: [16, 0, 3] }), /filters must be a whole number.*not 0/);
  assert.throws(
    () => chooseRecipe("default", { attention: "some" as Recipe["attention"] }),
    /attention must be "none" or "layer" or "transformer", not "some"/,
  );
  assert.throws(() => chooseRecipe("default", { validationShare: Number.NaN }), /validationShare must.*not NaN/);
});

test("parameters are refused by name, with what is allowed, and known by their type", () => {
  checkParameters({ dataset: "quick", sigma: 0, seed: 42, resume: true, epochs: undefined, filters: [1, 2, 3] });
  const refused = (parameters: object, message: RegExp) => assert.throws(() => checkParameters(parameters), message);
  refused({ sigma: -1 }, /^RangeError: sigma must be a number from 0 to 10, not -1$/);
  refused({ sigma: "0.5" }, /^RangeError: sigma must be a number from 0 to 10, not "0.5"$/);
  refused({ seed: 1.5 }, /seed must be a whole number from 0 to 2147483647, not 1.5/);
  refused({ epochs: null }, /epochs must be a whole number from 1 to 10000, not null/);
  refused({ filters: [16, "wide"] }, /filters must be a whole number from 1 to 512, not "wide"/);
  refused({ dataset: "small" }, /dataset must be "full" or "quick", not "small"/);
  refused({ noiseKind: "pink" }, /noiseKind must be "gaussian" or "uniform" or .*, not "pink"/);
  refused({ noise: "fresh" }, /noise must be "fixed" or "online", not "fresh"/);
  refused({ loss: "mse" }, /loss must be "mean squared error" or "log-MSE and SSIM", not "mse"/);
  refused({ resume: "yes" }, /resume must be true or false, not "yes"/);
});

const clean: Images = { data: Float32Array.from(wave(24 * 784, 1)), shape: [24, 28, 28, 1] };
const validation = { clean, noisy: gaussian(clean, { sigma: 0.5, seed: 44 }) };

test("a checkpoint is not resumed with another recipe, noise or schedule", async () => {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "recipe-")), "checkpoint");
  const train = async (changes: Partial<Recipe>, sigma = 0.5, resume = true) => {
    const settings = { ...chooseRecipe("default", { epochs: 1, batchSize: 8, ...changes }), filters: 4 };
    const data = { train: clean, validation, sigma, seed: 1 };
    return fitByRecipe(unet({ filters: 4 }), settings, data, { checkpoint: { file, resume } });
  };
  await train({});
  assert.equal((await train({})).epochs.length, 1);
  await assert.rejects(train({}, 0.3), /was trained with sigma 0.5, not 0.3/);
  await assert.rejects(train({ learningRate: 0.1 }), /was trained with learningRate 0.008, not 0.1/);
  await assert.rejects(train({ epochs: 2 }), /was trained with epochs 1, not 2/);
  await assert.rejects(train({ noise: "fixed" }), /was trained with noise online, not fixed/);
  fs.rmSync(path.dirname(file), { recursive: true });
});

for (const name of ["original", "default"] as const)
  test(`the recipe "${name}" trains: equal seeds, equal weights, and its own learning rates`, async () => {
    const settings = { ...chooseRecipe(name, { epochs: 2, batchSize: 8 }), filters: 4 };
    const run = async (seed: number) => {
      const model = unet({ filters: 4, seed: 1 });
      const history = await fitByRecipe(model, settings, { train: clean, validation, sigma: 0.5, seed });
      return { history, weights: tf.concat(model.getWeights().map((weight) => weight.flatten())).dataSync() };
    };
    const [first, again, other] = [await run(42), await run(42), await run(43)];
    assert.deepEqual(first.weights, again.weights);
    assert.notDeepEqual(first.weights, other.weights);
    const rates = first.history.epochs.map(({ learningRate }) => learningRate);
    if (name === "original") assert.deepEqual(rates, [1e-3, 1e-3]);
    else assert.ok(rates[0] < 0.1 * recipes.default.learningRate && rates[1] > rates[0], `${rates}`);
  });

test("noise of other kinds: fixed and online, a range of levels, not resumed with another kind", async () => {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "recipe-")), "checkpoint");
  const train = async (noiseKind: RecipeData["noiseKind"], noise: Recipe["noise"], resume = false) => {
    const settings = { ...chooseRecipe("default", { epochs: 1, batchSize: 8, noise }), filters: 4 };
    const data: RecipeData = { train: clean, validation, sigma: [0.1, 0.4], noiseKind, seed: 1 };
    const model = unet({ filters: 4, seed: 1 });
    await fitByRecipe(model, settings, data, { checkpoint: { file, resume } });
    return tf.concat(model.getWeights().map((weight) => weight.flatten())).dataSync();
  };
  const mixed = await train(["poisson", "laplace"], "online");
  assert.deepEqual(await train(["poisson", "laplace"], "online"), mixed);
  assert.notDeepEqual(await train("laplace", "online"), mixed);
  await assert.rejects(train("rician", "online", true), /was trained with noiseKind laplace, not rician/);
  assert.notDeepEqual(await train("laplace", "fixed"), await train("poisson", "fixed"));
  fs.rmSync(path.dirname(file), { recursive: true });
});

for (const clip of [true, false])
  test(`fixed noise is the stream "training noise" of the seed, ${clip ? "" : "not "}clipped`, async () => {
    const settings = { ...chooseRecipe("original", { epochs: 1, batchSize: 8 }), filters: 4 };
    const [byRecipe, byHand] = [unet({ filters: 4 }), unet({ filters: 4 })];
    await fitByRecipe(byRecipe, settings, { train: clean, validation, sigma: 0.5, clip, seed: 42 });
    byHand.compile({ optimizer: tf.train.adam(settings.learningRate), loss: "meanSquaredError" });
    const noisy = gaussian(clean, { sigma: 0.5, seed: 42, stream: "training noise", clip });
    await fit(byHand, { clean, noisy }, { epochs: 1, batchSize: 8, validation, seed: 42 });
    const kernels = (model: tf.LayersModel) => model.getWeights().map((weight) => weight.dataSync());
    assert.deepEqual(kernels(byRecipe), kernels(byHand));
  });
