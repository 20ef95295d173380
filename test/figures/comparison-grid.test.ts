import assert from "node:assert/strict";
import { test } from "node:test";
import { PNG } from "pngjs";
import { comparisonGrid } from "../../lib/figures/comparison-grid";
import { diverging } from "../../lib/figures/diverging";
import { psnr } from "../../lib/metrics/psnr";
import { greys, rings } from "./fixtures";
import { assertGolden } from "./golden";

/** The colour in the middle of a picture. */
function color(source: string): number[] {
  const { width, height, data } = PNG.sync.read(Buffer.from(source.split(",")[1], "base64"));
  const at = 4 * ((height / 2) * width + width / 2);
  return [...data.subarray(at, at + 3)];
}

test("a grid looks as committed: originals, noisy and denoised images with their PSNR", () => {
  const rows = [
    { name: "noisy", images: rings(0.5) },
    { name: "simple autoencoder", images: rings(0.1) },
  ];
  assertGolden("grid", comparisonGrid(rings(), rows, "Original, noisy and denoised"));
});

test("a grid of groups with a row of errors looks as committed", () => {
  const rows = [
    { name: "noisy", images: rings(0.5) },
    { name: "U-Net", images: rings(0.3) },
    { name: "errors of the U-Net", images: rings(0.3), shows: "errors" as const },
  ];
  const groups = { worst: [0, 1], median: [3, 4], best: [6, 7] };
  assertGolden("grid-groups", comparisonGrid(rings(), rows, "Worst, median and best", groups));
});

test("each row shows the images that are chosen, in named groups, each with its own PSNR", () => {
  const chosen = { worst: [7, 5], best: [1] };
  const figure = comparisonGrid(greys(0), [{ name: "noisy", images: greys(0.2) }], "Groups", chosen);
  const [original, noisy] = figure.rows;
  assert.deepEqual(figure.groups, [{ name: "worst", columns: 2 }, { name: "best", columns: 1 }]); // biome-ignore format: short
  assert.deepEqual(original.pictures.map(color), [[223, 223, 223], [159, 159, 159], [32, 32, 32]]); // biome-ignore format: short
  assert.deepEqual(color(noisy.pictures[2]), [83, 83, 83]);
  const scores = psnr(greys(0), greys(0.2));
  assert.deepEqual(noisy.numbers, { are: "PSNR, dB", texts: [7, 5, 1].map((i) => scores[i].toFixed(1)) });
  assert.match(
    figure.alt,
    /3 images.*Mean PSNR of the worst 2: noisy 14\.0 dB\. Mean PSNR of the best 1: noisy 14\.0 dB\./,
  );
});

test("errors are blue where an image is too dark, red where it is too bright", () => {
  const rows = [-0.3, 0, 0.3].map((more) => ({ name: `${more}`, images: greys(more), shows: "errors" as const }));
  const grid = comparisonGrid(greys(0), rows, "Errors", 2);
  const [dark, right, bright] = grid.rows.slice(1).map(({ pictures }) => color(pictures[1]));
  assert.ok(dark[2] > dark[0] + 60);
  assert.deepEqual(right, [247, 247, 247]);
  assert.ok(bright[0] > bright[2] + 60);
  assert.deepEqual(grid.colorKey?.texts, ["too dark by 0.5 or more", "as the original", "too bright by 0.5 or more"]);
});

test("colour images are shown in colour; their errors are the channels' means", () => {
  const coloured = (...pixel: number[]) => ({
    data: Float32Array.from({ length: 12 }, (_, i) => pixel[i % 3]),
    shape: [1, 2, 2, 3] as const,
  });
  const [clean, denoised] = [coloured(1, 0.4, 0.2), coloured(0.6, 0.4, 0.8)];
  const rows = [
    { name: "U-Net", images: denoised },
    { name: "errors", images: denoised, shows: "errors" as const },
  ];
  const grid = comparisonGrid(clean, rows, "Colours");
  const [original, unet, errors] = grid.rows.map(({ pictures }) => color(pictures[0]));
  assert.deepEqual([original, unet], [[255, 102, 51], [153, 102, 204]]); // biome-ignore format: short
  assert.deepEqual(errors, [...diverging(0.2 / 3)]);
  assert.deepEqual(grid.rows[1].numbers?.texts, ["7.6"]);
});

test("shapes that differ, images with other channels and unknown indices are refused", () => {
  const grid = (noisy: ReturnType<typeof greys>, columns = {}) =>
    comparisonGrid(greys(0), [{ name: "noisy", images: noisy }], "", columns);
  assert.throws(() => grid({ ...greys(0), shape: [8, 14, 56, 1] }), /same shape/);
  const many = { data: new Float32Array(16), shape: [1, 2, 2, 4] as const };
  assert.throws(() => comparisonGrid(many, [], ""), /channels must be 1 or 3, not 4/);
  assert.throws(() => grid(greys(0), { best: [8] }), /8/);
});
