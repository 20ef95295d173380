// Which packages a cell can import: also those that are only ES modules.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { type Answer, runCells, textBelow } from "./run-cells";

const artefacts = path.resolve(__dirname, "../artefacts");
const outcome = (answer: Answer) =>
  answer.error ? `${answer.error.ename}: ${answer.error.evalue}` : textBelow(answer).trim();

/** Packages by their files. */
const packages: Record<string, Record<string, string>> = {
  "only-import": {
    "package.json":
      '{ "type": "module", "exports": { ".": { "import": "./main.js" }, "./more": { "import": "./more.js" } } }',
    "main.js":
      "export const one = 1;\nexport default class Main { name = 'main'; }\nexport let changed = 'before';\nexport function change() { changed = 'after'; }",
    "main.d.ts":
      "/** The first number. */\nexport declare const one: 1;\nexport default class Main { name: string; }\nexport declare let changed: string;\nexport declare function change(): void;",
    "more.js": "export const two = 2;",
    "more.d.ts": "export declare const two: 2;",
  },
  "awaits-first": {
    "package.json": '{ "type": "module", "main": "./main.js", "types": "./main.d.ts" }',
    "main.js": "export const later = await new Promise((resolve) => setTimeout(resolve, 10, 'later'));",
    "main.d.ts": "export declare const later: string;",
  },
  "fails-at-once": {
    "package.json": '{ "exports": { "import": "./main.mjs" } }',
    "main.mjs": "throw new RangeError('not today');",
    "main.d.mts": "export {};",
  },
  "both-ways": {
    "package.json": '{ "exports": { "import": "./main.mjs", "require": "./main.cjs" } }',
    "main.mjs": "export const how = 'import';",
    "main.d.mts": "export declare const how: string;",
    "main.cjs": "exports.how = 'require';",
    "main.d.cts": "export declare const how: string;",
  },
};

test("packages that are only ES modules can be imported, with their types, by `import` and by `await import()`", () => {
  fs.mkdirSync(artefacts, { recursive: true });
  const folder = fs.mkdtempSync(path.join(artefacts, "packages "));
  for (const [name, files] of Object.entries(packages))
    for (const [file, text] of Object.entries(files)) {
      fs.mkdirSync(path.join(folder, "node_modules", name), { recursive: true });
      fs.writeFileSync(path.join(folder, "node_modules", name, file), text);
    }
  fs.writeFileSync(path.join(folder, "tool.mjs"), "export const tool = 'tool';");
  const cells: [string, string][] = [
    [
      'import Main, { change, changed, one } from "only-import";\nimport * as more from "only-import/more";\nconsole.log(new Main().name, one, more.two, changed);\nchange();\nconsole.log(changed);',
      "main 1 2 before\nafter",
    ],
    ["console.log(one, new Main().name, more.two);", "1 main 2"],
    ["const wrong: string = one;", "TypeScript: line 1: Type 'number' is not assignable to type 'string'."],
    ['import { later } from "awaits-first";\nlater', "'later'"],
    [
      'const { one: again, default: Class } = await import("only-import");\nconsole.log(again, new Class().name);',
      "1 main",
    ],
    ['const name = "awaits-first";\n(await import(name)).later', "'later'"],
    ['import "fails-at-once";', "RangeError: not today"],
    ['import { how } from "both-ways";\nconsole.log(how, (await import("both-ways")).how);', "require require"],
    ['import { tool } from "./tool.mjs";\ntool', "'tool'"],
    [
      'import { nothing } from "no-such-package";',
      "TypeScript: line 1: Cannot find module 'no-such-package' or its corresponding type declarations.",
    ],
    ['console.log((await import("node:os")).EOL === (await import("os")).default.EOL);', "true"],
  ];
  const answers = runCells(
    cells.map(([code]) => code),
    folder,
  );
  fs.rmSync(folder, { recursive: true });
  assert.deepEqual(
    answers.map(outcome),
    cells.map(([, expected]) => expected),
  );
});
