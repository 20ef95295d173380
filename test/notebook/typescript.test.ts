// Cells and the files they import are compiled by the project's own TypeScript, with its tsconfig.json.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { type Answer, runCells, textBelow } from "./run-cells";

const artefacts = path.resolve(__dirname, "../artefacts");
const outcome = (answer: Answer) =>
  answer.error ? `${answer.error.ename}: ${answer.error.evalue}` : textBelow(answer).trim();

test("`using`, decorators, NoInfer, inferred predicates, toSorted and import.meta work in cells; tsconfig.json is honoured", () => {
  const cells: [string, string][] = [
    [
      `const log: string[] = [];
const open = (name: string) => ({ name, [Symbol.dispose]: () => void log.push("closed " + name) });
{
  using a = open("a");
  log.push(a.name);
}
log.join()`,
      "'a,closed a'",
    ],
    [
      `using b = open("b");
await using c = { [Symbol.asyncDispose]: async () => void log.push("closed c") };
let count = 1;
const next = () => ++count;
class Named { name = b.name; }
log.push(b.name, typeof c);
const pushed = 1;`,
      "",
    ],
    [
      "count = 5;\nconsole.log(log.slice(2).join(), next(), count, new Named().name);",
      "b,object,closed c,closed b 6 6 b",
    ],
    [
      `function twice(method: (n: number) => number, context: ClassMethodDecoratorContext) {
  console.log(String(context.name));
  return (n: number) => 2 * method(n);
}
class Scale {
  @twice
  of(n: number) {
    return n;
  }
}
new Scale().of(4)`,
      "of\n8",
    ],
    [
      'const pick = <T extends string>(all: T[], first: NoInfer<T>) => all.indexOf(first);\npick(["a", "b"], "c")',
      `TypeScript: line 2: Argument of type '"c"' is not assignable to parameter of type '"a" | "b"'.`,
    ],
    ["const found: number[] = [1, undefined].filter((n) => n !== undefined);\nfound", "[ 1 ]"],
    ["[3, 1].toSorted()", "[ 1, 3 ]"],
    [
      'console.log(import.meta.dirname === __dirname, import.meta.filename === __filename, import.meta.url.endsWith("/.cell.ts"));',
      "true true true",
    ],
    ["__dirname === process.cwd()", "true"],
    [
      `import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
const __filename = fileURLToPath(import.meta.url);
const __dirname = path.dirname(__filename);
const require = createRequire(import.meta.url);
console.log(__dirname === process.cwd(), require("node:path") === path);`,
      "true true",
    ],
    ["const id = (value) => value;", "TypeScript: line 1: Parameter 'value' implicitly has an 'any' type."],
  ];
  const answers = runCells(cells.map(([code]) => code));
  assert.deepEqual(
    answers.map(outcome),
    cells.map(([, expected]) => expected),
  );
});

test("they work in an imported file too", () => {
  fs.mkdirSync(artefacts, { recursive: true });
  const folder = fs.mkdtempSync(path.join(artefacts, "typescript "));
  fs.writeFileSync(
    path.join(folder, "new.ts"),
    `const log: string[] = [];
function logged(_: unknown, { name }: ClassMethodDecoratorContext) { log.push(String(name)); }
export class Box { @logged close() { return [2, 1].toSorted(); } [Symbol.dispose]() { log.push("disposed"); } }
export function run() { { using box = new Box(); log.push(box.close().join()); } return log; }
export const places = [__dirname, import.meta.dirname, import.meta.filename, __filename];
export const url = import.meta.url;
`,
  );
  const [answer] = runCells(
    [
      'import { pathToFileURL } from "node:url";\nimport { places, run, url } from "./new";\nconsole.log(run().join(), new Set(places).size, places[0] === __dirname, url === pathToFileURL(places[3]).href);',
    ],
    folder,
  );
  fs.rmSync(folder, { recursive: true });
  assert.equal(outcome(answer), "close,1,2,disposed 2 true true");
});
