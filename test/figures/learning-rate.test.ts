import assert from "node:assert/strict";
import { test } from "node:test";
import { learningRateCurve } from "../../lib/figures/learning-rate";
import { epochsOf } from "./fixtures";
import { assertGolden } from "./golden";

const rates = [0.0004, 0.00462, 0.00796, 0.0074, 0.0063, 0.005, 0.0036, 0.0023, 0.0012, 0.0005, 0.00007];
const epochs = epochsOf(rates.length).map((epoch, i) => ({ ...epoch, learningRate: rates[i] }));

test("the learning rate of each epoch, on a scale from zero", () => {
  assertGolden("learning-rate", learningRateCurve(epochs, "Learning rate"));
});

test("the description tells its course; without epochs there is none", () => {
  assert.match(learningRateCurve(epochs, "Rate").alt, /^Rate: it begins at 0\.0004, is highest in epoch 3 \(0\.00796\), and 0\.00007 in epoch 11, the last\.$/); // biome-ignore format: short
  assert.equal(learningRateCurve([], "Rate").alt, "Rate: no epoch has ended yet.");
});
