// What a failed cell says of the error that it threw.
import assert from "node:assert/strict";
import { test } from "node:test";
import { runCells } from "./run-cells";

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
