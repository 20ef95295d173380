// Where tslab misunderstands cells, our kernel rewrites them; each test here fails without that. What it does not correct,
// the lint of the notebooks forbids.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Answer, runCells, textBelow } from "./run-cells";

/** What each group of cells prints, all run in one kernel; of a failed cell, its error. */
function printed(groups: string[][]): string[] {
  const answers = runCells(groups.flat());
  const said = (answer: Answer) => (answer.error ? `${answer.error.ename}: ${answer.error.evalue}` : textBelow(answer));
  return groups.map((group) => answers.splice(0, group.length).map(said).join(""));
}

test("all cells and their functions share one variable", () => {
  const cells = [
    ["let sigma = 1;\nfunction read() { return sigma; }", "sigma = 2;", "read()"],
    ["let calls = 0;\nfunction call() { calls++; }", "call();\ncalls = 10;\ncall();", "calls"],
    ["let width = 1;\nconst box = (size = width) => ({ width, size });", "width = 2;", "box()"],
    [
      "let { low, top: [high] } = { low: 1, top: [2] };\nconst range = () => [low, high];",
      "[low, high] = [5, 6];",
      "range()",
    ],
    ["let scale = 1;\nclass Twice { get scaled() { return 2 * scale; } }", "scale += 4;", "new Twice().scaled"],
    ["let list: number[] = [];\nconst add = (n: number) => { list.push(n); };", "list = [9];\nadd(2);", "list"],
    [
      "let state = await Promise.resolve('started');\nlet finish = () => {};\nconst job = new Promise<void>((done) => { finish = done; }).then(() => { state += ', done'; });",
      "state = 'changed';\nfinish();\nawait job;",
      "state",
    ],
    ["var old = 1;\nfunction readOld() { return old; }", "for (old of [7, 8]);", "readOld()"],
    ["let hidden = 1;\nfunction shadow(hidden: number) { return { hidden }; }", "hidden = 2;", "shadow(3)"],
  ];
  assert.deepEqual(printed(cells), [
    "2\n",
    "11\n",
    "{ width: 2, size: 2 }\n",
    "[ 5, 6 ]\n",
    "10\n",
    "[ 9, 2 ]\n",
    "'changed, done'\n",
    "8\n",
    "{ hidden: 3 }\n",
  ]);
});

test("code written for a module runs as a cell: `export`, comments with tags, for await", () => {
  const cells = [
    ["export const one = 1;\nexport function two() { return one + 1; }", "two()"],
    ["export type Pair = [number, number];\nexport let pair: Pair = [1, 2];", "let again: Pair = pair;\nagain"],
    ["const three = 3;\nexport { three };", "three"],
    ["export default class Four { value = 4; }", "new Four().value"],
    [
      'export { EOL as end } from "node:os";\nexport type { Stats } from "node:fs";',
      "let stats: Stats | undefined;\nend === '\\n'",
    ],
    ["/** Noise. @module noise */\nconst five = 5;", "/** @browser */\nfive"],
    [
      "async function* count() { yield 1; yield 2; }",
      "let sum = 0;\nfor await (const value of count()) sum += value;",
      "sum",
    ],
  ];
  assert.deepEqual(printed(cells), ["2\n", "[ 1, 2 ]\n", "3\n", "4\n", "true\n", "5\n", "3\n"]);
});

test("destructuring of earlier cells' objects works; the value of an assignment is not printed", () => {
  const cells = [
    [
      "const rows = [{ name: 'noisy', at: { x: 1 } }];",
      "for (const { name: label, at: { x: left } } of rows) console.log(label, left);",
    ],
    [
      "let n = 1;\nlet given: { inner?: { n: number } } = {};",
      "let { inner = { n } } = given;\n({ inner = { n } } = given);",
      "inner",
    ],
    ["let a = 1, b = 2;", "[a, b] = [b, a];", "({ a, b } = { a: 5, b });", "console.log(a, b);"],
  ];
  assert.deepEqual(printed(cells), ["noisy 1\n", "{ n: 1 }\n", "5 1\n"]);
});

test("errors name the line as written", () => {
  const [{ error }] = runCells(["export let a = 1;\n\nlet { name: b } = undefined as unknown as { name: string };"]);
  assert.equal(
    error?.traceback.at(-1),
    "    at cell [1], line 3: let { name: b } = undefined as unknown as { name: string };",
  );
});

// If this fails, the kernel has become better, and the lint can allow a name to be declared in several cells.
test("a known limitation: functions keep the constants of their own cell when another cell declares the same name", () => {
  const cells = [
    ["const size = 1;\nfunction area() { return size * size; }", "const size = 3;", "area()"],
    ["function unit() { return 'dB'; }\nconst label = () => unit();", "function unit() { return '%'; }", "label()"],
    ["type Size = number;\nlet first: Size = 1;", "type Size = string;", "first = 2;"],
  ];
  assert.deepEqual(printed(cells), ["1\n", "'dB'\n", ""]);
});
