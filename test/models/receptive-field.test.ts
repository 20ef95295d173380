// The receptive field that is worked out from the layers is the one that an experiment finds: change one pixel, and see
// which pixels of the result change.
import assert from "node:assert/strict";
import { test } from "node:test";
import { tf } from "../../lib/engine";
import { receptiveField } from "../../lib/models/receptive-field";
import { simpleAutoencoder } from "../../lib/models/simple-autoencoder";
import { unet } from "../../lib/models/unet";
import { randomDenoiser } from "./random-denoisers";

/** How far, at most, a changed pixel lies before and after the pixels of the result that change with it. */
function measured(model: tf.LayersModel, axis: 0 | 1, size: number, margin: number): { before: number; after: number } {
  const middle = Math.floor(size / 2);
  return tf.tidy(() => {
    const places = Array.from({ length: size }, (_, i) => (axis === 0 ? [i, i, middle, 0] : [i, middle, i, 0]));
    const impulses = tf.scatterND(tf.tensor2d(places, undefined, "int32"), tf.ones([size]), [size, size, size, 1]);
    const results = model.predict(impulses) as tf.Tensor4D;
    const changed = results
      .sub(model.predict(tf.zeros([1, size, size, 1])) as tf.Tensor)
      .abs()
      .sum(axis === 0 ? 2 : 1);
    const values = changed.reshape([size, size]).arraySync() as number[][];
    let [before, after] = [0, 0];
    for (let from = margin; from < size - margin; from++)
      for (let to = margin; to < size - margin; to++)
        if (values[from][to] !== 0) [before, after] = [Math.max(before, to - from), Math.max(after, from - to)];
    return { before, after };
  });
}

for (let seed = 0; seed < 16; seed++)
  test(`random model ${seed}: the receptive field is that of the experiment`, () => {
    const { rows, columns } = receptiveField(randomDenoiser(seed, { linear: true, size: 216 }));
    for (const [axis, { before, after, stride, margin }] of [rows, columns].entries()) {
      const common = rows.stride * columns.stride;
      const size = Math.ceil((2 * margin + before + after + 2 * stride + 1) / common) * common;
      const model = randomDenoiser(seed, { linear: true, size });
      assert.deepEqual(measured(model, axis as 0 | 1, size, margin), { before, after }, `axis ${axis}`);
    }
  });

test("the receptive fields of the two models, counted by hand", () => {
  for (const { rows, columns } of [unet(), unet({ height: null, width: null, channels: 3 })].map(receptiveField)) {
    assert.deepEqual(rows, columns);
    // Pixel 1 of the result needs, two convolutions a stage, pixels from -1 on at full resolution, so from floor(-1/2) =
    // -1 on at half and with the convolutions -3, -2 and -4 at the quarter; going down, -8 and -10 at half, -20 and -22.
    assert.deepEqual(rows, { before: 23, after: 23, stride: 4, margin: 24 });
  }
  // One convolution a stage: pixel 2 needs pixels from 1 on at full resolution, 0 and -1 at half, -1 and -2 at the
  // quarter, -4 and -5 at half, -10 and -11 at full.
  const { rows } = receptiveField(simpleAutoencoder());
  assert.deepEqual(rows, { before: 13, after: 13, stride: 4, margin: 12 });
});

test("models that mix pixels from anywhere, or change the size, are refused with the layer's name", () => {
  const input = () => tf.input({ shape: [8, 8, 1] });
  const model = (...layers: tf.layers.Layer[]) => {
    const x = input();
    const outputs = layers.reduce((y, layer) => layer.apply(y) as tf.SymbolicTensor, x as tf.SymbolicTensor);
    return tf.model({ inputs: x, outputs, name: "odd" });
  };
  const { dense, flatten, reshape, conv2d, batchNormalization, layerNormalization, prelu } = tf.layers;
  const global = [flatten({ name: "all" }), dense({ units: 64 }), reshape({ targetShape: [8, 8, 1] })];
  const cases: [tf.LayersModel, RegExp][] = [
    [model(...global), /model odd is not known: its layer all \(Flatten\) may mix pixels from anywhere/],
    [model(batchNormalization({ axis: 1, name: "rows" })), /its layer rows \(BatchNormalization\) may mix pixels/],
    [model(layerNormalization({ axis: [1, 2, 3], name: "image" })), /its layer image \(LayerNormalization\) may mix/],
    [model(prelu({ name: "slopes" })), /its layer slopes \(PReLU\) may mix pixels/],
    [model(conv2d({ filters: 1, kernelSize: 2, strides: 2 })), /odd makes 1\/2 of the size of what it gets/],
    [model(conv2d({ filters: 1, kernelSize: 3 })), /odd makes the size - 2 pixels of what it gets/],
  ];
  for (const [refused, message] of cases) assert.throws(() => receptiveField(refused), message);
  const [a, b] = [input(), input()];
  const sum = tf.model({ inputs: [a, b], outputs: tf.layers.add().apply([a, b]) as tf.SymbolicTensor });
  assert.throws(() => receptiveField(sum), /one input and one output, not 2 and 1/);
});
