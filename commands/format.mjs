// npm run format: formats and lints all files and the notebooks' cells, by biome, and the notebooks by rules of their
// own; with --check it changes nothing. It ends non-zero when there is something to change.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { root } from "../setup/layout.mjs";
import { lint } from "./notebook-lint.mjs";

const check = process.argv.includes("--check");
const biome = path.join(root, "node_modules", "@biomejs", "biome", "bin", "biome");
/** Characters a line: what fits beside the prompts in JupyterLab and in a report. */
const cellWidth = 96;

/** @param {string[]} args @param {string} [input] */
const run = (args, input) =>
  spawnSync(process.execPath, [biome, ...args], {
    cwd: root,
    input,
    encoding: "utf8",
    stdio: input === undefined ? "inherit" : "pipe",
  });

const { status } = run(["check", "--error-on-warnings", ...(check ? [] : ["--write"]), "."]);
let unformatted = 0;
let problems = 0;
const folder = path.join(root, "notebooks");
for (const name of fs.readdirSync(folder).filter((file) => file.endsWith(".ipynb"))) {
  const file = path.join(folder, name);
  const notebook = JSON.parse(fs.readFileSync(file, "utf8"));
  let changed = false;
  for (const cell of notebook.cells.filter((/** @type {any} */ { cell_type }) => cell_type === "code")) {
    const source = [cell.source].flat().join("");
    const result = run(["format", "--stdin-file-path=cell.ts", `--line-width=${cellWidth}`], source);
    if (result.status !== 0) throw new Error(`${name}, cell ${cell.id}: ${result.stderr}`);
    const formatted = result.stdout.trimEnd();
    if (formatted === source) continue;
    console.log(`notebooks/${name}: cell ${cell.id} is ${check ? "not formatted: run npm run format" : "formatted"}`);
    unformatted++;
    changed = true;
    cell.source = formatted.split(/(?<=\n)/);
  }
  if (changed && !check) fs.writeFileSync(file, `${JSON.stringify(notebook, null, 1)}\n`);
  for (const problem of lint(fs.readFileSync(file, "utf8"))) {
    console.log(`notebooks/${name}: ${problem}`);
    problems++;
  }
}
process.exitCode = status || (check && unformatted > 0) || problems > 0 ? 1 : 0;
