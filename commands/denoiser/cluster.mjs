// Shares pictures among the workers of a Dask cluster, which find files and the project at the same paths as here.
import path from "node:path";
import { fileURLToPath } from "node:url";
import { submit } from "../support/sweep/cluster.mjs";
import { cleaningAll } from "./modules.mjs";

/** @typedef {import("./plan.js").Job} Job */

/** Starting a worker's program takes seconds, so that large folders are shared out in parts of several pictures. */
const [parts, mostPictures] = [100, 100];

/**
 * @param {string} scheduler its address, "tcp://host:8786"
 * @param {import("./plan.js").Plan} plan
 * @param {ReturnType<typeof import("./model-folders.mjs").modelsFor>} models
 * @param {import("./clean-all.js").Streams} streams
 * @param {import("./clean-all.js").CleanAllOptions} options
 * @returns {Promise<number>} the exit code, as of cleanAll
 */
export async function cleanOnCluster(scheduler, plan, { groups, named }, streams, options) {
  const { sigma, overwrite, signal } = options;
  const jobs = plan.jobs.map(({ input, output }) => ({ input: path.resolve(input), output: path.resolve(output) }));
  const size = Math.min(mostPictures, Math.max(1, Math.ceil(jobs.length / parts)));
  /** @type {Job[][]} */
  const shares = [];
  for (let i = 0; i < jobs.length; i += size) shares.push(jobs.slice(i, i + size));
  const absolute = groups.map((group) => group.map((model) => ({ ...model, folder: path.resolve(model.folder) })));
  const report = cleaningAll().reportOn(plan, streams, options);
  const tasks = shares.map((share, i) => [
    `part ${i + 1}`,
    JSON.stringify({ jobs: share, groups: absolute, named, sigma, overwrite }),
  ]);
  const worker = path.join(path.dirname(fileURLToPath(import.meta.url)), "worker.mjs");
  /** @type {Parameters<typeof submit>[3]} */
  const ended = (name, { error, outcomes = [] }) => {
    for (const [i, job] of shares[Number(name.slice(5)) - 1].entries())
      report.ended(job, error === null ? outcomes[i] : { status: "failed", reason: error });
  };
  try {
    await submit(scheduler, worker, Object.fromEntries(tasks), ended, signal);
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
  return report.finish();
}
