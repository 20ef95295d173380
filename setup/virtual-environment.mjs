// Python environments of pinned packages: finds a suitable Python and installs what requirements.txt lists. A stamp is
// written last: without it, or with another one, the environment is incomplete, was moved or is outdated.
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { root } from "./layout.mjs";
import { failure, requireDiskSpace, run } from "./run.mjs";
import { step, UserError } from "./terminal.mjs";

/**
 * @typedef {object} Environment
 * @property {string} title what the terminal says while it is made
 * @property {string} subject what could not be installed, when that fails: "JupyterLab"
 * @property {string} folder
 * @property {string} requirements a file of versions with checksums
 * @property {string[]} [sources] other files that it is made from
 * @property {number} size bytes
 * @property {number} oldest minor version of Python 3
 * @property {number} [newest] minor version of Python 3
 * @property {(python: string, pip: string[]) => Promise<void>} [finish] installs what is not in requirements
 */

const install =
  process.platform === "darwin"
    ? "`brew install python`"
    : "`sudo apt install python3 python3-venv` (or your system's equivalent)";

/**
 * @param {Pick<Environment, "oldest" | "newest">} versions
 * @returns {Promise<string>} the command of a Python that can make environments
 * @throws {UserError} that says what to install
 */
async function findPython({ oldest, newest }) {
  const needed = newest ? `Python 3.${oldest} to 3.${newest}` : `Python 3.${oldest} or newer`;
  const candidates = process.env.PYTHON
    ? [process.env.PYTHON]
    : ["python3", "python", "python3.13", "python3.12", "python3.11", "python3.10"];
  const probe = `import sys\nprint((3, ${oldest}) <= sys.version_info < (3, ${(newest ?? 98) + 1}), sys.version.split()[0])\ntry:\n import venv, ensurepip\n print('venv')\nexcept ImportError: pass`;
  let found = "";
  for (const candidate of candidates) {
    const { code, output } = await run(candidate, ["-c", probe]);
    if (code !== 0) continue;
    const [fits, version] = output.split(/\s+/);
    const tooNew = newest && Number(version.split(".")[1]) > newest;
    if (fits !== "True")
      found ||= `Python ${version} is too ${tooNew ? "new" : "old"}: ${needed} is needed; install it with ${install}.`;
    else if (!output.includes("venv"))
      found ||= `Python ${version} lacks the venv module: install it with ${process.platform === "darwin" ? install : "`sudo apt install python3-venv`"}.`;
    else return candidate;
  }
  const missing = process.env.PYTHON
    ? `PYTHON=${process.env.PYTHON} is not a Python that runs.`
    : `${needed} was not found: install it with ${install}.`;
  throw new UserError(found || missing);
}

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
  const { title, subject, folder, requirements, size, finish } = environment;
  const python = pythonOf(environment);
  const base = await findPython(environment);
  requireDiskSpace(root, size);
  const line = step(title);
  try {
    fs.rmSync(folder, { recursive: true, force: true });
    const created = await run(base, ["-m", "venv", folder]);
    if (created.code !== 0) {
      if (/ensurepip/.test(created.output))
        throw new UserError("Python's venv module is incomplete: install it with `sudo apt install python3-venv`.");
      throw failure("The Python environment", created.output);
    }
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
