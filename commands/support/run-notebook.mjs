// Runs a notebook top to bottom with papermill, and shows its training in the terminal.
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { jupyterEnvironment, python, root } from "../../setup/layout.mjs";
import { UserError } from "../../setup/terminal.mjs";
import { followLines } from "./follow-lines.mjs";
import { terminalProgress } from "./library.mjs";
import { executedFile, notebookFile } from "./paths.mjs";

/** @typedef {import("./parameters.mjs").Value} Value */

/** Somebody pressed Ctrl-C. */
export class Stopped extends UserError {}

/**
 * Runs a notebook into `reports/<name>.ipynb`.
 * @param {string} name
 * @param {[string, Value][]} parameters names and values for its parameters cell
 * @param {{ folder: string, output?: string, quiet?: boolean }} options where reports, results and models go; where other
 * notebooks' runs are, and checkpoints; whether to show no progress
 * @throws {UserError} that names the failing cell
 */
export async function runNotebook(name, parameters, { folder, output = folder, quiet = false }) {
  const executed = executedFile(name, folder);
  fs.mkdirSync(path.dirname(executed), { recursive: true });
  fs.rmSync(executed, { force: true }); // what stands there afterwards is of this run
  const temporary = fs.mkdtempSync(path.join(os.tmpdir(), "image-denoiser-"));
  const progress = path.join(temporary, "progress.jsonl");
  const display = quiet ? undefined : trainingDisplay();
  const following = followLines(progress, (line) => display?.event(JSON.parse(line)));
  const child = spawn(python, papermill(name, parameters, executed), {
    cwd: root,
    env: {
      ...jupyterEnvironment(),
      IMAGE_DENOISER_PROGRESS: progress,
      IMAGE_DENOISER_OUTPUT: output,
      IMAGE_DENOISER_RUN: folder,
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let printed = "";
  child.stderr.on("data", (/** @type {Buffer} */ chunk) => {
    printed = `${printed}${chunk}`.slice(-20_000);
  });
  let stopped = false;
  const stop = () => {
    stopped = true;
    child.kill("SIGINT");
  };
  process.once("SIGINT", stop);
  const code = await new Promise((resolve) => {
    child.on("close", resolve);
    child.on("error", () => resolve(null));
  });
  process.off("SIGINT", stop);
  following.end();
  display?.end();
  fs.rmSync(temporary, { recursive: true });
  const rest = fs.existsSync(executed) ? `The notebook as far as it ran: ${path.relative(root, executed)}` : "";
  if (stopped) throw new Stopped(`Stopped. ${rest}`.trim());
  if (code !== 0) throw new UserError(`${failureOf(name, executed, printed)}\n${rest}`.trim());
}

/** @param {string} name @param {[string, Value][]} parameters @param {string} executed */
const papermill = (name, parameters, executed) => [
  ...["-m", "papermill", "--no-progress-bar", "--cwd", path.join(root, "notebooks")],
  ...parameters.flatMap(([parameter, value]) => ["-p", parameter, asPython(value)]),
  notebookFile(name),
  executed,
];

/** @param {Value} value as papermill reads it */
const asPython = (value) => (typeof value === "boolean" ? (value ? "True" : "False") : String(value));

/**
 * The error is an output of the first cell that failed, be it expected or not: papermill ends with it. Without one,
 * papermill itself failed and has printed why.
 * @param {string} name
 * @param {string} executed
 * @param {string} printed
 */
function failureOf(name, executed, printed) {
  const { cells } = fs.existsSync(executed) ? JSON.parse(fs.readFileSync(executed, "utf8")) : { cells: [] };
  const errorOf = (/** @type {any} */ cell) =>
    cell?.outputs?.find((/** @type {any} */ { output_type }) => output_type === "error");
  const failed = cells.find(errorOf);
  const error = errorOf(failed);
  if (error)
    return `notebooks/${name}.ipynb failed in cell In [${failed.execution_count}]:\n${error.traceback.join("\n").trim()}`;
  return `notebooks/${name}.ipynb failed:\n${printed.trim().split("\n").slice(-12).join("\n")}`;
}

/** The display that scripts have: a bar on a terminal, and a line an epoch. */
function trainingDisplay() {
  const display = terminalProgress().progressDisplay(process.stdout);
  return {
    /** @param {any} event what lib/notebook/live-training reports */
    event: ({ ended, ...now }) => (ended ? display.epoch(ended) : display.batch(now)),
    end: display.end,
  };
}
