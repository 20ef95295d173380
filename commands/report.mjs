// npm run report: exports the notebooks, with the outputs saved in them, to reports/.
//   npm run report -- notebooks/my-own.ipynb
import fs from "node:fs";
import path from "node:path";
import { ArgumentError, readArguments } from "./support/arguments.mjs";
import { exportReport } from "./support/export-report.mjs";
import { main } from "./support/main.mjs";
import { notebookFile, notebooks, output } from "./support/paths.mjs";

const syntax = { usage: "npm run report -- [NOTEBOOK.ipynb]...", positionals: true };

await main(
  () =>
    readArguments(syntax, (_, given) => {
      const missing = given.find((file) => !file.endsWith(".ipynb") || !fs.existsSync(file));
      if (missing) throw new ArgumentError(`there is no notebook ${missing}`);
      return given.length > 0 ? given.map((file) => path.resolve(file)) : notebooks.map(notebookFile);
    }),
  async (sources) => {
    for (const source of sources) {
      const missing = cellsNotRun(source);
      if (missing) console.error(`${path.basename(source)}: ${missing}, so that the report lacks what they show.`);
      console.log(await exportReport(source, path.basename(source, ".ipynb"), output));
    }
  },
);

/**
 * @param {string} source a notebook's file
 * @returns {string | undefined} how many of its cells were not run
 */
function cellsNotRun(source) {
  /** @type {{ cells: { cell_type: string, execution_count?: number | null, source: string | string[] }[] }} */
  const { cells } = JSON.parse(fs.readFileSync(source, "utf8"));
  const code = cells.filter(({ cell_type, source }) => cell_type === "code" && [source].flat().join("").trim() !== "");
  const count = code.filter(({ execution_count }) => !execution_count).length;
  return count === 0 ? undefined : `${count} of ${code.length} cells have not been run`;
}
