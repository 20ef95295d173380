// Which variables a cell leaves behind: after a failure, after an edit, and whatever their types are.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Answer, runCells, textBelow } from "./run-cells";

const outcome = (answer: Answer) =>
  answer.error ? `${answer.error.ename}: ${answer.error.evalue}` : textBelow(answer).trim();

test("a failing cell keeps what it had assigned, with its type; what it had not reached is as before", () => {
  const cells: [string, string][] = [
    ["const late = 'before', again = 1;\nfunction one() { return 1; }", ""],
    [
      `const model: { epochs: number } = { epochs: 11 };
let best: number | undefined;
let shared = 1;
class Scale { of(n: number) { return n * shared; } }
function two() { return 2; }
interface Row { name: string }
import { EOL } from "node:os";
enum Level { low = 3 }
const { left, inner: [right] } = { left: "a", inner: [true] };
const again = "changed";
throw new RangeError("a slip");
const late = 5;
const unreached = 6;`,
      "RangeError: a slip",
    ],
    [
      "const row: Row = { name: EOL };\nconsole.log(model.epochs, best, new Scale().of(3), two(), Level.low);",
      "11 undefined 3 2 3",
    ],
    ["shared = 2;\nconsole.log(new Scale().of(3), left.length, right === true);", "6 1 true"],
    ["console.log(late.length, one(), again.toUpperCase())", "6 1 CHANGED"],
    [
      "model.epoch",
      "TypeScript: line 1: Property 'epoch' does not exist on type '{ epochs: number; }'. Did you mean 'epochs'?",
    ],
    ["unreached", "TypeScript: line 1: Cannot find name 'unreached'."],
    [
      "const history = await Promise.resolve([1, 2]);\nlet rate = 3;\nawait Promise.reject(new Error('later'));\nconst after = 1;",
      "Error: later",
    ],
    ["console.log(history.map((n) => n * rate).join())", "3,6"],
    ["after", "TypeScript: line 1: Cannot find name 'after'."],
  ];
  const answers = runCells(cells.map(([code]) => code));
  assert.deepEqual(
    answers.map(outcome),
    cells.map(([, expected]) => expected),
  );
});

test("a variable is gone when its cell, run again, no longer declares it", () => {
  const parameters = (code: string) => ({ code, cellId: "parameters" });
  const cells: [Parameters<typeof runCells>[0][number], string][] = [
    [parameters("let epochs = 3;\nlet sigma = 0.5;\ntype Size = number;"), ""],
    [{ code: "const readEpochs = () => epochs;\nconst other = epochs;", cellId: "second" }, ""],
    [
      parameters("let epoch = 20;\nlet sigma = 'no' + 1 as number;"),
      "TypeScript: line 2: Conversion of type 'string' to type 'number' may be a mistake because neither type sufficiently overlaps with the other. If this was intentional, convert the expression to 'unknown' first.",
    ],
    ["console.log(epochs, sigma)", "3 0.5"], // a cell that does not compile changes nothing
    [parameters("let epoch = 20;\nlet sigma = 0.3;"), ""],
    ["epochs", "TypeScript: line 1: Cannot find name 'epochs'. Did you mean 'epoch'?"],
    ["const n: Size = 1;", "TypeScript: line 1: Cannot find name 'Size'."],
    ["readEpochs()", "ReferenceError: epochs is gone: the cell that declared it was run again without it"],
    ["console.log(epoch, sigma, other)", "20 0.3 3"],
    [{ code: "let epochs = 7;", cellId: "third" }, ""],
    [parameters("let epoch = 1;"), ""],
    ["console.log(epochs, readEpochs())", "7 7"], // another cell's by now
    ["sigma", "TypeScript: line 1: Cannot find name 'sigma'."],
  ];
  const answers = runCells(cells.map(([cell]) => cell));
  assert.deepEqual(
    answers.map(outcome),
    cells.map(([, expected]) => expected),
  );
});

test("`await` before a parenthesis, a bracket or a template is awaited", () => {
  const cells: [string, string][] = [
    ["const r = await (async () => 42)();\nr", "42"],
    ["if (r) { const [a] = [await (Promise.resolve(1))]; console.log(a + r); }", "43"],
    ["console.log(await [1][0], await `a`, await /b/.source, await +1)", "1 a b 1"],
    ["for (const n of [1, 2]) {\n  await (async () => console.log(n))();\n}", "1\n2"],
    ["const later = async () => await (Promise.resolve(3));\nlater() instanceof Promise", "true"],
    ["await later()", "3"],
    ["console.log([await (later())].join())", "3"],
  ];
  const answers = runCells(cells.map(([code]) => code));
  assert.deepEqual(
    answers.map(outcome),
    cells.map(([, expected]) => expected),
  );
});

test("variables of types that have no name of their own: no error about declarations, and their types stay", () => {
  const cells: [string, string][] = [
    ['const p = await import("node:fs");\np.existsSync("nowhere")', "false"],
    ["p.nothing", "TypeScript: line 1: Property 'nothing' does not exist on type '{"],
    [
      'const size: string = p.statSync(".").size;',
      "TypeScript: line 1: Type 'number' is not assignable to type 'string'.",
    ],
    [
      "const Counter = class { private n = 1; #step = 2; next() { return (this.n += this.#step); } };\nconst counter = new Counter();",
      "",
    ],
    ["console.log(new Counter().next(), counter.next())", "3 3"],
    ["function make() { return class { private secret = 4; open() { return this.secret; } }; }", ""],
    ["console.log(new (make())().open())", "4"],
    ["const local = (() => { class Hidden { #x = 1; get x() { return this.#x; } }; return new Hidden(); })();", ""],
    ["local.x", "1"],
    ["const key: unique symbol = Symbol();\nconst keyed = { [key]: 5 };", ""],
    ["keyed[key]", "5"],
    [
      'const fsp = await import("node:fs/promises");\nconst net = await import("node:net");\nconst tf = await import("@tensorflow/tfjs");',
      "",
    ],
    ["typeof net.createServer", "'function'"],
  ];
  const answers = runCells(cells.map(([code]) => code));
  assert.deepEqual(
    answers.map((answer, i) => outcome(answer).slice(0, i === 1 ? 64 : undefined)),
    cells.map(([, expected]) => expected),
  );
});
