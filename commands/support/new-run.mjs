// One run of a notebook, as `npm start` makes it: executed into a folder of its own in runs/, with its report, copied to
// reports/, models/ and results/, and added to the page of all runs.
import fs from "node:fs";
import path from "node:path";
import { root } from "../../setup/layout.mjs";
import { megabytes } from "../../setup/terminal.mjs";
import { exportReport } from "./export-report.mjs";
import { runModule } from "./library.mjs";
import { valuesOf } from "./parameters.mjs";
import { executedFile, reportFile } from "./paths.mjs";
import { readResults } from "./results.mjs";
import { runNotebook } from "./run-notebook.mjs";
import { writeRunsPage } from "./runs-page.mjs";

/**
 * @param {string} notebook its name
 * @param {[string, import("./parameters.mjs").Value][]} parameters those that are given
 * @param {{ output: string, replace: boolean }} options the folder of runs/ and the others; whether a quick run replaces a
 * full one
 * @returns {Promise<import("./results.mjs").Results>}
 * @throws {UserError} that names the failing cell
 */
export async function newRun(notebook, parameters, { output, replace }) {
  const { createRun, fullRunKept, publishRun } = runModule();
  const begun = createRun(output, notebook, await valuesOf(notebook, parameters));
  await runNotebook(notebook, parameters, { folder: begun.folder, output });
  const report = await exportReport(executedFile(notebook, begun.folder), notebook, begun.folder);
  const run = { ...begun, results: readResults(notebook, begun.folder) };

  const full = replace ? undefined : fullRunKept(output, run);
  if (!full) publishRun(output, run);
  writeRunsPage(output);
  const shown = (/** @type {string} */ file) => path.relative(root, file);
  const size = megabytes(fs.statSync(report).size);
  console.log(`  report: ${shown(full ? report : reportFile(notebook, output))} (${size}, opens without a network)`);
  if (full)
    console.log(
      `  reports/, models/ and results/ keep the full run of ${full.date?.slice(0, 10) ?? "before"}; --replace replaces it`,
    );
  else console.log(`  kept in ${shown(begun.folder)}`);
  return run.results;
}
