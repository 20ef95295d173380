// One run of a sweep: a notebook executed into a folder of its own. What is in that folder tells whether it is done.
import fs from "node:fs";
import path from "node:path";
import { UserError } from "../../setup/terminal.mjs";
import { execute, executed, exportReport, Stopped } from "../notebooks.mjs";

/** @typedef {import("../../lib/evaluation/results.js").Results} Results */

/**
 * @typedef {object} Run
 * @property {string} name
 * @property {string} notebook
 * @property {string} folder where its reports/, results/ and models/ go
 * @property {import("./grid.mjs").Parameters} parameters those that were given
 */

/**
 * @param {Run} run
 * @returns {Results | undefined} undefined when the run was not finished, or was another
 */
export function resultsOf({ notebook, folder, parameters }) {
  try {
    /** @type {Results} */
    const results = JSON.parse(fs.readFileSync(path.join(folder, "results", `${notebook}.json`), "utf8"));
    const asGiven = parameters.every(([name, value]) => (results.parameters[name] ?? value) === value);
    return results.schema === 1 && results.test.denoised && asGiven ? results : undefined;
  } catch {
    return undefined; // there is no such file, or not all of it
  }
}

/** @param {Run} run */
export const reportOf = ({ notebook, folder }) => path.join(folder, "reports", `${notebook}.html`);

/**
 * Executes the notebook and exports its report. A training that was stopped goes on after its last whole epoch; one that
 * failed begins anew, since its cause may be mended by now.
 * @param {Run} run
 * @throws {UserError} that says why it failed
 */
export async function perform({ notebook, folder, parameters }) {
  try {
    await execute(notebook, [["resume", true], ...parameters], folder);
    await exportReport(executed(notebook, folder), notebook, folder);
  } catch (error) {
    if (error instanceof UserError && !(error instanceof Stopped))
      fs.rmSync(path.join(folder, "models"), { recursive: true, force: true });
    throw error;
  }
}
