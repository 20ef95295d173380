// npm run sanitize: the native arithmetic, without TensorFlow, against plain loops, compiled with AddressSanitizer and
// UndefinedBehaviorSanitizer, and with ThreadSanitizer, for vectors of 4, 8 and 16 lanes. Ends non-zero on any finding.
//   npm run sanitize                        300 random cases of each test
//   npm run sanitize -- --seeds 5000        other numbers
import { testNative } from "../test/engine/native/build.mjs";
import { ArgumentError, readArguments } from "./support/arguments.mjs";
import { main } from "./support/main.mjs";

/** @type {import("./support/arguments.mjs").Syntax} */
const syntax = { usage: "npm run sanitize -- [--seeds COUNT]", options: { seeds: { type: "string" } } };

await main(
  () =>
    readArguments(syntax, ({ seeds = "300" }) => {
      if (!/^[1-9]\d*$/.test(seeds)) throw new ArgumentError(`--seeds must be a whole number, not ${seeds}`);
      return Number(seeds);
    }),
  async (seeds) => {
    let failed = false;
    for (const sanitizer of /** @type {const} */ (["addressAndUndefined", "thread"]))
      for (const lanes of /** @type {const} */ ([4, 8, 16])) {
        const began = performance.now();
        const { passed, output } = await testNative({ sanitizer, lanes, seeds });
        const seconds = Math.round((performance.now() - began) / 1000);
        const name = sanitizer === "thread" ? "ThreadSanitizer" : "AddressSanitizer and UndefinedBehaviorSanitizer";
        console.log(`${name}, ${lanes} lanes: ${passed ? "nothing found" : "FAILED"} (${seconds} s)\n${output}\n`);
        failed ||= !passed;
      }
    return failed ? 1 : 0;
  },
);
