import assert from "node:assert/strict";
import { test } from "node:test";
import { axisScale } from "../../lib/figures/axis-scale";
import { staticImage, staticSvg } from "../../lib/figures/static-svg";
import { trainingCurves } from "../../lib/figures/training-curves";
import { epochsOf } from "./fixtures";

const figure = trainingCurves(epochsOf(2), "Loss <of> a model");

test("a static SVG has text as text, and a title for readers who cannot see it", () => {
  const svg = staticSvg(figure);
  assert.ok(svg.startsWith("<svg ") && svg.includes(">Loss &#60;of&#62; a model</text>"));
  assert.match(svg, /<title>Loss &#60;of&#62; a model: training loss from 0\.0940 to 0\.0490/);
});

test("a static image has the alternative text and the SVG in its address", () => {
  const image = staticImage(figure);
  assert.match(image, /^<img alt="Loss &#60;of&#62; a model: training loss .*" src="data:image\/svg\+xml;base64,/);
  const [, base64] = /base64,([^"]+)/.exec(image) ?? [];
  assert.equal(Buffer.from(base64, "base64").toString(), staticSvg(figure));
});

test("ticks are round numbers, more of them on a logarithmic axis of few decades", () => {
  const ticks = (type: string, low: number, high: number) =>
    axisScale({ type }, [low, high], 0, 100).ticks.map(({ value }) => value);
  assert.deepEqual(ticks("linear", 0, 10), [0, 2, 4, 6, 8, 10]);
  assert.deepEqual(ticks("linear", 9.2, 27), [10, 15, 20, 25]);
  assert.deepEqual(ticks("log", 0.0001, 1), [0.0001, 0.001, 0.01, 0.1, 1]);
  assert.deepEqual(ticks("log", 0.01, 0.2), [0.01, 0.02, 0.05, 0.1, 0.2]);
  assert.deepEqual(ticks("log", 0.02, 0.1), [0.02, 0.03, 0.04, 0.06, 0.08, 0.1]);
  assert.deepEqual(ticks("log", 0.0101, 0.0104), [0.0101, 0.0102, 0.0103, 0.0104]);
});

test("an axis maps its range to pixels, leaves space around values, and shows equal ones in the middle", () => {
  const { at } = axisScale({ range: [0, 4] }, [], 100, 500);
  assert.deepEqual([at(0), at(1), at(4)], [100, 200, 500]);
  const padded = axisScale({}, [0, 100, Number.NaN], 0, 110);
  assert.ok(Math.abs(padded.at(0) - 5) < 1e-9 && Math.abs(padded.at(100) - 105) < 1e-9);
  assert.equal(axisScale({}, [7, 7], 0, 100).at(7), 50);
  const small = axisScale({}, [0.0002], 0, 100);
  assert.ok(Math.abs(small.at(0.0002) - 50) < 1e-9 && small.at(0.0003) > 95, "an axis of the value's own size");
});
