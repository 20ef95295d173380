import assert from "node:assert/strict";
import { test } from "node:test";
import { scoreDistributions } from "../../lib/figures/score-distributions";
import { json, scoresAround } from "./fixtures";
import { assertGolden } from "./golden";

test("distributions look as committed: a curve for each method, and a vertical line at its mean", () => {
  const methods = [
    { name: "noisy", values: scoresAround(9.4, 0.3) },
    { name: "total variation", values: scoresAround(16, 0.5) },
    { name: "simple autoencoder", values: scoresAround(19.8, 0.9) },
    { name: "U-Net", values: scoresAround(21.5, 1.1) },
  ];
  const labels = { title: "PSNR of the test digits", xTitle: "PSNR, dB" };
  assertGolden("distributions", scoreDistributions(methods, labels));
});

test("a curve has area 1 and goes from the lowest score to the highest", () => {
  const methods = [10, 20].map((mean, i) => ({ name: `method ${i}`, values: scoresAround(mean, 1 + i) }));
  const { data, layout, alt } = json(scoreDistributions(methods, { title: "Scores", xTitle: "PSNR, dB" }));
  for (const [i, { values }] of methods.entries()) {
    const [line, mean] = [data[2 * i], data[2 * i + 1]];
    assert.deepEqual([line.x[0], line.x.at(-1)], [values[0], values.at(-1)]);
    const area = line.y.reduce((sum: number, y: number) => sum + y, 0) * (line.x[1] - line.x[0]);
    assert.ok(Math.abs(area - 1) < 0.03, `${area}`);
    const peak = 1 / (4 * (1 + i)); // of a logistic density
    assert.ok(Math.abs(mean.y[1] / peak - 1) < 0.15 && Math.abs(mean.x[0] - 10 * (1 + i)) < 1e-9);
    assert.ok(line.y.every((y: number) => y < layout.yaxis.range[1]));
  }
  assert.deepEqual([data[0].name, data[2].name], ["method 0, mean 10.00", "method 1, mean 20.00"]);
  assert.match(alt, /^Scores: method 0 mean 10\.00, 90 % of the images between 7\.\d+ and 12\.\d+; method 1 mean 20/);
});

test("infinite, equal and single scores are drawn without broken numbers", () => {
  const methods = [
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    [Number.POSITIVE_INFINITY, 20, 21],
    [20, 20, 20],
    [30],
  ].map((values, i) => ({ name: `method ${i}`, values: Float64Array.from(values) }));
  const figure = scoreDistributions(methods, { title: "Odd scores", xTitle: "PSNR, dB" });
  assertGolden("distributions-odd", figure);
  assert.equal(json(figure).data[2].name, "method 1, mean ∞");
});
