// What a sweep tells while it goes: in the terminal, on its page and in its results file, all renewed as a run ends.
import fs from "node:fs";
import path from "node:path";
import { replaceTogether } from "../files.mjs";
import { sweepPages, sweeps, sweepTables } from "../library.mjs";
import { pageScripts } from "../page-scripts.mjs";
import { reportFile } from "../paths.mjs";
import { resultsOf, stateOf } from "./runs.mjs";

/** @typedef {import("./runs.mjs").PlannedRun} PlannedRun */
/** @typedef {import("../../../lib/evaluation/results.js").Results} Results */

/**
 * @param {string} notebook
 * @param {string} folder of the sweep
 * @param {PlannedRun[]} runs
 */
export function sweepProgress(notebook, folder, runs) {
  const { sweepPage } = sweepPages();
  const { titleOf } = sweeps();
  const { summarySentence, sweepRecord, sweepText } = sweepTables();

  const page = path.join(folder, "index.html");
  const scripts = pageScripts();
  const before = new Map(runs.map((run) => [run, stateOf(run)]));
  /** @type {Map<PlannedRun, Results>} */
  const finished = new Map();
  /** @type {Map<PlannedRun, string>} */
  const failures = new Map();
  /** @param {PlannedRun} run @returns {string | undefined} its report, if it has one, relative to the page */
  const reportOf = (run) => {
    const report = reportFile(notebook, run.folder);
    return fs.existsSync(report) ? path.relative(folder, report) : undefined;
  };
  const sweep = () => ({
    notebook,
    runs: runs.map((run) => ({
      name: run.name,
      parameters: Object.fromEntries(run.parameters),
      results: finished.get(run),
      error: failures.get(run),
      report: reportOf(run),
    })),
  });
  const title = (/** @type {PlannedRun} */ { name }) => titleOf(sweep(), name);
  /** The run whose heading was written last. */
  let shown = /** @type {PlannedRun | undefined} */ (undefined);
  const heading = (/** @type {PlannedRun} */ run) => {
    if (run === shown) return;
    console.log(`\nrun ${runs.indexOf(run) + 1} of ${runs.length}: ${title(run)}`);
    shown = run;
  };
  const save = () =>
    replaceTogether(
      folder,
      new Map([
        ["index.html", sweepPage(sweep(), scripts)],
        ["results.json", `${JSON.stringify(sweepRecord(sweep()), null, 2)}\n`],
      ]),
    );

  for (const [run, { results, outdated }] of before) {
    if (results) finished.set(run, results);
    if (results || outdated) heading(run);
    if (results) console.log(`  finished before: ${summarySentence(results)}`);
    if (outdated) console.log(`  is run again: ${outdated}`);
  }
  shown = undefined;
  return {
    page,
    save,
    /** Those that are not finished. */
    waiting: runs.filter((run) => !finished.has(run)),
    table: () => sweepText(sweep()),
    failed: () => [...failures.keys()].map(title),
    begins: heading,
    /** @param {PlannedRun} run @param {string | undefined} error why it failed, if it failed */
    ended(run, error) {
      heading(run);
      const results = error === undefined ? resultsOf(run) : undefined;
      if (results) {
        finished.set(run, results);
        console.log(`  ${summarySentence(results)}`);
      } else {
        const failure = error ?? `it ended, but its results are not in ${run.folder}`;
        failures.set(run, failure);
        console.log(`  failed: ${failure.replaceAll("\n", "\n  ")}`);
      }
      save();
    },
  };
}
