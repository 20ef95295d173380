// What set-up needs from the system and the network. Looked for before anything is downloaded, and all that is missing is
// listed at once.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { findCompiler, noCompiler } from "./compiler.mjs";
import { python, pythonFolder, root, setupFolder } from "./layout.mjs";
import { npmProblem } from "./node-packages.mjs";
import { makeEnvironment } from "./python.mjs";
import { basePython, pythonEnvironment } from "./python-environment.mjs";
import { causeOf, lackOfSpace, run } from "./run.mjs";
import { unsupported } from "./system.mjs";
import { step, UserError } from "./terminal.mjs";
import { zigSize } from "./ziglang.mjs";

/**
 * A part of what is set up.
 * @typedef {object} Part
 * @property {() => boolean} isComplete
 * @property {number} size bytes on disk while it is made
 * @property {("Python" | "compiler" | "npm" | "PyPI")[]} needs
 * @property {() => Promise<void>} make does what is missing; an interrupted one is made again
 */

/** Bytes that pip keeps in the temporary folder while it downloads TensorFlow. */
const temporarySize = 0.4e9;

/** @returns {boolean} whether set-up may write into the project's folder */
export const isWritable = () => unwritableFolders().length === 0;

/**
 * @param {Part[]} parts that are missing
 * @throws {UserError} that lists what they lack
 */
export async function requirePrerequisites(parts) {
  const line = step("What set-up needs");
  const problems = await problemsOf(parts);
  if (problems.length === 0) return line.done();
  line.failed();
  const list = problems.map((problem) => `  - ${problem.replaceAll("\n", "\n    ")}`);
  throw new UserError(
    `Nothing was installed yet, because something is missing:\n\n${list.join("\n")}\n\nThen run the same command again.`,
  );
}

/** @param {Part[]} parts @returns {Promise<string[]>} sentences */
async function problemsOf(parts) {
  const needs = new Set(parts.flatMap((part) => part.needs));
  const compiler = needs.has("compiler") ? await attempt(findCompiler) : {};
  const useZig = needs.has("compiler") && !compiler.value && !compiler.problem;
  const fromPyPI = needs.has("PyPI") || useZig;
  const [npm, python] = await Promise.all([
    needs.has("npm") ? npmProblem() : undefined,
    needs.has("Python") || fromPyPI ? pythonProblems(fromPyPI) : [],
  ]);
  const size = parts.reduce((sum, part) => sum + part.size, useZig ? zigSize : 0);
  return [
    unsupported(),
    ...permissionProblems(),
    ...python,
    compiler.problem,
    useZig && python.length > 0 ? noCompiler() : undefined,
    npm,
    lackOfSpace(root, size),
    fromPyPI ? lackOfSpace(os.tmpdir(), temporarySize) : undefined,
  ].flatMap((problem) => problem ?? []);
}

/**
 * @template Value
 * @param {() => Promise<Value>} work
 * @returns {Promise<{ value?: Value, problem?: string }>} problem: the sentence that it throws
 */
async function attempt(work) {
  try {
    return { value: await work() };
  } catch (error) {
    if (error instanceof UserError) return { problem: error.message };
    throw error;
  }
}

/**
 * Python, its venv module, and PyPI as pip reaches it: with a pip of that Python, so that the settings count.
 * @param {boolean} fromPyPI whether it must be in reach
 */
async function pythonProblems(fromPyPI) {
  if (pythonEnvironment.isComplete()) return fromPyPI ? await pypiProblems(python) : [];
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "environment-"));
  try {
    const { problem } = await attempt(async () => makeEnvironment(await basePython(), folder));
    return problem ? [problem] : await pypiProblems(path.join(folder, "bin", "python"));
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} python that has pip */
async function pypiProblems(python) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "package-"));
  try {
    const requirements = fs.readFileSync(path.join(root, "setup", "requirements.txt"), "utf8");
    const small = /^locket==\S+/m.exec(requirements)?.[0] ?? "locket";
    const flags = ["--no-deps", "--no-cache-dir", "--no-input", "--disable-pip-version-check", "--retries=1"];
    const { code, output } = await run(python, ["-m", "pip", "download", ...flags, "-d", folder, small]);
    const cause = code === 0 ? undefined : causeOf(output);
    return cause ? [`PyPI: ${cause}.`] : [];
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

function unwritableFolders() {
  const folders = [root, setupFolder, path.join(root, "node_modules"), pythonFolder];
  return folders.filter((folder) => {
    try {
      fs.accessSync(folder, fs.constants.W_OK);
      return false;
    } catch (error) {
      return /** @type {NodeJS.ErrnoException} */ (error).code !== "ENOENT";
    }
  });
}

function permissionProblems() {
  return unwritableFolders().map((folder) => {
    const { uid } = fs.statSync(folder);
    const change =
      process.getuid && uid !== process.getuid() ? `, for example with \`sudo chown -R $USER ${folder}\`` : "";
    return `The folder ${folder} is not writable: become its owner${change}.`;
  });
}
