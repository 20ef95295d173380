// The Node packages of package-lock.json, by `npm ci`. People may have run that themselves: what counts is what is in
// node_modules.
import fs from "node:fs";
import path from "node:path";
import { root } from "./layout.mjs";
import { failure, requireDiskSpace, run } from "./run.mjs";
import { step, UserError } from "./terminal.mjs";

/** @param {string} file @returns {Record<string, { version?: string, optional?: boolean }>} */
const packages = (file) => JSON.parse(fs.readFileSync(path.join(root, file), "utf8")).packages;

/** npm writes node_modules/.package-lock.json last, so an interrupted install has none. */
function installed() {
  try {
    const wanted = packages("package-lock.json");
    const present = packages("node_modules/.package-lock.json");
    return Object.entries(wanted).every(
      ([name, { version, optional }]) => name === "" || (present[name] ? present[name].version === version : optional),
    );
  } catch {
    return false;
  }
}

export async function nodePackages() {
  if (installed()) return;
  requireDiskSpace(root, 3e9);
  const line = step("Node packages");
  const npm = process.env.npm_execpath;
  const [command, args] = npm ? [process.execPath, [npm]] : ["npm", []];
  const { code, output } = await run(command, [...args, "ci", "--no-audit", "--no-fund", "--loglevel=warn"], {
    cwd: root,
  });
  if (code !== 0) {
    line.failed();
    if (code === null) throw new UserError("npm was not found: it comes with Node; install Node from nodejs.org.");
    throw failure("Node packages", output);
  }
  line.done();
}
