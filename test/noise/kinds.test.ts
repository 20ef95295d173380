// Noise by kind and level: one meaning of sigma for all kinds; ranges and mixtures, image by image.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Images, imageSize, sliceImages } from "../../lib/data/images";
import { gaussian } from "../../lib/noise/gaussian";
import { type NoiseKind, type NoiseSettings, noiseKinds, noiseModel, noiseName } from "../../lib/noise/kinds";

const flat = (value: number, n: number, side = 50): Images => ({
  data: new Float32Array(n * side * side).fill(value),
  shape: [n, side, side, 1],
});
const deviation = ({ data }: Images): number => {
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  return Math.sqrt(data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length);
};
const each = (images: Images) => Array.from({ length: images.shape[0] }, (_, i) => sliceImages(images, i, i + 1));
const draw = { seed: 7, stream: "test noise" };

for (const kind of noiseKinds)
  test(`${kind}: sigma is the standard deviation in a pixel of 0.5; 0 leaves images as they are`, () => {
    const noisy = noiseModel({ kind, sigma: 0.1 })(flat(0.5, 40), { ...draw, clip: false });
    // the magnitude of Rician noise varies a little less: 0.0989 by its closed form
    const expected = kind === "rician" ? 0.0989 : 0.1;
    assert.ok(Math.abs(deviation(noisy) - expected) < 0.002, `${deviation(noisy)}`);
    assert.deepEqual(noiseModel({ kind, sigma: 0 })(flat(0.5, 1), draw).data, flat(0.5, 1).data);
  });

test("Gaussian noise by kind is that of `gaussian`, bit for bit, also over a range", () => {
  for (const sigma of [0.2, [0.1, 0.5]] as const)
    assert.deepEqual(
      noiseModel({ kind: "gaussian", sigma })(flat(0.5, 3), draw),
      gaussian(flat(0.5, 3), { sigma, ...draw }),
    );
});

test("a range of levels: each image has its own, spread over the range", () => {
  const found = each(noiseModel({ kind: "uniform", sigma: [0.1, 0.3] })(flat(0.5, 300, 20), { ...draw, clip: false }));
  const levels = found.map(deviation).sort((a, b) => a - b);
  assert.ok(levels[0] > 0.09 && levels[0] < 0.11 && levels[299] > 0.29 && levels[299] < 0.31, `${levels[0]}`);
  assert.ok(Math.abs(levels[150] - 0.2) < 0.03, `${levels[150]}`);
});

test("a mixture: each image has noise of one kind, each kind about as often", () => {
  const noisy = noiseModel({ kind: ["salt-and-pepper", "uniform"], sigma: 0.2 })(flat(0.5, 400, 10), draw);
  const salted = each(noisy).filter(({ data }) => data.every((value) => [0, 0.5, 1].includes(value)));
  assert.ok(Math.abs(salted.length - 200) < 40, `${salted.length}`); // a deviation is 10
});

test("the first images of a set get the same noise however many follow, and no two images the same", () => {
  const settings: NoiseSettings = { kind: ["gaussian", "laplace"], sigma: [0.1, 0.2] };
  const noisy = noiseModel(settings)(flat(0.5, 5), draw);
  const size = imageSize(noisy);
  assert.deepEqual(noiseModel(settings)(flat(0.5, 2), draw).data, noisy.data.slice(0, 2 * size));
  assert.equal(new Set(each(noisy).map(({ data }) => String(data.slice(0, 5)))).size, 5);
  assert.notDeepEqual(noiseModel(settings)(flat(0.5, 5), { ...draw, stream: "training noise" }), noisy);
});

test("what makes no sense is refused with the value", () => {
  assert.throws(
    () => noiseModel({ kind: "pink" as NoiseKind, sigma: 1 }),
    /kind of noise must be "gaussian" or .*"pink"/,
  );
  assert.throws(() => noiseModel({ kind: [], sigma: 1 }), /at least one kind/);
  assert.throws(
    () => noiseModel({ kind: "laplace", sigma: [0.3, 0.1] }),
    /sigma must be a number of at least 0.3, not 0.1/,
  );
  assert.throws(() => noiseModel({ kind: "salt-and-pepper", sigma: 0.6 }), /at most 0.5, .*, not 0.6/);
});

test("names within a sentence", () => {
  assert.deepEqual(
    [noiseName("gaussian"), noiseName(["poisson", "salt-and-pepper"])],
    ["Gaussian", "Poisson or salt-and-pepper"],
  );
});
