// Runs random cases in processes of their own, so that a crash of one is found like any other difference.
import { spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));

/** Cases that one process runs: its memory stays small, and tfjs' counters of names too. */
const casesOfProcess = 250;

/** @typedef {"models" | "uses"} Kind */
/** @typedef {{ seed: number, problem: string, model?: string }} Failure */
/** @typedef {{ failures: Failure[], stockCrashes: number[] }} Report */

/**
 * Compares native kernels with stock tfjs on random cases.
 * @param {Kind} kind
 * @param {number} first seed
 * @param {number} count
 * @param {(done: number) => void} [onProgress]
 * @returns {Promise<Report>} the seeds at which they differ, or at which the native kernels crash; and those at which stock
 *   tfjs alone crashes: TensorFlow's own kernels have such defects, so these say nothing of ours
 */
export async function fuzz(kind, first, count, onProgress) {
  /** @type {Report} */
  const report = { failures: [], stockCrashes: [] };
  for (let seed = first; seed < first + count; ) {
    const some = Math.min(casesOfProcess, first + count - seed);
    const { last, crash } = await runProcess(kind, seed, some, (record) => {
      if ("problem" in record) report.failures.push(record);
      else onProgress?.(record.seed - first);
    });
    if (crash !== undefined && (await crashesWithoutUs(kind, seed, last))) report.stockCrashes.push(last);
    else if (crash !== undefined) report.failures.push({ seed: last, problem: crash });
    seed = crash === undefined ? seed + some : last + 1;
  }
  return report;
}

/**
 * Whether the last case of a process crashes with stock tfjs too. If it crashes by itself, stock tfjs must do so at the same
 * case; otherwise at one of those before, which may have corrupted the heap. A few times, because what a corrupted heap does
 * is not the same each time.
 * @param {Kind} kind
 * @param {number} first
 * @param {number} last
 */
async function crashesWithoutUs(kind, first, last) {
  const alone = await runProcess(kind, last, 1, () => {});
  const starts = alone.signal ? [last] : [last, Math.max(first, last - 10), first];
  for (let trial = 0; trial < 5; trial++)
    for (const from of starts) {
      const { signal } = await runProcess(kind, from, last - from + 1, () => {}, "stock");
      if (signal) return true;
    }
  return false;
}

/**
 * @param {Kind} kind
 * @param {number} first
 * @param {number} count
 * @param {(record: Failure | { seed: number }) => void} onRecord
 * @param {"stock"[]} stock only tfjs' own kernels
 * @returns {Promise<{ last: number, crash: string | undefined, signal: NodeJS.Signals | null }>} the last seed that was
 *   begun, and how the process ended if it did not end well
 */
function runProcess(kind, first, count, onRecord, ...stock) {
  const script = path.join(here, "run.ts");
  const child = spawn(
    process.execPath,
    ["--require", "ts-node/register", script, kind, `${first}`, `${count}`, ...stock],
    {
      cwd: path.join(here, "..", ".."),
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, MALLOC_CHECK_: "3", MALLOC_PERTURB_: "165" },
    },
  );
  let last = first;
  let printed = "";
  createInterface({ input: child.stdout }).on("line", (line) => {
    const record = JSON.parse(line);
    last = record.seed;
    onRecord(record);
  });
  child.stderr.on("data", (chunk) => {
    printed = `${printed}${chunk}`.slice(-2000);
  });
  return new Promise((resolve) => {
    child.on("close", (code, signal) => {
      const crash =
        code === 0 ? undefined : `the process ended with ${signal ?? `exit code ${code}`}: ${printed.trim()}`;
      resolve({ last, crash, signal });
    });
  });
}
