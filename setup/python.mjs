// Finds a Python that can make environments.
import { failure, run } from "./run.mjs";
import { howToInstall } from "./system.mjs";
import { UserError } from "./terminal.mjs";

/** @typedef {{ oldest: number, newest?: number }} Versions minor versions of Python 3 */

/**
 * @param {Versions} versions
 * @returns {Promise<string>} the command of a Python that can make environments
 * @throws {UserError} that says what to install
 */
export async function findPython({ oldest, newest }) {
  const needed = newest ? `Python 3.${oldest} to 3.${newest}` : `Python 3.${oldest} or newer`;
  const candidates = process.env.PYTHON
    ? [process.env.PYTHON]
    : ["python3", "python", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"];
  const probe = `import sys\nprint((3, ${oldest}) <= sys.version_info < (3, ${(newest ?? 98) + 1}), sys.version.split()[0])\ntry:\n import venv, ensurepip\n print('venv')\nexcept ImportError: pass`;
  let found = "";
  for (const candidate of candidates) {
    const { code, output } = await run(candidate, ["-c", probe]);
    if (code !== 0) continue;
    const [fits, version] = output.split(/\s+/);
    const tooNew = newest && Number(version.split(".")[1]) > newest;
    if (fits !== "True")
      found ||= `Python ${version} is too ${tooNew ? "new" : "old"}: ${needed} is needed. Install it ${howToInstall("python")}; if that gives no other version, \`uv python install 3.12\` does (https://docs.astral.sh/uv). PYTHON=/path/to/python3 before the command says which to use.`;
    else if (!output.includes("venv"))
      found ||= `Python ${version} lacks the venv module: install it ${howToInstall("venv")}.`;
    else return candidate;
  }
  const missing = process.env.PYTHON
    ? `PYTHON=${process.env.PYTHON} is not a Python that runs.`
    : `${needed} was not found: install it ${howToInstall("python")}.`;
  throw new UserError(found || missing);
}

/**
 * Makes an environment without packages.
 * @param {string} python
 * @param {string} folder
 * @throws {UserError} that says what to install
 */
export async function makeEnvironment(python, folder) {
  const { code, output } = await run(python, ["-m", "venv", folder]);
  if (code === 0) return;
  if (/ensurepip/.test(output))
    throw new UserError(`Python's venv module is incomplete: install it ${howToInstall("venv")}.`);
  throw failure("The Python environment", output);
}
