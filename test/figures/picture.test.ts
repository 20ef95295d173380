import assert from "node:assert/strict";
import { test } from "node:test";
import { PNG } from "pngjs";
import { diverging } from "../../lib/figures/diverging";
import { brightness, differenceScale, pictures } from "../../lib/figures/picture";

const decoded = (source: string) => PNG.sync.read(Buffer.from(source.split(",")[1], "base64"));

test("each image becomes a PNG of its size and values, in grey or in colours", () => {
  const images = { data: Float32Array.from({ length: 12 }, (_, i) => i / 12), shape: [2, 2, 3, 1] as const };
  for (const colors of [brightness, diverging]) {
    const [, second] = pictures(images, colors).map(decoded);
    assert.deepEqual([second.width, second.height], [3, 2]);
    for (let i = 0; i < 6; i++) {
      const [red, green = red, blue = red] = colors(images.data[6 + i]);
      assert.deepEqual([...second.data.subarray(4 * i, 4 * i + 3)], [red, green, blue]);
    }
  }
});

test("a colour image becomes a PNG in colour", () => {
  const images = { data: Float32Array.of(1, 0, 0, 0.2, 0.4, 0.6), shape: [1, 1, 2, 3] as const };
  const { data } = decoded(pictures(images, brightness)[0]);
  assert.deepEqual([...data], [255, 0, 0, 255, 51, 102, 153, 255]);
});

test("values beyond the ends have the colours of the ends; the scale goes from one to the other", () => {
  assert.deepEqual([diverging(-3), diverging(3)], [diverging(-0.5), diverging(0.5)]);
  assert.deepEqual([brightness(-1), brightness(2)], [[0], [255]]);
  const { width, data } = decoded(differenceScale());
  const ends = [0, width - 1].map((x) => [...data.subarray(4 * x, 4 * x + 3)]);
  assert.deepEqual(ends, [diverging(-0.5), diverging(0.5)]);
});
