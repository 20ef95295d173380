// What a run's results depend on, as digests: two runs with equal fingerprints give equal results.
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { root } from "../../../setup/layout.mjs";

/** @typedef {Record<keyof typeof words, string>} Fingerprint */

/** How people call each part. */
const words = {
  code: "the code in lib/",
  notebook: "the notebook's code",
  parameters: "the parameters",
  packages: "the packages' versions",
  node: "Node's version",
};

/**
 * @param {string} notebook its name
 * @param {import("./grid.mjs").Parameters} parameters those that were given
 * @param {string} [project] the folder of lib/, notebooks/ and the package lock
 * @returns {Fingerprint}
 */
export function fingerprintOf(notebook, parameters, project = root) {
  const { cells } = JSON.parse(fs.readFileSync(path.join(project, "notebooks", `${notebook}.ipynb`), "utf8"));
  const sources = cells
    .filter((/** @type {any} */ { cell_type }) => cell_type === "code")
    .map((/** @type {any} */ { source }) => [source].flat().join(""));
  return {
    code: digestOf(filesIn(project, "lib").flatMap((file) => [file, fs.readFileSync(path.join(project, file))])),
    notebook: digestOf([JSON.stringify(sources)]),
    parameters: digestOf([JSON.stringify(parameters)]),
    packages: digestOf(
      ["package-lock.json", path.join("setup", "tensorflow.mjs")].map((file) =>
        fs.readFileSync(path.join(project, file)),
      ),
    ),
    node: process.versions.node,
  };
}

/**
 * @param {Fingerprint} now
 * @param {Partial<Fingerprint>} then
 * @returns {string | undefined} what has changed; undefined when nothing has
 */
export function difference(now, then) {
  const keys = /** @type {(keyof typeof words)[]} */ (Object.keys(words));
  const changed = keys.filter((key) => now[key] !== then[key]).map((key) => words[key]);
  const plural = changed.length > 1 || /s$/.test(changed[0] ?? "");
  return changed.length > 0 ? `${changed.join(", ")} ${plural ? "have" : "has"} changed` : undefined;
}

/** @param {(string | Buffer)[]} contents */
function digestOf(contents) {
  const hash = createHash("sha256");
  for (const content of contents) hash.update(`${content.length} `).update(content);
  return hash.digest("hex");
}

/** @param {string} project @param {string} folder @returns {string[]} sorted paths in the project */
function filesIn(project, folder) {
  const entries = fs.readdirSync(path.join(project, folder), { withFileTypes: true });
  return entries
    .filter(({ name }) => !name.startsWith(".")) // what file managers and editors leave
    .flatMap((entry) => {
      const name = path.join(folder, entry.name);
      return entry.isDirectory() ? filesIn(project, name) : [name];
    })
    .sort();
}
