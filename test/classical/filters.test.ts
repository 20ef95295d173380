import assert from "node:assert/strict";
import { test } from "node:test";
import { gaussianFilter, meanFilter } from "../../lib/classical/linear";
import { medianFilter } from "../../lib/classical/median";
import { nonLocalMeans } from "../../lib/classical/non-local-means";
import { totalVariation } from "../../lib/classical/total-variation";
import { type Images, sliceImages } from "../../lib/data/images";
import { floats, golden, wave } from "../golden";

interface Case {
  name: string;
  shape: [number, number, number, number];
  noisy: string;
  expected: { filter: keyof typeof filters; options: Record<string, number>; denoised: string }[];
}

const filters = { meanFilter, gaussianFilter, medianFilter, totalVariation, nonLocalMeans };
type Filter = (noisy: Images, options: Record<string, number>) => Images;

/** Each filter with options that suit it. */
const examples: [name: string, filter: (noisy: Images) => Images][] = [
  ["meanFilter", (noisy) => meanFilter(noisy, { size: 3 })],
  ["gaussianFilter", (noisy) => gaussianFilter(noisy, { sigma: 1 })],
  ["medianFilter", (noisy) => medianFilter(noisy, { size: 3 })],
  ["totalVariation", (noisy) => totalVariation(noisy, { weight: 0.25 })],
  ["nonLocalMeans", (noisy) => nonLocalMeans(noisy, { h: 0.25, patchSize: 5, patchDistance: 3 })],
];

const worstDifference = (a: Float32Array, b: Float32Array) =>
  a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i])), 0);

for (const { name, shape, noisy, expected } of golden<Case>("classical.json"))
  for (const { filter, options, denoised } of expected)
    test(`${filter} ${JSON.stringify(options)} equals scikit-image's: ${name}`, () => {
      const actual = (filters[filter] as Filter)({ data: floats(noisy), shape }, options);
      assert.deepEqual(actual.shape, shape);
      const difference = worstDifference(actual.data, floats(denoised));
      assert.ok(difference < 1e-6, `differs by ${difference}`);
    });

for (const [name, filter] of examples) {
  const joint = name === "totalVariation" || name === "nonLocalMeans";
  test(`${name}: each image${joint ? "" : " and each channel"} by itself, and the noisy images stay as they are`, () => {
    const noisy: Images = { data: wave(3 * 9 * 11 * 2, 1), shape: [3, 9, 11, 2] };
    const before = noisy.data.slice();
    const together = filter(noisy);
    for (let image = 0; image < 3; image++) {
      const alone = filter(sliceImages(noisy, image, image + 1));
      assert.deepEqual(alone.data, sliceImages(together, image, image + 1).data);
      for (let channel = 0; channel < 2 && !joint; channel++) {
        const pick = (data: Float32Array) => data.filter((_value, i) => i % 2 === channel);
        const alike = filter({ data: pick(sliceImages(noisy, image, image + 1).data), shape: [1, 9, 11, 1] });
        assert.deepEqual(alike.data, pick(alone.data));
      }
    }
    assert.deepEqual(noisy.data, before);
  });

  test(`${name}: a flat image stays flat, none stays none`, () => {
    for (const value of [0, 0.3, 255]) {
      const flat: Images = { data: new Float32Array(64).fill(value), shape: [1, 8, 8, 1] };
      assert.ok(worstDifference(filter(flat).data, flat.data) <= 1e-6 * value);
    }
    for (const shape of [
      [0, 28, 28, 1],
      [2, 0, 28, 1],
      [2, 28, 28, 0],
    ] as const)
      assert.deepEqual(filter({ data: new Float32Array(0), shape }), { data: new Float32Array(0), shape });
  });

  test(`${name}: an image turned over comes out turned over`, () => {
    const noisy: Images = { data: wave(12 * 12, 5), shape: [1, 12, 12, 1] };
    const transposed = ({ data, shape }: Images): Images => ({
      data: data.map((_value, i) => data[(i % 12) * 12 + Math.floor(i / 12)]),
      shape,
    });
    assert.ok(worstDifference(filter(transposed(noisy)).data, transposed(filter(noisy)).data) < 1e-6);
  });

  test(`${name}: wrong images are an error that says what is wrong`, () => {
    const good: Images = { data: wave(2 * 36, 2), shape: [2, 6, 6, 1] };
    assert.throws(() => filter({ ...good, shape: [3, 6, 6, 1] }), /noisy: shape \[3, 6, 6, 1\] needs 108 values/);
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const broken = { ...good, data: good.data.map((old, i) => (i === 40 ? value : old)) };
      assert.throws(() => filter(broken), new RegExp(`noisy holds ${value} \\(image 1\\)`));
    }
  });
}

