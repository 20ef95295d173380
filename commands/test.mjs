// npm test: format, lint, the direction of imports, types, then all tests: units, both notebooks, their reports in a
// browser. It ends non-zero when one of them fails.
//   npm test -- test/metrics        only types and the tests in that folder (or file)
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { root } from "../setup/layout.mjs";
import { ArgumentError, readArguments } from "./support/arguments.mjs";
import { main } from "./support/main.mjs";

const tool = (/** @type {string[]} */ ...names) => path.join("node_modules", ...names);

/** Before the tests, in this order. Those that look at the whole project are left out when only some tests are asked for. */
const checks = [
  { title: "Format and lint", args: [path.join("commands", "format.mjs"), "--check"], whole: true },
  {
    title: "Direction of imports",
    args: [tool("dependency-cruiser", "bin", "dependency-cruise.mjs"), "."],
    whole: true,
  },
  { title: "Types", args: [tool("typescript", "bin", "tsc"), "--project", "."], whole: false },
  {
    title: "Types of the playground's page",
    args: [tool("typescript", "bin", "tsc"), "--project", path.join("lib", "report", "playground", "page")],
    whole: false,
  },
];

/** At least three files at a time: much of a test of a notebook or a browser is waiting. */
const testOptions = [
  ...["--require", "ts-node/register"],
  ...["--test", "--test-reporter=spec", `--test-concurrency=${Math.max(3, os.availableParallelism() - 1)}`],
];

/** These take longest. They begin first, so that none of them runs alone at the end. */
const longest = ["workflow.test.ts", "notebook", "commands", "models/export", "report", "studies.test.ts", "fuzz"].map(
  (name) => path.join(root, "test", name),
);

/** @param {string} file @returns {number} its place in the order */
function place(file) {
  const found = longest.findIndex((name) => file === name || file.startsWith(name + path.sep));
  return found < 0 ? longest.length : found;
}

/** @param {string} title @param {string[]} args @returns {boolean} whether it passed */
function passes(title, args) {
  console.log(`\n${title}`);
  return spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" }).status === 0;
}

/** @param {string} file or folder @returns {string[]} */
function testFiles(file) {
  if (fs.statSync(file).isFile()) return [file];
  return fs.readdirSync(file).flatMap((name) => {
    const entry = path.join(file, name);
    if (fs.statSync(entry).isDirectory()) return name === "artefacts" ? [] : testFiles(entry);
    return name.endsWith(".test.ts") ? [entry] : [];
  });
}

await main(
  () =>
    readArguments({ usage: "npm test -- [FILE OR FOLDER]...", positionals: true }, (_, given) => {
      const missing = given.find((file) => !fs.existsSync(path.join(root, file)));
      if (missing) throw new ArgumentError(`there is no file or folder ${missing}`);
      return given;
    }),
  async (given) => {
    const files = (given.length > 0 ? given : ["test"]).flatMap((file) => testFiles(path.join(root, file)));
    files.sort((a, b) => place(a) - place(b));
    const chosen = checks.filter(({ whole }) => !whole || given.length === 0);
    const failed = chosen.filter(({ title, args }) => !passes(title, args)).map(({ title }) => title);
    if (!passes("Tests", [...testOptions, ...files])) failed.push("Tests");
    if (failed.length > 0) console.error(`\nFailed, see above: ${failed.join(", ")}.`);
    if (failed.includes("Format and lint")) console.error("`npm run format` corrects the format.");
    return failed.length > 0 ? 1 : 0;
  },
);
