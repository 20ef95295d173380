import assert from "node:assert/strict";
import { test } from "node:test";
import type { Images } from "../../lib/data/images";
import type { Figure } from "../../lib/figures/figure";
import { type Colors, differenceScale, diverging, grey, imageStrip } from "../../lib/figures/image-strip";
import { rings } from "./fixtures";
import { assertGolden } from "./golden";

/** A figure of one picture that is `width` times as wide as high. */
const figureOf = (source: string, width: number): Figure => ({
  data: [],
  layout: {
    height: Math.round(20 + 880 / width),
    margin: { l: 10, r: 10, t: 10, b: 10 },
    xaxis: { range: [0, width], visible: false },
    yaxis: { range: [1, 0], tickvals: [] },
    images: [{ source, x: 0, y: 0, sizex: width, sizey: 1 }],
  },
  alt: "a strip",
});

test("strips look as committed: in grey, as differences, with a space between groups", () => {
  const lefts = [0, 1, 2, 3, 4.5, 5.5, 6.5, 7.5];
  const strip = (images: Images, colors: Colors) => figureOf(imageStrip(images, lefts, 8.5, colors), 8.5);
  const centred = { ...rings(), data: rings().data.map((value) => value - 0.5) };
  assertGolden("strip-grey", strip(rings(), grey));
  assertGolden("strip-differences", strip(centred, diverging));
  assertGolden("strip-key", figureOf(differenceScale(), 10));
});

test("values beyond the ends have the colours of the ends", () => {
  assert.deepEqual([diverging(-3), diverging(3)], [diverging(-0.5), diverging(0.5)]);
  assert.deepEqual([grey(-1), grey(2)], [[0], [255]]);
});