test("wrong options are errors that say what is wrong", () => {
  const noisy: Images = { data: wave(36, 2), shape: [1, 6, 6, 1] };
  for (const size of [0, 2, -3, 2.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => meanFilter(noisy, { size }), new RangeError(`size must be an odd whole number, not ${size}`));
    assert.throws(() => medianFilter(noisy, { size }), /size must be an odd whole number/);
    assert.throws(
      () => nonLocalMeans(noisy, { h: 0.2, patchSize: size, patchDistance: 3 }),
      /patchSize must be an odd whole number/,
    );
  }
  for (const value of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    const said = (name: string) => new RangeError(`${name} must be a positive number, not ${value}`);
    assert.throws(() => gaussianFilter(noisy, { sigma: value }), said("sigma"));
    assert.throws(() => totalVariation(noisy, { weight: value }), said("weight"));
    assert.throws(() => nonLocalMeans(noisy, { h: value, patchSize: 5, patchDistance: 3 }), said("h"));
  }
  assert.throws(() => nonLocalMeans(noisy, { h: 0.2, patchSize: 1, patchDistance: 3 }), /patchSize must be at least 3/);
  assert.throws(
    () => nonLocalMeans(noisy, { h: 0.2, patchSize: 3, patchDistance: 3, sigma: -1 }),
    /sigma must be a number of at least 0, not -1/,
  );
  for (const patchDistance of [-1, 1.5, Number.NaN])
    assert.throws(
      () => nonLocalMeans(noisy, { h: 0.2, patchSize: 5, patchDistance }),
      /patchDistance must be a whole number of at least 0/,
    );
});

const coloured = ({ data, shape: [n, height, width] }: Images): Images => ({
  data: Float32Array.from({ length: 3 * data.length }, (_, i) => data[Math.floor(i / 3)]),
  shape: [n, height, width, 3],
});

test("total variation: three equal channels are a grey image with a weight smaller by the root of three", () => {
  const grey: Images = { data: wave(16 * 18, 6), shape: [1, 16, 18, 1] };
  const weight = 0.3;
  const expected = coloured(totalVariation(grey, { weight: weight / Math.sqrt(3) }));
  assert.ok(worstDifference(totalVariation(coloured(grey), { weight }).data, expected.data) < 1e-6);
});

test("non-local means: three equal channels are a grey image, with known noise too", () => {
  const grey: Images = { data: wave(16 * 18, 6), shape: [1, 16, 18, 1] };
  for (const sigma of [0, 0.1]) {
    const filter = (images: Images) => nonLocalMeans(images, { h: 0.2, patchSize: 5, patchDistance: 3, sigma });
    assert.ok(worstDifference(filter(coloured(grey)).data, coloured(filter(grey)).data) < 1e-6);
  }
});

test("median: an outlier vanishes and an edge stays", () => {
  const edge: Images = {
    data: Float32Array.from({ length: 64 }, (_, i) => (i % 8 < 4 ? 0 : 1)),
    shape: [1, 8, 8, 1],
  };
  const spoilt = { ...edge, data: edge.data.map((value, i) => (i === 18 ? 1 : value)) };
  assert.deepEqual(medianFilter(spoilt, { size: 3 }).data, edge.data);
});

test("total variation falls as the weight grows, and the mean stays", () => {
  const noisy: Images = { data: wave(256, 3), shape: [1, 16, 16, 1] };
  const variation = (data: Float32Array) =>
    data.reduce((sum, value, i) => {
      const x = i % 16 < 15 ? data[i + 1] - value : 0;
      const y = i < 240 ? data[i + 16] - value : 0;
      return sum + Math.hypot(x, y);
    }, 0);
  const mean = (data: Float32Array) => data.reduce((sum, value) => sum + value, 0) / data.length;
  let last = variation(noisy.data);
  for (const weight of [0.01, 0.1, 0.3]) {
    const { data } = totalVariation(noisy, { weight });
    assert.ok(variation(data) < last);
    last = variation(data);
    assert.ok(Math.abs(mean(data) - mean(noisy.data)) < 1e-6);
  }
});

test("non-local means: with no place to look, a pixel stays itself; values may be of any size", () => {
  const noisy: Images = { data: wave(100, 4), shape: [1, 10, 10, 1] };
  const alone = nonLocalMeans(noisy, { h: 0.3, patchSize: 3, patchDistance: 0 });
  assert.ok(worstDifference(alone.data, noisy.data) < 1e-7);
  const bytes = { ...noisy, data: noisy.data.map((value) => 255 * value) };
  const expected = nonLocalMeans(noisy, { h: 0.3, patchSize: 3, patchDistance: 2 }).data;
  const actual = nonLocalMeans(bytes, { h: 255 * 0.3, patchSize: 3, patchDistance: 2 }).data;
  assert.ok(
    worstDifference(
      actual.map((value) => value / 255),
      expected,
    ) < 1e-5,
  );
});

test("non-local means with a tiny h keeps the image", () => {
  const noisy: Images = { data: wave(64, 3), shape: [1, 8, 8, 1] };
  assert.deepEqual(nonLocalMeans(noisy, { h: 1e-200, patchSize: 3, patchDistance: 2 }).data, noisy.data);
});
