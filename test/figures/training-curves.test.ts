import assert from "node:assert/strict";
import { test } from "node:test";
import { trainingCurves } from "../../lib/figures/training-curves";
import { epochsOf, json } from "./fixtures";
import { assertGolden } from "./golden";

const batchesUpTo = (epoch: number, perEpoch = 12) =>
  Array.from({ length: Math.round(epoch * perEpoch) }, (_, i) => {
    const at = (i + 1) / perEpoch;
    return { epoch: at, loss: (0.1 + 0.004 * ((i * 7) % 5)) / (1 + at) + 0.004 };
  });

test("a finished training looks as committed: both losses over the epochs", () => {
  const figure = trainingCurves(epochsOf(12), "Loss of the U-Net");
  assertGolden("training-finished", figure);
  const { layout, alt } = json(figure);
  assert.equal(layout.yaxis.type, "log");
  const labels = layout.updatemenus[0].buttons.map((button: { label: string }) => button.label);
  assert.deepEqual(labels, ["✓ log", "linear"]);
  const pressed = { "updatemenus[0].buttons[0].label": "log", "updatemenus[0].buttons[1].label": "✓ linear" };
  assert.deepEqual(layout.updatemenus[0].buttons[1].args, [{ "yaxis.type": "linear", ...pressed }]);
  assert.match(alt, /validation loss from 0\.0880 to 0\.0147 in 12 epochs; lowest validation loss 0\.0147 in epoch 12/);
});

test("a running training looks as committed: the losses of its batches as a thin line", () => {
  const running = { epochs: 12, batches: batchesUpTo(5.25) };
  assertGolden("training-running", trainingCurves(epochsOf(5), "Loss of the U-Net", running));
});

test("a training that has just begun, and one of a single epoch, look as committed", () => {
  assertGolden("training-begins", trainingCurves([], "Loss", { epochs: 3, batches: batchesUpTo(0.25) }));
  assertGolden("training-one-epoch", trainingCurves(epochsOf(1), "Loss"));
  assert.match(trainingCurves([], "Loss").alt, /no epoch has ended yet/);
});

test("the axis of a running training has room to grow and changes seldom", () => {
  const end = (epoch: number) => {
    const batches = [{ epoch, loss: 1 }];
    return json(trainingCurves([], "Loss", { epochs: 12, batches })).layout.xaxis.range[1];
  };
  assert.deepEqual([0.1, 4, 4.1, 8, 8.1, 12].map(end), [4, 4, 8, 8, 12, 12]);
});

test("losses below zero, which have no logarithm, are drawn on a linear scale", () => {
  const below = epochsOf(4).map((epoch) => ({ ...epoch, loss: epoch.loss - 5, valLoss: epoch.valLoss - 5 }));
  const figure = trainingCurves(below, "Loss <below> zero");
  assertGolden("training-below-zero", figure);
  const { layout } = json(figure);
  assert.deepEqual([layout.yaxis.type, layout.updatemenus], ["linear", undefined]);
});
