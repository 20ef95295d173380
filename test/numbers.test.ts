import assert from "node:assert/strict";
import { test } from "node:test";
import { compare } from "../lib/evaluation/comparison";
import { formatInterval } from "../lib/evaluation/score-tables";
import { settingsTable } from "../lib/evaluation/settings-tables";
import { summarySentence, sweepText } from "../lib/evaluation/sweep-table";
import { scoreDistributions } from "../lib/figures/score-distributions";
import { staticSvg } from "../lib/figures/static-svg";
import { trainingCurves } from "../lib/figures/training-curves";
import { formatLevel, formatNumber, formatShortest, formatSignificant } from "../lib/numbers";
import { sweep } from "./evaluation/sweep-runs";

test("numbers have a minus sign, zero has none, infinity is ∞", () => {
  assert.deepEqual([-4.8486, -0.001, 0, 2].map((value) => formatNumber(value, 2)), ["−4.85", "0.00", "0.00", "2.00"]); // biome-ignore format: short
  assert.deepEqual(
    [-4.8486, 0.09704].map((value) => formatSignificant(value, 3)),
    ["−4.85", "0.0970"],
  );
  assert.deepEqual(
    [-1 / 60, 1e-7].map((value) => formatShortest(value, 4)),
    ["−0.01667", "1e−7"],
  );
  assert.deepEqual(
    [Infinity, -Infinity].map((value) => formatNumber(value, 1)),
    ["∞", "−∞"],
  );
});

test("levels of noise are fractions of 255 where they are that, and otherwise short", () => {
  assert.deepEqual([0.5, 25 / 255, 27.5 / 255, 0.2, 0.12345].map(formatLevel), ["0.5", "25/255", "27.5/255", "0.2", "0.123"]); // biome-ignore format: short
});

test("all sentences, tables and figures write negative numbers with that sign", () => {
  const [{ results }] = sweep.runs;
  assert.ok(results);
  const history = results.history.map((epoch) => ({ ...epoch, loss: -4.1, valLoss: -4.8 }));
  const below = { ...results, history };
  const scored = (name: string, value: number) => {
    const each = Float64Array.of(value, value - 0.2);
    return { name, scores: { psnr: each, ssim: each, imageSsim: each } };
  };
  const { text, differences } = compare(scored("U-Net", -3), [scored("median", -2)]);
  const curves = trainingCurves(history, "Loss");
  const distributions = scoreDistributions([{ name: "noisy", values: Float64Array.of(-3, -2) }], { title: "", xTitle: "" }); // biome-ignore format: short
  const written = [
    formatInterval({ mean: -0.5, low: -0.6, high: -0.4 }, 2),
    settingsTable({ offset: -0.5 }).rows.join(),
    summarySentence(below),
    sweepText({ ...sweep, runs: [{ ...sweep.runs[0], results: below }] }),
    text,
    differences.rows.join(),
    curves.alt,
    ...Array.from(staticSvg(curves).matchAll(/>([^<]+)</g), ([, content]) => content),
    distributions.alt,
    JSON.stringify(distributions.data.map((line) => "name" in line && line.name)),
  ];
  assert.deepEqual(
    written.filter((text) => /(?<!\w)-[\d.]/.test(text)),
    [],
  );
  assert.ok(written.filter((text) => /−\d/.test(text)).length >= 8);
});
