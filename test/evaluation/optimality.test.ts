import assert from "node:assert/strict";
import { test } from "node:test";
import type { Images } from "../../lib/data/images";
import { optimality, optimalityTable, optimalityText } from "../../lib/evaluation/optimality";
import { gaussian } from "../../lib/noise/gaussian";

const black: Images = { data: new Float32Array(400 * 64), shape: [400, 8, 8, 1] };
const clean = gaussian(black, { sigma: 1, seed: 1, clip: false });
const noisy = gaussian(clean, { sigma: 0.5, seed: 2, clip: false });
const options = { sigma: 0.5, seed: 3 };
const scale = (factor: number) => (images: Images) => ({
  data: images.data.map((value) => factor * value),
  shape: images.shape,
});

test("linear shrinkage of Gaussian pixels: the gap is what theory gives, and zero for the best factor alone", () => {
  for (const factor of [0.5, 0.8, 1]) {
    const { error, divergence, gap } = optimality(scale(factor), { clean, noisy }, options);
    const expected = (1 - factor) ** 2 + 0.25 * factor ** 2; // of clean pixels of variance 1
    assert.ok(Math.abs(error.mean - expected) < 0.02, `${error.mean}, not ${expected}`);
    assert.ok(Math.abs(divergence.mean - 0.25 * factor) < 1e-4, `${divergence.mean}`);
    assert.equal(gap.low < 0 && gap.high > 0, [0.8, 1].includes(factor), `${factor}: ${gap.mean}`);
  }
});

test("a filter that mixes pixels: probes find its divergence, its own weight of each pixel", () => {
  const mix = ({ data, shape }: Images): Images => ({
    data: data.map((value, at) => 0.7 * value + 0.3 * data[at ^ 1]),
    shape,
  });
  const { divergence } = optimality(mix, { clean, noisy }, { ...options, probes: 4 });
  assert.ok(Math.abs(divergence.mean - 0.25 * 0.7) < 0.003, `${divergence.mean}`);
});

test("what makes no sense is refused", () => {
  assert.throws(() => optimality(scale(1), { clean, noisy }, { sigma: 0, seed: 1 }), /sigma must be a positive/);
  assert.throws(() => optimality(scale(1), { clean, noisy }, { ...options, probes: 0 }), /probes must be a whole/);
  const none: Images = { data: new Float32Array(0), shape: [0, 8, 8, 1] };
  assert.throws(() => optimality(scale(1), { clean: none, noisy: none }, options), /no pixels/);
});

test("table and sentences give each gap in the same per cent of the same number", () => {
  const at = (mean: number) => ({ mean, low: mean - 1e-4, high: mean + 1e-4 });
  const row = (name: string, error: number, divergence: number) => ({
    name,
    optimality: { error: at(error), divergence: at(divergence), gap: at(error - divergence) },
  });
  const rows = [row("blind spots", 0.02, 0.001), row("filter", 0.02, 0.025), row("best", 0.02, 0.02)];
  assert.deepEqual(
    optimalityTable(rows).rows.map((cells) => cells[4]),
    ["95.0", "−25.0", "0.0"],
  );
  const [blindSpots, filter, best] = optimalityText(rows).split("\n");
  assert.match(blindSpots, /^- blind spots: sigma² times its divergence is 95 % less than its error,/); // 0.001 = 0.02 - 95 %
  assert.match(filter, /^- filter: sigma² times its divergence is 25 % more than its error,/); // 0.025 = 0.02 + 25 %
  assert.match(best, /^- best: no gap/);
});
