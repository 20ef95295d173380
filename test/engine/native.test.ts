// The native arithmetic against plain loops, compiled without TensorFlow for this processor, and for those with AVX2 only.
import assert from "node:assert/strict";
import { test } from "node:test";

test("native arithmetic gives what plain loops give", async () => {
  const { testNative } = await import("./native/build.mjs");
  const { passed, output } = await testNative({ seeds: 100 });
  assert.ok(passed, output);
});

test("so it does with AVX2 only", async (t) => {
  const { runsHere, targets, testNative } = await import("./native/build.mjs");
  const target = targets["x86-64-v3"];
  if (!runsHere(target)) return t.skip("this processor has no AVX2");
  const { passed, output } = await testNative({ target, seeds: 50 });
  assert.ok(passed, output);
});
