// npm start: runs the notebooks on all of MNIST, writes their reports and prints the final table.
//   npm start -- --quick                                     10,000 digits, one or two epochs; photographs, a few patches; noise
//   npm start -- --notebook photos                           photographs, ten minutes more
//   npm start -- --notebook unet -p epochs 20 -p sigma 0.3   one notebook, other parameters
//   npm start -- --keep                                      also put outputs, results and figures into the documents
// Each run keeps a folder in runs/; reports/, models/ and results/ hold a copy of the newest. A quick run replaces a full
// one there only with --replace.
import path from "node:path";
import { root } from "../setup/layout.mjs";
import { ArgumentError, mustBeOneOf, readArguments } from "./support/arguments.mjs";
import { finalText } from "./support/final-table.mjs";
import { main } from "./support/main.mjs";
import { newRun } from "./support/new-run.mjs";
import { joinParameters, quick, readParameters, splitPairs } from "./support/parameters.mjs";
import { digitNotebooks, notebooks, output, reportFile } from "./support/paths.mjs";
import { publishNotebooks } from "./support/publish.mjs";
import { lastResults } from "./support/results.mjs";

/** @type {import("./support/arguments.mjs").Syntax} */
const syntax = {
  usage: "npm start -- [--quick] [--notebook NAME]... [-p PARAMETER VALUE]... [--replace] [--keep]",
  options: {
    quick: { type: "boolean" },
    notebook: { type: "string", multiple: true },
    parameter: { type: "string", short: "p", multiple: true },
    replace: { type: "boolean" },
    keep: { type: "boolean" },
  },
  args: joinParameters(process.argv.slice(2)),
};

await main(
  () =>
    readArguments(syntax, (values) => {
      mustBeOneOf("notebook", values.notebook ?? [], notebooks);
      const given = splitPairs(values.parameter);
      if (values.keep && (values.quick || given.length > 0))
        throw new ArgumentError("--keep is for runs with the notebooks' own parameters, without --quick and -p");
      return {
        names: values.notebook
          ? notebooks.filter((name) => values.notebook?.includes(name))
          : values.quick
            ? notebooks
            : digitNotebooks,
        parametersOf: (/** @type {string} */ name) => [...(values.quick ? quick(name) : []), ...given],
        /** What --quick has set, as people would have to write it. */
        setByQuick: (/** @type {string} */ name) =>
          (values.quick ? quick(name) : [])
            .filter(([parameter]) => !given.some(([other]) => other === parameter))
            .map((pair) => `-p ${pair.join(" ")}`)
            .join(" "),
        keep: values.keep === true,
        replace: values.replace === true,
      };
    }),
  async ({ names, parametersOf, setByQuick, keep, replace }) => {
    const began = Date.now();
    const checked = await Promise.all(names.map((name) => readParameters(name, parametersOf(name))));
    const results = [];
    for (const [i, name] of names.entries()) {
      const quickly = setByQuick(name);
      console.log(`\nnotebooks/${name}.ipynb${quickly && `; --quick stands for ${quickly}`}`);
      results.push(await newRun(name, checked[i], { output, replace }));
    }
    const others = lastResults(output).filter(({ notebook }) => !names.includes(notebook));
    console.log(`\n${finalText(results, others)}`);
    if (keep) publishNotebooks(names, { output, project: root });
    const minutes = ((Date.now() - began) / 60_000).toFixed(1);
    const all = path.relative(root, reportFile("index", output));
    console.log(
      `\nDone in ${minutes} minutes. Open the reports in a browser, or work in the notebooks: npm run lab. All runs side by side: ${all}`,
    );
  },
);
