// npm run table: the scores of the last runs of both notebooks, as at the end of `npm start`.
//   npm run table -- --markdown        as in the README
import { readArguments } from "./support/arguments.mjs";
import { finalTable } from "./support/final-table.mjs";
import { tables } from "./support/library.mjs";
import { main } from "./support/main.mjs";
import { output } from "./support/paths.mjs";
import { lastResults } from "./support/results.mjs";

/** @type {import("./support/arguments.mjs").Syntax} */
const syntax = { usage: "npm run table -- [--markdown]", options: { markdown: { type: "boolean" } } };

await main(
  () => readArguments(syntax, ({ markdown }) => markdown === true),
  async (markdown) => {
    const { tableMarkdown, tableText } = tables();
    console.log((markdown ? tableMarkdown : tableText)(finalTable(lastResults(output))));
  },
);
