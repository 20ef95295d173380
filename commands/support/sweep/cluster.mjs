// Runs on the workers of a Dask cluster. They find the project, and leave their results, at the same path as here.
import { spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { jupyterEnvironment, python } from "../../../setup/layout.mjs";
import { UserError } from "../../../setup/terminal.mjs";
import { Stopped } from "../run-notebook.mjs";

/** @typedef {import("./runs.mjs").PlannedRun} PlannedRun */

/**
 * @typedef {object} Answer of a task
 * @property {string | null} error why it failed, if it failed
 */

/** @param {string} name */
const beside = (name) => path.join(path.dirname(fileURLToPath(import.meta.url)), name);

/**
 * @param {string} scheduler its address, "tcp://host:8786"
 * @param {PlannedRun[]} runs
 * @param {(run: PlannedRun, error: string | undefined) => void} onEnd called as each run ends, in whichever order they do
 * @throws {UserError} when there is no such scheduler, or somebody pressed Ctrl-C
 */
export async function performOnCluster(scheduler, runs, onEnd) {
  const byName = new Map(runs.map((run) => [run.name, run]));
  const stopping = new AbortController();
  const stop = () => {
    console.log("  stopping");
    stopping.abort(new Stopped("Stopped."));
  };
  process.once("SIGINT", stop);
  try {
    const tasks = Object.fromEntries(runs.map((run) => [run.name, JSON.stringify(run)]));
    const ended = (/** @type {string} */ name, /** @type {Answer} */ { error }) =>
      onEnd(/** @type {PlannedRun} */ (byName.get(name)), error ?? undefined);
    await submit(scheduler, beside("worker.mjs"), tasks, ended, stopping.signal);
  } finally {
    process.off("SIGINT", stop);
  }
}

/**
 * Performs tasks on the workers of a cluster. A task goes to another worker when its own has died.
 * @param {string} scheduler its address
 * @param {string} worker the program that performs a task: it reads it from its first line of input, writes an answer as a
 *   line of JSON, and stops when its input ends
 * @param {Record<string, string>} tasks by name, each in one line
 * @param {(name: string, answer: Answer & Record<string, any>) => void} onEnd called as each task ends
 * @param {AbortSignal} [signal] stops all tasks
 * @throws {UserError} when there is no such scheduler
 * @throws what the signal was aborted with
 */
export async function submit(scheduler, worker, tasks, onEnd, signal) {
  const child = spawn(python, [beside("submit.py")], { env: jupyterEnvironment() });
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { name, ...answer } = JSON.parse(line);
    if (name === undefined) refusal = answer.error;
    else if (!signal?.aborted) onEnd(name, answer);
  });
  let refusal = "";
  let printed = "";
  child.stderr.on("data", (chunk) => {
    printed = `${printed}${chunk}`.slice(-20_000);
  });
  const stop = () => child.stdin.end(); // it stops its runs when its input ends
  signal?.addEventListener("abort", stop);
  child.stdin.write(`${JSON.stringify({ scheduler, command: [process.execPath, worker], runs: tasks })}\n`);
  if (signal?.aborted) stop();
  const code = await new Promise((resolve) => child.on("close", resolve));
  signal?.removeEventListener("abort", stop);
  signal?.throwIfAborted();
  if (refusal) throw new UserError(refusal);
  if (code !== 0) throw new UserError(`The runs could not be submitted:\n${printed.trim()}`);
}
