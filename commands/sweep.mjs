// npm run sweep: runs a notebook once for each combination of parameters, and compares the trainings on one page.
//   npm run sweep -- --notebook unet -p learningRate=0.001,0.003 -p sigma=0.3,0.5
//   npm run sweep -- --notebook unet --quick -p filters=8,16      10,000 digits, one or two epochs
//   npm run sweep -- … --scheduler tcp://host:8786                on a Dask cluster, as many at once as it has workers
// The same command goes on where it was stopped. A finished run is run again only when its code has changed.
import path from "node:path";
import { root } from "../setup/layout.mjs";
import { UserError } from "../setup/terminal.mjs";
import { ArgumentError, listed, mustBeOneOf, readArguments } from "./support/arguments.mjs";
import { main } from "./support/main.mjs";
import { joinParameters, parametersOf, quick, readParameters, splitPairs } from "./support/parameters.mjs";
import { notebooks, output } from "./support/paths.mjs";
import { Stopped } from "./support/run-notebook.mjs";
import { performOnCluster } from "./support/sweep/cluster.mjs";
import { combinations, nameOf, splitValues } from "./support/sweep/grid.mjs";
import { sweepProgress } from "./support/sweep/progress.mjs";
import { perform } from "./support/sweep/runs.mjs";

/** @type {import("./support/arguments.mjs").Syntax} */
const syntax = {
  usage: "npm run sweep -- --notebook NAME [--quick] -p PARAMETER=VALUE,VALUE... [--scheduler ADDRESS]",
  options: {
    quick: { type: "boolean" },
    notebook: { type: "string" },
    parameter: { type: "string", short: "p", multiple: true },
    scheduler: { type: "string" },
  },
  args: joinParameters(process.argv.slice(2)),
};

await main(
  () =>
    readArguments(syntax, ({ quick: isQuick, notebook, parameter, scheduler }) => {
      if (!notebook) throw new ArgumentError(`name a notebook: --notebook ${listed(notebooks, "or")}`);
      mustBeOneOf("notebook", [notebook], notebooks);
      const given = splitPairs(parameter);
      if (given.length === 0) throw new ArgumentError("say what to vary: -p learningRate=0.001,0.003");
      const names = given.map(([name]) => name);
      const presets = isQuick ? quick(notebook).filter(([name]) => !names.includes(name)) : [];
      return { notebook, given: [...presets, ...given], scheduler };
    }),
  async ({ notebook, given, scheduler }) => {
    const folder = path.join(output, "sweeps", notebook);
    const values = await readParameters(notebook, splitValues(given));
    const runs = combinations(values, [...(await parametersOf(notebook)).keys()]).map((parameters) => {
      const name = nameOf(parameters);
      return { name, notebook, parameters, folder: path.join(folder, name) };
    });
    console.log(`\nnotebooks/${notebook}.ipynb: ${runs.length === 1 ? "1 run" : `${runs.length} runs`}`);
    const progress = sweepProgress(notebook, folder, runs);
    const { waiting } = progress;
    try {
      if (scheduler && waiting.length > 0) {
        console.log(`\n${waiting.length} of ${runs.length} to ${scheduler}`);
        await performOnCluster(scheduler, waiting, progress.ended);
      } else
        for (const run of waiting) {
          progress.begins(run);
          progress.ended(run, await failureOf(perform(run)));
        }
    } catch (error) {
      throw error instanceof Stopped ? new UserError("Stopped. The same command goes on from here.") : error;
    } finally {
      progress.save();
    }
    console.log(`\n${progress.table()}\n\nWith curves, and to sort: ${path.relative(root, progress.page)}`);
    const failed = progress.failed();
    if (failed.length > 0)
      throw new UserError(
        `${failed.length} of ${runs.length} runs failed; the same command tries them again:\n  ${failed.join("\n  ")}`,
      );
  },
);

/**
 * @param {Promise<void>} run
 * @returns {Promise<string | undefined>} what made it fail; a stop is no failure
 */
async function failureOf(run) {
  try {
    await run;
    return undefined;
  } catch (error) {
    if (error instanceof UserError && !(error instanceof Stopped)) return error.message;
    throw error;
  }
}
