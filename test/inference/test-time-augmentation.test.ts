// The mean over shifts: results are shifted back exactly, and pixels that leave at one edge enter at the other.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Images } from "../../lib/data/images";
import { tf } from "../../lib/engine";
import { denoiseAugmented, type Shift } from "../../lib/inference/test-time-augmentation";
import { wave } from "../golden";

const images: Images = { data: Float32Array.from(wave(2 * 30 * 3, 1)), shape: [2, 5, 6, 3] };
const cross: Shift[] = [
  [0, 0],
  [0, 1],
  [-7, 0],
];

function model(pixelwise: boolean): tf.LayersModel {
  const layer = tf.layers.conv2d({ filters: 3, kernelSize: pixelwise ? 1 : 3, padding: "same", inputShape: [5, 6, 3] });
  const result = tf.sequential({ layers: [layer] });
  result.setWeights(result.getWeights().map(({ shape }) => tf.ones(shape)));
  return result;
}

test("a model that sees single pixels gives the same for every shift", () => {
  const own = denoiseAugmented(model(true), images, [[0, 0]]);
  const augmented = denoiseAugmented(model(true), images, cross);
  own.data.forEach((value, i) => {
    assert.ok(Math.abs(value - augmented.data[i]) < 1e-5);
  });
});

test("the result is the mean over the shifts", () => {
  const results = cross.map((shift) => denoiseAugmented(model(false), images, [shift]).data);
  const augmented = denoiseAugmented(model(false), images, cross);
  augmented.data.forEach((value, i) => {
    assert.ok(Math.abs(value - (results[0][i] + results[1][i] + results[2][i]) / 3) < 1e-4);
  });
  assert.ok(results[0].some((value, i) => Math.abs(value - results[1][i]) > 0.1));
});

test("no shifts, and shifts by half a pixel, are refused", () => {
  assert.throws(() => denoiseAugmented(model(true), images, []), /shifts must be pairs of whole numbers/);
  assert.throws(() => denoiseAugmented(model(true), images, [[0.5, 0]]), /not \[\[0\.5,0\]\]/);
});
