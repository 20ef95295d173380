import assert from "node:assert/strict";
import { test } from "node:test";
import { lineStyle } from "../../lib/figures/figure";
import { sweepCurves, trainingStyle } from "../../lib/figures/sweep-curves";
import { epochsOf, json } from "./fixtures";
import { assertGolden } from "./golden";

const trainings = [0.001, 0.002, 0.004, 0.008].map((learningRate, i) => ({
  name: `learningRate ${learningRate}, sigma 0.5`,
  epochs: epochsOf(12, 1 + i / 5),
}));

test("a sweep looks as committed: a line of validation losses for each run", () => {
  const figure = sweepCurves(trainings, "Losses of a sweep");
  assertGolden("sweep", figure);
  assert.equal(json(figure).data.length, 2 * trainings.length);
  assert.match(figure.alt, /learningRate 0\.002, sigma 0\.5: 0\.0176 in epoch 12 of 12/);
});

test("a sweep of many runs has room for its legend; one without runs says so", () => {
  const many = Array.from({ length: 20 }, (_, i) => ({ name: `run ${i}`, epochs: epochsOf(3, 1 + i / 10) }));
  assertGolden("sweep-many", sweepCurves(many, "Losses of a sweep"));
  assert.match(sweepCurves([], "Losses").alt, /no training has ended yet/);
});

test("nine lines differ in colour, and also without colours; eighteen trainings have styles of their own", () => {
  const styles = Array.from({ length: 9 }, (_, index) => lineStyle(index));
  assert.equal(new Set(styles.map(({ color }) => color)).size, 9);
  assert.equal(new Set(styles.map(({ dash, symbol }) => `${dash} ${symbol}`)).size, 9);
  const many = Array.from({ length: 18 }, (_, index) => JSON.stringify(trainingStyle(index)));
  assert.equal(new Set(many).size, 18);
});
