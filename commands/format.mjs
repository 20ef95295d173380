// npm run format: formats and lints all files and the notebooks' cells with biome, formats C++ with clang-format, and
// lints the notebooks by rules of their own; with --check it changes nothing. It ends non-zero when something is to be changed.
import fs from "node:fs";
import path from "node:path";
import { root } from "../setup/layout.mjs";
import { readArguments } from "./support/arguments.mjs";
import { main } from "./support/main.mjs";

/** @type {import("./support/arguments.mjs").Syntax} */
const syntax = { usage: "npm run format -- [--check]", options: { check: { type: "boolean" } } };

await main(
  () => readArguments(syntax, ({ check }) => check === true),
  async (check) => {
    const { biome, formatCells } = await import("./support/format-notebook.mjs");
    const { formatCpp } = await import("./support/format-cpp.mjs");
    const { lint } = await import("./support/notebook-lint.mjs");
    const { replaceTogether } = await import("./support/files.mjs");
    let fine = biome(["check", "--error-on-warnings", ...(check ? [] : ["--write"]), "."]).status === 0;
    fine = formatCpp(check) && fine;
    for (const name of fs.readdirSync(path.join(root, "notebooks")).filter((file) => file.endsWith(".ipynb"))) {
      const file = path.join("notebooks", name);
      const before = fs.readFileSync(path.join(root, file), "utf8");
      const { text, changed } = formatCells(name, before);
      for (const id of changed)
        console.log(`${file}: cell ${id} is ${check ? "not formatted: run npm run format" : "formatted"}`);
      const problems = lint(text);
      for (const problem of problems) console.log(`${file}: ${problem}`);
      if (changed.length > 0 && !check) replaceTogether(root, new Map([[file, text]]));
      fine &&= problems.length === 0 && !(check && changed.length > 0);
    }
    return fine ? 0 : 1;
  },
);
