// The mean over shifts: moved there and back without a trace, and what comes in at an edge left at the other.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Images } from "../../lib/data/images";
import { tf } from "../../lib/engine";
import { denoiseShifted, type Shift } from "../../lib/inference/test-time-augmentation";
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

test("a model that looks at single pixels answers the same wherever an image is moved", () => {
  const [own] = [denoiseShifted(model(true), images, [[0, 0]])];
  const ensemble = denoiseShifted(model(true), images, cross);
  own.data.forEach((value, i) => {
    assert.ok(Math.abs(value - ensemble.data[i]) < 1e-5);
  });
});

test("it is the mean of the answers", () => {
  const answers = cross.map((shift) => denoiseShifted(model(false), images, [shift]).data);
  const ensemble = denoiseShifted(model(false), images, cross);
  ensemble.data.forEach((value, i) => {
    assert.ok(Math.abs(value - (answers[0][i] + answers[1][i] + answers[2][i]) / 3) < 1e-4);
  });
  assert.ok(answers[0].some((value, i) => Math.abs(value - answers[1][i]) > 0.1));
});

test("no shifts, or halves of pixels, are refused", () => {
  assert.throws(() => denoiseShifted(model(true), images, []), /shifts must be pairs of whole numbers/);
  assert.throws(() => denoiseShifted(model(true), images, [[0.5, 0]]), /not \[\[0\.5,0\]\]/);
});
