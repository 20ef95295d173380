import assert from "node:assert/strict";
import { test } from "node:test";
import type { Images } from "../../lib/data/images";
import { residualTable } from "../../lib/evaluation/residual-table";
import { correlatedGaussian } from "../../lib/noise/correlated";
import { gaussian } from "../../lib/noise/gaussian";

const grey: Images = { data: new Float32Array(30 * 1024).fill(0.5), shape: [30, 32, 32, 1] };
const draw = { seed: 3, clip: false };
const numbers = (row: string[]) => row.slice(1).map((text) => Number(text.replace("−", "-")));

test("white noise that is taken away whole looks like what the first row promises; nothing taken away does not", () => {
  const noisy = gaussian(grey, { sigma: 0.2, ...draw });
  const { rows } = residualTable(noisy, [{ name: "the clean images", images: grey }, { name: "nothing", images: noisy }], 0.2); // biome-ignore format: short
  const [promised, all, nothing] = rows;
  assert.deepEqual(promised.slice(1), ["0 ± 0.0022", "0.200", "0 ± 0.0114", "0 ± 0.0178"]);
  const [mean, deviation, neighbours, largest] = numbers(all);
  assert.ok(Math.abs(mean) < 0.003 && Math.abs(deviation - 0.2) < 0.003, `${all}`);
  assert.ok(Math.abs(neighbours) < 0.015 && Math.abs(largest) < 0.025, `${all}`);
  assert.deepEqual(numbers(nothing), [0, 0, 0, 0]);
});

test("correlations of neighbours are found, with their sign: correlated noise, and a checkerboard", () => {
  const noisy = correlatedGaussian(grey, { sigma: 0.2, blur: 1, ...draw });
  const [, row] = residualTable(noisy, [{ name: "all", images: grey }], 0.2).rows;
  assert.ok(Math.abs(numbers(row)[2] - Math.exp(-0.25)) < 0.02, row[3]);
  const checkerboard: Images = {
    data: grey.data.map((value, at) => value + 0.1 * (((at % 32) + Math.floor(at / 32)) % 2 ? 1 : -1)),
    shape: grey.shape,
  };
  const [, other] = residualTable(checkerboard, [{ name: "all", images: grey }], 0.2).rows;
  assert.equal(numbers(other)[2], -1);
});

test("what makes no sense is refused", () => {
  assert.throws(() => residualTable(grey, [], 0), /sigma must be a positive/);
  const other = { data: new Float32Array(1), shape: [1, 1, 1, 1] as const };
  assert.throws(() => residualTable(grey, [{ name: "other", images: other }], 1), /same shape/);
});
