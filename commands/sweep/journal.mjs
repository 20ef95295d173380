// What a sweep tells while it goes: in the terminal, on its page and in its results file, all made anew as a run ends.
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { plotlyFile } from "../../setup/jupyter.mjs";
import { root } from "../../setup/layout.mjs";
import { reportOf, resultsOf } from "./runs.mjs";

/** @typedef {import("./runs.mjs").Run} Run */

/**
 * @param {string} notebook
 * @param {string} folder
 * @param {Run[]} runs
 */
export function openJournal(notebook, folder, runs) {
  const require = createRequire(import.meta.url);
  require("ts-node").register({ cwd: root });
  const { sweepPage } = /** @type {typeof import("../../lib/report/sweep-page.js")} */ (
    require("../../lib/report/sweep-page")
  );
  const { titleOf } = /** @type {typeof import("../../lib/evaluation/sweep.js")} */ (
    require("../../lib/evaluation/sweep")
  );
  const { summarySentence, sweepRecord, sweepText } =
    /** @type {typeof import("../../lib/evaluation/sweep-table.js")} */ (require("../../lib/evaluation/sweep-table"));

  /** @type {Map<Run, string>} */
  const failures = new Map();
  const page = path.join(folder, "index.html");
  const scripts = {
    plotly: fs.readFileSync(plotlyFile, "utf8"),
    sortable: fs.readFileSync(require.resolve("sortable-tablesort/dist/sortable.auto.min.js"), "utf8"),
  };
  const sweep = () => ({
    notebook,
    runs: runs.map((run) => ({
      name: run.name,
      parameters: Object.fromEntries(run.parameters),
      results: resultsOf(run),
      error: failures.get(run),
      report: fs.existsSync(reportOf(run)) ? path.relative(folder, reportOf(run)) : undefined,
    })),
  });
  const title = (/** @type {Run} */ { name }) => titleOf(sweep(), name);
  const heading = (/** @type {Run} */ run) =>
    console.log(`\nrun ${runs.indexOf(run) + 1} of ${runs.length}: ${title(run)}`);
  const result = (/** @type {Run} */ run) => {
    const results = resultsOf(run);
    return results ? summarySentence(results) : undefined;
  };
  const save = () => {
    write(page, sweepPage(sweep(), scripts));
    write(path.join(folder, "results.json"), `${JSON.stringify(sweepRecord(sweep()), null, 2)}\n`);
  };
  /** The run whose heading was written last. */
  let shown = /** @type {Run | undefined} */ (undefined);
  return {
    page,
    save,
    table: () => sweepText(sweep()),
    failed: () => [...failures.keys()].map(title),
    /** @param {Run} run */
    finishedBefore(run) {
      heading(run);
      console.log(`  finished before: ${result(run)}`);
    },
    /** @param {Run} run */
    begins(run) {
      heading(run);
      shown = run;
    },
    /** @param {Run} run @param {string | undefined} error why it failed, if it failed */
    ended(run, error) {
      if (run !== shown) heading(run);
      const failure = error ?? (result(run) ? undefined : `it ended, but its results are not in ${run.folder}`);
      if (failure !== undefined) failures.set(run, failure);
      console.log(`  ${failure === undefined ? result(run) : `failed: ${failure.replaceAll("\n", "\n  ")}`}`);
      save();
    },
  };
}

/** @param {string} file @param {string} content */
function write(file, content) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(`${file}.part`, content);
  fs.renameSync(`${file}.part`, file);
}
