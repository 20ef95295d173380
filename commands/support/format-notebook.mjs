// Formats the code cells of a notebook with biome, but for long import lists, which fill their lines.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { root } from "../../setup/layout.mjs";
import { UserError } from "../../setup/terminal.mjs";

/** Characters a line: what fits beside the prompts in JupyterLab and in a report. */
const cellWidth = 96;

/** @param {string[]} args @param {string} [input] */
export const biome = (args, input) =>
  spawnSync(process.execPath, [path.join(root, "node_modules", "@biomejs", "biome", "bin", "biome"), ...args], {
    cwd: root,
    input,
    encoding: "utf8",
    stdio: input === undefined ? "inherit" : "pipe",
  });

/**
 * @param {string} name of the notebook's file, for messages
 * @param {string} text its content
 * @returns {{ text: string, changed: string[] }} the formatted notebook, and the ids of the cells that were not
 * @throws {UserError} when a cell cannot be parsed
 */
export function formatCells(name, text) {
  const notebook = JSON.parse(text);
  const changed = [];
  for (const cell of notebook.cells.filter((/** @type {any} */ { cell_type }) => cell_type === "code")) {
    const source = [cell.source].flat().join("");
    const { status, stdout, stderr } = biome(
      ["format", "--stdin-file-path=cell.ts", `--line-width=${cellWidth}`],
      source,
    );
    if (status !== 0) throw new UserError(`notebooks/${name}, cell ${cell.id} cannot be formatted:\n${stderr.trim()}`);
    const formatted = fillImports(stdout.trimEnd());
    if (formatted === source) continue;
    changed.push(cell.id);
    cell.source = formatted.split(/(?<=\n)/);
  }
  return { text: changed.length > 0 ? `${JSON.stringify(notebook, null, 1)}\n` : text, changed };
}

/**
 * Biome gives each name of a long import list a line of its own: nobody wants to scroll past thirty lines at the top of a
 * notebook.
 * @param {string} source formatted by biome
 */
export const fillImports = (source) =>
  source.replace(/^(import (?:type )?\{)\n((?: {2}(?:type )?[\w$]+(?: as [\w$]+)?,\n)+)\}/gm, (_, start, names) => {
    const lines = [""];
    for (const name of names.match(/\S.*,/g)) {
      if (lines[0] && lines[0].length + 1 + name.length > cellWidth - 2) lines.unshift("");
      lines[0] += lines[0] ? ` ${name}` : name;
    }
    return `${start}\n${lines
      .reverse()
      .map((line) => `  ${line}\n`)
      .join("")}}`;
  });
