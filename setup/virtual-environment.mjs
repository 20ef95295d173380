// Python environments of pinned packages: installs what requirements.txt lists. A stamp is written last: without it, or
// with another one, the environment is incomplete, was moved or is outdated.
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { findPython, makeEnvironment } from "./python.mjs";
import { failure, run } from "./run.mjs";
import { step } from "./terminal.mjs";

/**
 * @typedef {object} Environment
 * @property {string} title what the terminal says while it is made
 * @property {string} subject what could not be installed, when that fails: "JupyterLab"
 * @property {string} folder
 * @property {string} requirements a file of versions with checksums
 * @property {string[]} [sources] other files that it is made from
 * @property {number} oldest minor version of Python 3
 * @property {number} [newest] minor version of Python 3
 * @property {(python: string, pip: string[]) => Promise<void>} [finish] installs what is not in requirements
 */

/** @param {Environment} environment */
export const pythonOf = ({ folder }) => path.join(folder, "bin", "python");

/** @param {Environment} environment */
function stamp({ folder, requirements, sources = [] }) {
  const hash = createHash("sha256").update(folder);
  for (const file of [requirements, ...sources]) hash.update(fs.readFileSync(file));
  return hash.digest("hex");
}

/** @param {Environment} environment */
const stampFile = ({ folder }) => path.join(folder, "complete");

/**
 * @param {Environment} environment
 * @returns {boolean} whether it is complete, with the packages that are wanted now
 */
export function isComplete(environment) {
  const file = stampFile(environment);
  return (
    fs.existsSync(file) && fs.existsSync(pythonOf(environment)) && fs.readFileSync(file, "utf8") === stamp(environment)
  );
}

/**
 * Makes the environment, unless it is complete.
 * @param {Environment} environment
 */
export async function virtualEnvironment(environment) {
  if (isComplete(environment)) return;
  const { title, subject, folder, requirements, finish } = environment;
  const python = pythonOf(environment);
  const base = await findPython(environment);
  const line = step(title);
  try {
    fs.rmSync(folder, { recursive: true, force: true });
    await makeEnvironment(base, folder);
    const pip = ["-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--progress-bar=off"];
    /** @param {string} text */
    const onLine = (text) => {
      const name = /^\s*(?:Collecting|Downloading) ([\w.-]+)/.exec(text)?.[1];
      if (name && process.stdout.isTTY) line.progress(name.split(/[=<>]/)[0]);
      else if (/^Installing collected/.test(text)) line.progress("installing");
    };
    const packages = await run(python, [...pip, "--require-hashes", "-r", requirements], { onLine });
    if (packages.code !== 0) throw failure(subject, packages.output);
    await finish?.(python, pip);
  } catch (error) {
    line.failed();
    throw error;
  }
  fs.writeFileSync(`${stampFile(environment)}.part`, stamp(environment));
  fs.renameSync(`${stampFile(environment)}.part`, stampFile(environment));
  line.done();
}
