// Runs on the workers of a Dask cluster. They find the project, and leave their results, at the same path as here.
import { spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { jupyterEnvironment, python } from "../../../setup/layout.mjs";
import { UserError } from "../../../setup/terminal.mjs";
import { Stopped } from "../run-notebook.mjs";

/** @typedef {import("./runs.mjs").PlannedRun} PlannedRun */

/** @param {string} name */
const beside = (name) => path.join(path.dirname(fileURLToPath(import.meta.url)), name);

/**
 * @param {string} scheduler its address, "tcp://host:8786"
 * @param {PlannedRun[]} runs
 * @param {(run: PlannedRun, error: string | undefined) => void} onEnd called as each run ends, in whichever order they do
 * @throws {UserError} when there is no such scheduler, or somebody pressed Ctrl-C
 */
export async function performOnCluster(scheduler, runs, onEnd) {
  const child = spawn(python, [beside("submit.py")], { env: jupyterEnvironment() });
  const byName = new Map(runs.map((run) => [run.name, run]));
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { name, error } = JSON.parse(line);
    const run = byName.get(name);
    if (!run) refusal = error;
    else if (!stopped) onEnd(run, error ?? undefined);
  });
  let refusal = "";
  let printed = "";
  child.stderr.on("data", (chunk) => {
    printed = `${printed}${chunk}`.slice(-20_000);
  });
  let stopped = false;
  const stop = () => {
    stopped = true;
    console.log("  stopping");
    child.stdin.end(); // it stops its runs when its input ends
  };
  process.once("SIGINT", stop);
  const command = [process.execPath, beside("worker.mjs")];
  const texts = Object.fromEntries(runs.map((run) => [run.name, JSON.stringify(run)]));
  child.stdin.write(`${JSON.stringify({ scheduler, command, runs: texts })}\n`);
  const code = await new Promise((resolve) => child.on("close", resolve));
  process.off("SIGINT", stop);
  if (stopped) throw new Stopped("Stopped.");
  if (refusal) throw new UserError(refusal);
  if (code !== 0) throw new UserError(`The runs could not be submitted:\n${printed.trim()}`);
}
