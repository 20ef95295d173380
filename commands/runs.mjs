// npm run runs: the runs of the notebooks that are kept in runs/.
//   npm run runs                        lists them, the newest first, and writes reports/index.html: all side by side
//   npm run runs -- compare RUN RUN     what differs between two, and their scores
//   npm run runs -- use RUN             copies one to reports/, models/ and results/
//   npm run runs -- delete RUN...       asks first; --yes answers
// A run is named by its name in the list, or a part of it that no other run has.
import path from "node:path";
import readline from "node:readline/promises";
import { root } from "../setup/layout.mjs";
import { UserError } from "../setup/terminal.mjs";
import { ArgumentError, mustBeOneOf, readArguments } from "./support/arguments.mjs";
import { runModule } from "./support/library.mjs";
import { main } from "./support/main.mjs";
import { output } from "./support/paths.mjs";
import { comparisonText, deleteRuns, listText, namedRun, whatDeletingMeans } from "./support/runs.mjs";
import { writeRunsPage } from "./support/runs-page.mjs";

/** @type {import("./support/arguments.mjs").Syntax} */
const syntax = {
  usage: "npm run runs -- [compare RUN RUN | use RUN | delete RUN... [--yes]]",
  options: { yes: { type: "boolean" } },
  positionals: true,
};
/** What is named after each action. */
const wanted = /** @type {Record<string, string>} */ ({
  list: "nothing",
  compare: "two runs",
  use: "one run",
  delete: "the runs",
});

await main(
  () =>
    readArguments(syntax, ({ yes }, [action = "list", ...names]) => {
      mustBeOneOf("action", [action], Object.keys(wanted));
      const most = { list: 0, compare: 2, use: 1 }[action] ?? names.length;
      if (names.length !== most || (action === "delete" && most === 0))
        throw new ArgumentError(`name ${wanted[action]} after "${action}"`);
      if (yes && action !== "delete") throw new ArgumentError("--yes goes with delete");
      return { action, names, yes: yes === true };
    }),
  async ({ action, names, yes }) => {
    const runs = runModule().listRuns(output);
    const chosen = names.map((name) => namedRun(name, runs));
    if (action === "list") {
      console.log(listText(runs, output));
      if (runs.length > 0) console.log(`Side by side, with curves and digits: ${shown(writeRunsPage(output))}`);
    }
    if (action === "compare") console.log(comparisonText(chosen[0], chosen[1]));
    if (action === "use") {
      if (!chosen[0].results) throw new UserError(`"${chosen[0].name}" is unfinished: it has no results.`);
      runModule().publishRun(output, chosen[0]);
      console.log(`reports/, models/ and results/ hold a copy of "${chosen[0].name}".`);
    }
    if (action === "delete") {
      console.log(whatDeletingMeans(chosen, runs, output));
      if (!yes && !(await confirmed())) return 1;
      deleteRuns(chosen);
      writeRunsPage(output);
      console.log(`Deleted ${chosen.length === 1 ? "1 run" : `${chosen.length} runs`}.`);
    }
    return 0;
  },
);

/** @param {string} file */
function shown(file) {
  const relative = path.relative(root, file);
  return relative.startsWith("..") ? file : relative;
}

/** @returns {Promise<boolean>} */
async function confirmed() {
  if (!process.stdin.isTTY) throw new UserError("Nothing was deleted: add --yes to delete without being asked.");
  const terminal = readline.createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question("Delete? [y/N] ");
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}
