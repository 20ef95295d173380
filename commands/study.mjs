// npm run study: trainings that answer a question. Each prints a table.
//   npm run study -- ablation           what each part of the default recipe is worth
//   npm run study -- noise-levels       one U-Net for all levels of noise beside one for each
//   npm run study -- supervision        what it costs to have no clean images
//   npm run study -- noise-models       ten million values of each kind of noise beside the closed form
//   npm run study -- networks           what changes to the U-Net's layers are worth
//   npm run study -- default            our recipe with three seeds, and with the original's network
//   npm run study -- original           the original's recipe, beside what its README says
//   npm run study -- best               what a larger network reaches in less than an hour
//   npm run study -- live-display       what it costs to watch a training
//   npm run study -- playground         how soon and how fast the playground of a report answers, in each browser
//   npm run study -- best --keep        also puts the results into the documents
import { root } from "../setup/layout.mjs";
import { UserError } from "../setup/terminal.mjs";
import { ArgumentError, listed, mustBeOneOf, readArguments } from "./support/arguments.mjs";
import { studies, tables } from "./support/library.mjs";
import { main } from "./support/main.mjs";
import { publishStudy } from "./support/publish.mjs";

/** @type {import("./support/arguments.mjs").Syntax} */
const syntax = { usage: "npm run study -- NAME [--keep]", options: { keep: { type: "boolean" } }, positionals: true };

await main(
  () =>
    readArguments(syntax, ({ keep }, given) => {
      if (given.length !== 1) throw new ArgumentError(`name one study: ${listed(Object.keys(studies), "or")}`);
      mustBeOneOf("study", given, Object.keys(studies));
      return { name: given[0], keep: keep === true };
    }),
  async ({ name, keep }) => {
    const answer = await studies[name]().catch((/** @type {Error} */ error) => {
      if (error.constructor !== Error) throw error; // nothing that its user can mend
      throw new UserError(`The study "${name}" was not finished: ${error.message}`);
    });
    console.log(`\n${tables().tableText(answer.table)}`);
    if (keep) publishStudy(name, answer, root);
  },
);
