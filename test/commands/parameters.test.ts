// Values after -p, as a notebook's parameters cell declares them.
import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";

test("numbers may be fractions, and one of a few; anything else has a sentence", async () => {
  const { readParameters, valuesOf } = await import("../../commands/support/parameters.mjs");
  const read = async (name: string, text: string) => (await readParameters("photos", [[name, text]]))[0][1];
  assert.equal(await read("sigma", "25/255"), 25 / 255);
  assert.equal(await read("sigma", "0.1"), 0.1);
  assert.equal(await read("channels", "1"), 1);
  assert.equal(await read("folder", "my photos/1"), path.resolve(process.env.INIT_CWD ?? ".", "my photos/1"));
  for (const wrong of ["25/", "/255", "1/2/3", "1/0", "a/b", ""])
    await assert.rejects(read("sigma", wrong), new RegExp(`sigma must be a number, not "${wrong}"`));
  await assert.rejects(read("channels", "2"), /channels must be 1 or 3, not "2"/);
  const values = await valuesOf("photos", [["channels", 1]]);
  assert.deepEqual([values.sigma, values.channels, values.dataset], [25 / 255, 1, "full"]);
});
