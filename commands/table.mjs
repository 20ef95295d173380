// npm run table: the scores of the last runs of both notebooks, as at the end of `npm start`; a table for each set of
// noisy images.
//   npm run table -- --markdown        as in the README
import { UserError } from "../setup/terminal.mjs";
import { readArguments } from "./support/arguments.mjs";
import { finalTables, finalText } from "./support/final-table.mjs";
import { tables } from "./support/library.mjs";
import { main } from "./support/main.mjs";
import { output } from "./support/paths.mjs";
import { lastResults } from "./support/results.mjs";

/** @type {import("./support/arguments.mjs").Syntax} */
const syntax = { usage: "npm run table -- [--markdown]", options: { markdown: { type: "boolean" } } };

await main(
  () => readArguments(syntax, ({ markdown }) => markdown === true),
  async (markdown) => {
    const results = lastResults(output);
    if (results.length === 0) throw new UserError("There are no results yet: `npm start` runs the notebooks.");
    const markdownText = () => finalTables(results).map(tables().tableMarkdown).join("\n\n");
    console.log(markdown ? markdownText() : finalText(results));
  },
);
