// reports/index.html: all runs on one page, written anew after each run and by `npm run runs`.
import fs from "node:fs";
import path from "node:path";
import { replaceTogether } from "./files.mjs";
import { runModule, runsPages } from "./library.mjs";
import { pageScripts } from "./page-scripts.mjs";
import { reportFile } from "./paths.mjs";

/**
 * @param {string} output the folder of runs/ and reports/
 * @returns {string} the page
 */
export function writeRunsPage(output) {
  const page = reportFile("index", output);
  const folder = path.dirname(page);
  const runs = runModule()
    .listRuns(output)
    .map((run) => {
      const report = reportFile(run.notebook, run.folder);
      return { ...run, report: fs.existsSync(report) ? path.relative(folder, report) : undefined };
    });
  replaceTogether(folder, new Map([[path.basename(page), runsPages().runsPage(runs, pageScripts())]]));
  return page;
}
