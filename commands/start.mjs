// npm start: runs both notebooks on all of MNIST, writes their reports and prints the final table.
//   npm start -- --quick                                     10,000 digits, two epochs, small batches
//   npm start -- --notebook unet -p epochs 20 -p sigma 0.3   one notebook, other parameters
//   npm start -- --keep                                      also keep outputs, results and pictures for the README
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { root } from "../setup/layout.mjs";
import { megabytes, UserError } from "../setup/terminal.mjs";
import { main } from "./main.mjs";
import { execute, executed, exportReport, notebooks, output, readNotebook } from "./notebooks.mjs";
import { joinParameters, quick, readParameters, splitPairs } from "./parameters.mjs";
import { refreshReadme } from "./readme.mjs";

/** @typedef {import("./parameters.mjs").Value} Value */

await main(async () => {
  const { chosen, parameters, keep } = readArguments();
  const began = Date.now();
  /** @type {Record<string, [string, Value][]>} */
  const checked = {};
  for (const name of chosen) checked[name] = await readParameters(name, parameters);
  for (const name of chosen) {
    console.log(`\nnotebooks/${name}.ipynb`);
    await execute(name, checked[name]);
    const report = await exportReport(executed(name), name);
    console.log(
      `  report: ${path.relative(root, report)} (${megabytes(fs.statSync(report).size)}, opens without a network)`,
    );
    if (keep) keepForReaders(name);
  }
  if (keep) refreshReadme("<!-- results: npm start -- --keep -->", "<!-- end of results -->", finalTable("--markdown"));
  console.log(
    `\n${finalTable()}\n\nDone in ${((Date.now() - began) / 60_000).toFixed(1)} minutes. Open the reports in a browser, or work in the notebooks: npm run lab`,
  );
});

/** @returns {{ chosen: string[], parameters: [string, string][], keep: boolean }} */
function readArguments() {
  const args = joinParameters(process.argv.slice(2));
  try {
    const { values } = parseArgs({
      args,
      options: {
        quick: { type: "boolean" },
        keep: { type: "boolean" },
        notebook: { type: "string", multiple: true },
        parameter: { type: "string", short: "p", multiple: true },
      },
    });
    const unknown = values.notebook?.find((name) => !notebooks.includes(name));
    if (unknown) throw new Error(`there is no notebook "${unknown}"; there are ${notebooks.join(" and ")}`);
    const given = splitPairs(values.parameter);
    if (values.keep && (values.quick || given.length > 0))
      throw new Error("--keep is for runs with the notebooks' own parameters, without --quick and -p");
    return {
      chosen: values.notebook ?? notebooks,
      parameters: [...(values.quick ? quick : []), ...given],
      keep: values.keep === true,
    };
  } catch (error) {
    throw new UserError(
      `${/** @type {Error} */ (error).message}\nUsage: npm start -- [--quick] [--notebook NAME] [-p PARAMETER VALUE]...`,
    );
  }
}

/**
 * The committed notebooks, figures and numbers come from full runs, by this.
 * @param {string} name
 */
function keepForReaders(name) {
  const docs = path.join(root, "docs");
  for (const folder of ["results", "images"]) fs.mkdirSync(path.join(docs, folder), { recursive: true });
  fs.copyFileSync(path.join(output, "results", `${name}.json`), path.join(docs, "results", `${name}.json`));
  const notebook = readNotebook(executed(name));
  for (const id of ["training", "pictures"]) {
    const [still] = notebook.stills(id);
    fs.writeFileSync(path.join(docs, "images", `${name}-${id}.svg`), still);
  }
  fs.writeFileSync(path.join(root, "notebooks", `${name}.ipynb`), notebook.withoutRunnersTraces());
}

/** @param {string[]} options */
function finalTable(...options) {
  const script = path.join(root, "lib", "evaluation", "final-table.ts");
  const args = ["--require", "ts-node/register", script, ...options];
  return spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" }).stdout.trimEnd();
}
