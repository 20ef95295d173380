// What a failed cell says of the error that it threw.
import assert from "node:assert/strict";
import { test } from "node:test";
import { runCells, textBelow } from "./run-cells";

test("an error is named by its class, with its properties and its causes", () => {
  const [, own, joined, circular, thrown] = runCells([
    "class Mine extends Error { code = 5 }",
    'throw new Mine("custom", { cause: new TypeError("why", { cause: { because: 1 } }) });',
    'throw new AggregateError([new Error("first"), "second"], "both");',
    'const one = new Error("one"); one.cause = one;\nthrow one;',
    "throw { code: 3 };",
  ]);
  const lines = (answer: typeof own) => answer.error?.traceback.filter((line) => !/^\s+at /.test(line));
  assert.deepEqual([own.error?.ename, own.error?.evalue], ["Mine", "custom"]);
  assert.deepEqual(lines(own), [
    "Mine: custom",
    "{ code: 5 }",
    "Caused by: TypeError: why",
    "Caused by: { because: 1 }",
  ]);
  assert.deepEqual(lines(joined), [
    "AggregateError: both",
    "One of its errors: Error: first",
    "One of its errors: 'second'",
  ]);
  assert.deepEqual(lines(circular), ["Error: one"]);
  assert.equal(thrown.error?.evalue, "{ code: 3 }");
});

test("process.exit() ends the cell and says how to restart; the kernel and its variables stay", () => {
  const [, exit, caught, after] = runCells([
    "let sigma = 0.5;",
    'process.exit(3);\nconsole.log("not reached");',
    'setTimeout(() => process.exit(), 10);\nawait new Promise((resolve) => setTimeout(resolve, 300));\nconsole.log("goes on");',
    "sigma",
  ]);
  assert.deepEqual(
    [exit.status, exit.error?.ename, exit.error?.evalue, exit.stdout],
    ["error", "Exit", "process.exit(3) ends a cell, not the kernel. To begin anew, restart the kernel (⟳).", ""],
  );
  assert.deepEqual([caught.status, caught.stdout], ["ok", "goes on\n"]);
  assert.match(caught.stderr, /process\.exit\(\) ends a cell, not the kernel/);
  assert.equal(textBelow(after), "0.5\n");
});
