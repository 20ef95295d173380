// Lines that another program appends to a file are heard of when they are whole.
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";

test("a line is heard of once, when it is whole, whatever its characters", async () => {
  const { followLines } = await import("../../commands/support/follow-lines.mjs");
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "lines ")), "lines");
  const lines: string[] = [];
  const following = followLines(file, (line) => lines.push(line));
  const heard = async (count: number) => {
    while (lines.length < count) await new Promise((resolve) => setTimeout(resolve, 10));
    return lines;
  };
  fs.appendFileSync(file, "first µ\nsec");
  assert.deepEqual(await heard(1), ["first µ"]);
  fs.appendFileSync(file, "ond\n");
  assert.deepEqual(await heard(2), ["first µ", "second"]);
  fs.appendFileSync(file, "third\nnever ended");
  following.end();
  assert.deepEqual(lines, ["first µ", "second", "third"]);
});
