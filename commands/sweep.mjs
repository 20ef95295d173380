// npm run sweep: runs a notebook once for each combination of parameters, and compares the trainings on one page.
//   npm run sweep -- --notebook unet -p learningRate=0.001,0.003 -p sigma=0.3,0.5
//   npm run sweep -- --notebook unet --quick -p filters=8,16      10,000 digits, two epochs
//   npm run sweep -- … --scheduler tcp://host:8786                on a Dask cluster, as many at once as it has workers
// The same command goes on where it was stopped: runs that are finished are not repeated.
import path from "node:path";
import { parseArgs } from "node:util";
import { root } from "../setup/layout.mjs";
import { UserError } from "../setup/terminal.mjs";
import { main } from "./main.mjs";
import { notebooks, output, Stopped } from "./notebooks.mjs";
import { joinParameters, parametersOf, quick, readParameters, splitPairs } from "./parameters.mjs";
import { performOnCluster } from "./sweep/cluster.mjs";
import { combinations, nameOf, splitValues } from "./sweep/grid.mjs";
import { openJournal } from "./sweep/journal.mjs";
import { perform, resultsOf } from "./sweep/runs.mjs";

await main(async () => {
  const { notebook, given, scheduler } = readArguments();
  const folder = path.join(output, "sweeps", notebook);
  const values = await readParameters(notebook, splitValues(given));
  const runs = combinations(values, [...(await parametersOf(notebook)).keys()]).map((parameters) => {
    const name = nameOf(parameters);
    return { name, notebook, parameters, folder: path.join(folder, name) };
  });
  const journal = openJournal(notebook, folder, runs);
  console.log(`\nnotebooks/${notebook}.ipynb: ${runs.length === 1 ? "1 run" : `${runs.length} runs`}`);
  const waiting = runs.filter((run) => !resultsOf(run));
  for (const run of runs) if (!waiting.includes(run)) journal.finishedBefore(run);
  try {
    if (scheduler && waiting.length > 0) {
      console.log(`\n${waiting.length} of ${runs.length} to ${scheduler}`);
      await performOnCluster(scheduler, waiting, journal.ended);
    } else
      for (const run of waiting) {
        journal.begins(run);
        journal.ended(run, await failureOf(perform(run)));
      }
  } catch (error) {
    throw error instanceof Stopped ? new UserError("Stopped. The same command goes on from here.") : error;
  } finally {
    journal.save();
  }
  console.log(`\n${journal.table()}\n\nWith curves, and to sort: ${path.relative(root, journal.page)}`);
  const failed = journal.failed();
  if (failed.length > 0)
    throw new UserError(
      `${failed.length} of ${runs.length} runs failed; the same command tries them again:\n  ${failed.join("\n  ")}`,
    );
});

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

/** @returns {{ notebook: string, given: [string, string][], scheduler: string | undefined }} */
function readArguments() {
  try {
    const { values } = parseArgs({
      args: joinParameters(process.argv.slice(2)),
      options: {
        quick: { type: "boolean" },
        notebook: { type: "string" },
        parameter: { type: "string", short: "p", multiple: true },
        scheduler: { type: "string" },
      },
    });
    const { notebook, scheduler } = values;
    if (!notebook || !notebooks.includes(notebook)) throw new Error(`name a notebook: ${notebooks.join(" or ")}`);
    const given = splitPairs(values.parameter);
    if (given.length === 0) throw new Error("say what to vary: -p learningRate=0.001,0.003");
    const names = given.map(([name]) => name);
    const presets = values.quick ? quick.filter(([name]) => !names.includes(name)) : [];
    return { notebook, given: [...presets, ...given], scheduler };
  } catch (error) {
    throw new UserError(
      `${/** @type {Error} */ (error).message}\nUsage: npm run sweep -- --notebook NAME [--quick] -p PARAMETER=VALUE,VALUE... [--scheduler ADDRESS]`,
    );
  }
}
