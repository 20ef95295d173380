// Tables in the README that commands refresh: each stands between two marks.
import fs from "node:fs";
import path from "node:path";
import { root } from "../setup/layout.mjs";
import { UserError } from "../setup/terminal.mjs";

/**
 * @param {string} before the mark above
 * @param {string} after the mark below
 * @param {string} table in Markdown
 */
export function refreshReadme(before, after, table) {
  const file = path.join(root, "README.md");
  const pattern = new RegExp(`(?<=${before}\n)[^]*(?=${after})`);
  const text = fs.readFileSync(file, "utf8");
  if (!pattern.test(text)) throw new UserError(`README.md has no place for the table: "${before}" … "${after}".`);
  fs.writeFileSync(
    file,
    text.replace(pattern, () => `\n${table}\n\n`),
  );
}
