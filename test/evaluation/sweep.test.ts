import assert from "node:assert/strict";
import { test } from "node:test";
import { advice, rankRuns } from "../../lib/evaluation/sweep";
import { sweepRecord, sweepText } from "../../lib/evaluation/sweep-table";
import { sweep } from "./sweep-runs";

test("comparable runs are next to each other, the lowest validation loss first; runs without results come last", () => {
  assert.deepEqual(
    rankRuns(sweep).map(({ title, status, best }) => [title, status, best]),
    [
      ["sigma 0.5, learningRate 0.01", "finished", true],
      ["sigma 0.5, learningRate 0.001", "finished", false],
      ["sigma 0.3, learningRate 0.01", "finished", true],
      ["sigma 0.3, learningRate 0.001", "finished", false],
      ["sigma 0.5, learningRate 0.002", "failed", false],
      ["sigma 0.3, learningRate 0.002", "not run yet", false],
    ],
  );
});

test("the advice says which runs are comparable, and that test scores are not for choosing", () => {
  assert.match(advice(sweep), /only between runs with the same sigma\..*not for choosing.*last epoch/);
  assert.match(advice(sweep), /test scores of runs with different sigma are on different noisy images/i);
  const same = { ...sweep, runs: [sweep.runs[0], sweep.runs[2]] };
  assert.ok(!/only between|last epoch|noisy images/.test(advice(same)));
  assert.match(
    sweepText(same),
    /learningRate +lowest.*\n.*\n0\.01 +★ 0\.20000 +2 of 2 +30\.00 \(29\.90 to 30\.10\).*1\.5/,
  );
});

test("the record for programs is in the table's order", () => {
  const { runs } = sweepRecord(sweep) as { runs: Record<string, unknown>[] };
  assert.deepEqual([runs[0].validationLoss, runs[0].epoch, runs[0].lowestOfComparable], [0.2, 2, true]);
  assert.deepEqual([runs[4].status, runs[4].error, "test" in runs[4]], ["failed", "In [4]: <bad>", false]);
});
