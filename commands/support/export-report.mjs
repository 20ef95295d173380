// Exports an executed notebook to one HTML file, by nbconvert with our template.
import fs from "node:fs";
import path from "node:path";
import { jupyterEnvironment, python, root } from "../../setup/layout.mjs";
import { run } from "../../setup/run.mjs";
import { UserError } from "../../setup/terminal.mjs";
import { reportFile } from "./paths.mjs";

/**
 * @param {string} source the notebook file
 * @param {string} name of the report
 * @param {string} folder in whose reports/ it goes
 * @returns {Promise<string>} the report's path
 */
export async function exportReport(source, name, folder) {
  const report = reportFile(name, folder);
  const unfinished = report.replace(/html$/, "part.html");
  fs.mkdirSync(path.dirname(report), { recursive: true });
  const args = ["-m", "nbconvert", "--to", "html", "--output", unfinished, source];
  const { code, output: printed } = await run(python, args, { cwd: root, env: jupyterEnvironment() });
  if (code !== 0) {
    fs.rmSync(unfinished, { force: true });
    const reason = printed.trim().split("\n").slice(-8).join("\n");
    throw new UserError(`${path.relative(root, source)} could not be exported:\n${reason}`);
  }
  fs.renameSync(unfinished, report);
  return report;
}
