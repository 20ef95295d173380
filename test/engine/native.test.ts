// The native arithmetic against plain loops, compiled for this processor without TensorFlow.
import assert from "node:assert/strict";
import { test } from "node:test";

test("native arithmetic gives what plain loops give", async () => {
  const { testNative } = await import("./native/build.mjs");
  const { passed, output } = await testNative({ seeds: 100 });
  assert.ok(passed, output);
});
