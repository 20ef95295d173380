// Tables in the README and in docs/ that commands refresh. Each stands between two comments, the first of which names the
// command: "<!-- results: npm start -- --keep -->", the table, "<!-- end of results -->".
import fs from "node:fs";
import path from "node:path";
import { UserError } from "../../setup/terminal.mjs";

/**
 * @param {string} project the folder of the README and docs/
 * @param {string} command that makes the table
 * @param {string | ((link: (file: string) => string) => string)} table in Markdown; `link` gives the address of a file of
 * the project, as the document refers to it
 * @returns {[file: string, text: string]} the document that has a place for the table, with that table in it
 * @throws {UserError} when there is no such document
 */
export function documentWith(project, command, table) {
  const begin = `<!-- results: ${command} -->\n`;
  for (const file of documentsIn(project)) {
    const text = fs.readFileSync(path.join(project, file), "utf8");
    const start = text.indexOf(begin) + begin.length;
    const end = text.indexOf("<!-- end of ", start);
    if (start < begin.length || end < 0) continue;
    const link = (/** @type {string} */ target) => path.relative(path.dirname(file), target);
    const content = typeof table === "string" ? table : table(link);
    return [file, `${text.slice(0, start)}\n${content}\n\n${text.slice(end)}`];
  }
  throw new UserError(
    `No document has a place for the table: "${begin.trim()}" … "<!-- end of … -->". Nothing was kept.`,
  );
}

/** @param {string} project @returns {string[]} paths in it */
function documentsIn(project) {
  const names = /** @type {string[]} */ (fs.readdirSync(path.join(project, "docs"), { recursive: true }));
  return ["README.md", ...names.filter((name) => name.endsWith(".md")).map((name) => path.join("docs", name))];
}
