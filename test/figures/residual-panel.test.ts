import assert from "node:assert/strict";
import { test } from "node:test";
import { PNG } from "pngjs";
import { residualPanel } from "../../lib/figures/residual-panel";
import { greys, rings } from "./fixtures";
import { assertGolden } from "./golden";

const colours = (source: string) => {
  const { width, height, data } = PNG.sync.read(Buffer.from(source.split(",")[1], "base64"));
  return {
    width,
    height,
    at: (y: number, x: number) => [...data.subarray(4 * (y * width + x), 4 * (y * width + x) + 3)],
  };
};

test("a residual panel looks as committed", () => {
  const methods = [
    { name: "a good one", images: rings(0.02) },
    { name: "one that blurs", images: { ...rings(), data: rings().data.map((value) => 0.7 * value) } },
  ];
  assertGolden("residual-panel", residualPanel(rings(0.5), methods, "Noisy − denoised", { sigma: 0.35, columns: 5 }));
});

test("what is taken away is red, what is added is blue, nothing is near-white, on a scale of three deviations", () => {
  const methods = [-0.3, 0, 0.3].map((more) => ({ name: `${more}`, images: greys(more) }));
  const { rows, groups, colorKey } = residualPanel(greys(0), methods, "Residuals", { sigma: 0.1, columns: 2 });
  const [taken, none, added] = rows.map(({ pictures }) => colours(pictures[0]).at(14, 14));
  assert.deepEqual([taken, none, added], [[178, 24, 43], [247, 247, 247], [33, 102, 172]]); // biome-ignore format: short
  assert.deepEqual(groups.map(({ columns }) => columns), [2, 1]); // biome-ignore format: short
  assert.deepEqual(colorKey?.texts, ["−0.3 or less; correlation −0.1", "0", "0.3 or more; correlation 0.1"]);
});

test("the last picture is the autocorrelation, 1 in the middle", () => {
  const [{ pictures, numbers }] = residualPanel(rings(0.5), [{ name: "all", images: rings() }], "", {
    sigma: 0.3,
  }).rows;
  const map = colours(pictures[8]);
  assert.deepEqual([map.width, map.height, map.at(3, 3)], [7, 7, [178, 24, 43]]);
  assert.equal(numbers?.texts.length, 9);
});

test("pictures in colour, other shapes and a sigma of 0 are refused", () => {
  const colour = { data: new Float32Array(12), shape: [1, 2, 2, 3] as const };
  assert.throws(() => residualPanel(colour, [], "", { sigma: 1 }), /channels must be 1, not 3/);
  assert.throws(() => residualPanel(greys(0), [{ name: "other", images: rings() }], "", { sigma: 1 }), /same shape/);
  assert.throws(() => residualPanel(greys(0), [], "", { sigma: 0 }), /sigma must be a positive/);
});
