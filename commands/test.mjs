// npm test: format, lint, imports, types, then all tests: units, both notebooks, their reports in a browser.
//   npm test -- test/metrics        only the tests in that folder (or file)
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { root } from "../setup/layout.mjs";
import { main } from "./main.mjs";

/** @param {string} title @param {string[]} args */
function check(title, args) {
  console.log(`\n${title}`);
  return spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" }).status === 0;
}

/** @param {string} place @returns {string[]} */
function testFiles(place) {
  if (fs.statSync(place).isFile()) return [place];
  return fs.readdirSync(place).flatMap((name) => {
    const entry = path.join(place, name);
    if (fs.statSync(entry).isDirectory()) return name === "artefacts" ? [] : testFiles(entry);
    return name.endsWith(".test.ts") ? [entry] : [];
  });
}

await main(async () => {
  const places = process.argv.slice(2);
  const files = (places.length > 0 ? places : ["test"]).flatMap((place) => testFiles(path.join(root, place)));
  const fine = places.length > 0 || check("Format and lint", [path.join("commands", "format.mjs"), "--check"]);
  const ordered =
    places.length > 0 ||
    check("Imports", [
      path.join("node_modules", "dependency-cruiser", "bin", "dependency-cruise.mjs"),
      "--ignore-known",
      "--",
      ".",
    ]);
  const typed = check("Types", [path.join("node_modules", "typescript", "bin", "tsc"), "--project", "."]);
  const passed = check("Tests", ["--require", "ts-node/register", "--test", "--test-reporter=spec", ...files]);
  if (!fine || !ordered || !typed)
    console.error("\nFormat, lint, imports or types have errors: see above. `npm run format` mends the format.");
  return fine && ordered && typed && passed ? 0 : 1;
});
