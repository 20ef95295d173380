// One run of a sweep: a notebook executed into a folder of its own, which also records what the run was made of.
import fs from "node:fs";
import path from "node:path";
import { UserError } from "../../../setup/terminal.mjs";
import { exportReport } from "../export-report.mjs";
import { replaceTogether } from "../files.mjs";
import { runModule } from "../library.mjs";
import { executedFile } from "../paths.mjs";
import { runNotebook, Stopped } from "../run-notebook.mjs";
import { difference, fingerprintOf } from "./fingerprint.mjs";

/** @typedef {import("../../../lib/evaluation/results.js").Results} Results */

/**
 * @typedef {object} PlannedRun
 * @property {string} name
 * @property {string} notebook
 * @property {string} folder where its reports/, results/ and models/ go
 * @property {import("./grid.mjs").Parameters} parameters those that were given
 */

const fingerprintFile = "fingerprint.json";

/** @param {PlannedRun} run @returns {Partial<import("./fingerprint.mjs").Fingerprint> | undefined} */
function recordedFingerprint({ folder }) {
  try {
    return JSON.parse(fs.readFileSync(path.join(folder, fingerprintFile), "utf8"));
  } catch {
    return undefined; // there is no such file
  }
}

/** @param {PlannedRun} run @returns {Results | undefined} what it has left, if it has come to its end */
export const resultsOf = ({ notebook, folder }) => runModule().resultsIn(folder, notebook);

/**
 * @param {PlannedRun} run
 * @returns {{ results?: Results, outdated?: string }} results when it is finished and would give the same again; why it
 * would not, when it is finished but something that it depends on has changed
 */
export function stateOf(run) {
  const results = resultsOf(run);
  if (!results) return {};
  const recorded = recordedFingerprint(run);
  if (!recorded) return { outdated: "it is not recorded from which code it was made" };
  const outdated = difference(fingerprintOf(run.notebook, run.parameters), recorded);
  return outdated ? { outdated } : { results };
}

/**
 * Executes the notebook and exports its report. A training that was stopped goes on after its last whole epoch; one that
 * failed, or was begun by other code, begins anew.
 * @param {PlannedRun} run
 * @param {{ quiet?: boolean }} [options]
 * @throws {UserError} that says why it failed
 */
export async function perform(run, { quiet = false } = {}) {
  const { notebook, folder, parameters } = run;
  const fingerprint = fingerprintOf(notebook, parameters);
  const begun = recordedFingerprint(run);
  if (!begun || difference(fingerprint, begun)) {
    for (const name of ["results", "models", "reports"])
      fs.rmSync(path.join(folder, name), { recursive: true, force: true });
    replaceTogether(folder, new Map([[fingerprintFile, `${JSON.stringify(fingerprint, null, 1)}\n`]]));
  }
  try {
    await runNotebook(notebook, [["resume", true], ...parameters], { folder, quiet });
    await exportReport(executedFile(notebook, folder), notebook, folder);
  } catch (error) {
    if (error instanceof UserError && !(error instanceof Stopped))
      fs.rmSync(path.join(folder, "models"), { recursive: true, force: true });
    throw error;
  }
}
