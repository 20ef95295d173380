// The results files that runs of the notebooks leave.
import fs from "node:fs";
import { UserError } from "../../setup/terminal.mjs";
import { runModule } from "./library.mjs";
import { notebooks, resultsFile } from "./paths.mjs";

/** @typedef {import("../../lib/evaluation/results.js").Results} Results */

/**
 * @param {string} notebook its name
 * @param {string} folder in whose results/ they are
 * @returns {Results}
 * @throws {UserError} when they cannot be read
 */
export function readResults(notebook, folder) {
  const results = runModule().resultsIn(folder, notebook);
  if (!results)
    throw new UserError(`${resultsFile(notebook, folder)} holds no results that can be read: run the notebook again.`);
  return results;
}

/**
 * @param {string} folder in whose results/ they are
 * @returns {Results[]} of those notebooks that have been run, in their order
 * @throws {UserError} when a file cannot be read
 */
export function lastResults(folder) {
  return notebooks.filter((name) => fs.existsSync(resultsFile(name, folder))).map((name) => readResults(name, folder));
}
