// A model's card says which noise and which images it is for; others are named, and the fitting model is chosen.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Images, sliceImages } from "../../lib/data/images";
import { loadMnist } from "../../lib/data/mnist";
import { checkFit, chooseModel, estimatedRange } from "../../lib/inference/model-choice";
import type { ModelCard } from "../../lib/models/card";
import { gaussian } from "../../lib/noise/gaussian";

const digits = sliceImages(loadMnist({ dataset: "quick" }).train, 0, 400);
const noisyDigits = (sigma: number, seed = 1) => gaussian(digits, { sigma, seed });

/** A smooth picture with edges, as photographs have them. */
const photograph = (height: number, width: number, channels: number): Images => ({
  data: Float32Array.from({ length: height * width * channels }, (_, i) => {
    const [y, x] = [Math.floor(i / channels / width), Math.floor(i / channels) % width];
    return 0.5 + 0.2 * Math.sin(x / 19) + ((x >> 5) + (y >> 5)) % 2 / 5 - 0.1;
  }),
  shape: [1, height, width, channels],
}); // biome-ignore format: short

function card(name: string, noise: Partial<ModelCard["noise"]>, trainedOn: Partial<ModelCard["trainedOn"]>): ModelCard {
  return {
    ...{ schema: 1, name, description: "", scores: [], recipe: {}, seed: 1, versions: {} },
    ...{ receptiveField: [47, 47], command: "" },
    trainedOn: { data: "pictures", channels: 1, size: null, digests: {}, ...trainedOn },
    noise: { kind: "gaussian", sigma: [0.1, 0.1], clipped: true, estimated: [0.08, 0.11], ...noise },
  };
}
const ofDigits = card(
  "digits",
  { sigma: [0.5, 0.5], estimated: estimatedRange(noisyDigits(0.5)) },
  { data: "MNIST", size: [28, 28] },
);

test("digits with the noise of the training fit, although clipping halves the estimate; others do not", () => {
  const { estimated } = ofDigits.noise;
  assert.ok(estimated[0] > 0.2 && estimated[1] < 0.32, `${estimated}`);
  assert.deepEqual(checkFit(ofDigits, noisyDigits(0.5, 2)), []);
  const others = noisyDigits(0.5, 3);
  const single = Array.from({ length: 100 }, (_, i) => checkFit(ofDigits, sliceImages(others, i, i + 1)));
  assert.ok(single.filter((reasons) => reasons.length === 0).length >= 95, "most single digits fit, too");
  for (const sigma of [0, 0.1, 0.3, 1]) {
    const [reason, ...more] = checkFit(ofDigits, noisyDigits(sigma));
    assert.match(
      reason,
      /^digits is for noise of sigma 0\.5, which is estimated at 0\.2\d? to 0\.\d+; that of these images/,
    );
    assert.equal(more.length, 0);
  }
});

test("a model of digits that is asked to clean a photograph says why it does not fit", () => {
  const [channels, size, noise] = checkFit(ofDigits, photograph(64, 80, 3));
  assert.equal(channels, "digits was trained on grey images (MNIST), and these have 3 channels");
  assert.equal(size, "digits was trained on whole images of 28 x 28 pixels (MNIST), and these have 64 x 80");
  assert.match(noise, /^digits is for noise of sigma 0\.5, .* that of these images is estimated at 0$/);
});

test("of several models the fitting one is chosen, and the one with the narrowest range", () => {
  const models = [
    { card: card("any noise", { sigma: [0, 0.3], estimated: [0.01, 0.31] }, {}) },
    { card: ofDigits },
    { card: card("sigma 25", {}, {}) },
    { card: card("sigma 50", { sigma: [0.2, 0.2], estimated: [0.15, 0.2] }, {}) },
    { card: card("colour", {}, { channels: 3 }) },
  ];
  const choose = (sigma: number, channels = 1) =>
    chooseModel(models, gaussian(photograph(128, 96, channels), { sigma, seed: 1 }));
  assert.equal(choose(0.098).chosen, models[2]);
  assert.match(choose(0.098).reason, /^sigma 25 \(trained on pictures\): the noise is estimated at sigma 0\.0\d+$/);
  assert.equal(choose(0.2).chosen, models[3]);
  assert.equal(choose(0.03).chosen, models[0]);
  assert.equal(choose(0.098, 3).chosen, models[4]);
  assert.equal(chooseModel(models, noisyDigits(0.5)).chosen, models[1]);
  assert.throws(
    () => choose(0.2, 3),
    /^RangeError: no model fits:\nany noise was trained on grey images .*\n(sigma 50 was .*\n)colour is for noise of sigma 0\.1, .*$/,
  );
  assert.throws(() => chooseModel([], noisyDigits(0.5)), /there are no models to choose from/);
  const none: Images = { data: new Float32Array(0), shape: [0, 28, 28, 1] };
  assert.throws(() => checkFit(ofDigits, none), /no image whose noise/);
  assert.throws(() => estimatedRange(none), /at least one image/);
});
