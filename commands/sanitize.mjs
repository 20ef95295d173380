// npm run sanitize: the native arithmetic, without TensorFlow, against plain loops: compiled for each kind of processor
// that runs or can be emulated here; and with AddressSanitizer and UndefinedBehaviorSanitizer, and with ThreadSanitizer,
// for vectors of 4, 8 and 16 lanes. Ends non-zero on any finding.
//   npm run sanitize                        300 random cases of each test
//   npm run sanitize -- --seeds 5000        other numbers
import { runsHere, targets, testNative } from "../test/engine/native/build.mjs";
import { ArgumentError, readArguments } from "./support/arguments.mjs";
import { main } from "./support/main.mjs";

/** @type {import("./support/arguments.mjs").Syntax} */
const syntax = { usage: "npm run sanitize -- [--seeds COUNT]", options: { seeds: { type: "string" } } };

const sanitizers = /** @type {const} */ ([
  ["AddressSanitizer and UndefinedBehaviorSanitizer", "addressAndUndefined"],
  ["ThreadSanitizer", "thread"],
]);

await main(
  () =>
    readArguments(syntax, ({ seeds = "300" }) => {
      if (!/^[1-9]\d*$/.test(seeds)) throw new ArgumentError(`--seeds must be a whole number, not ${seeds}`);
      return Number(seeds);
    }),
  async (seeds) => {
    let failed = false;
    /** @param {string} name @param {Omit<Parameters<typeof testNative>[0], "seeds">} options */
    const check = async (name, options) => {
      const began = performance.now();
      const { passed, output } = await testNative({ ...options, seeds });
      const seconds = Math.round((performance.now() - began) / 1000);
      console.log(`${name}: ${passed ? "nothing found" : "FAILED"} (${seconds} s)\n${output}\n`);
      failed ||= !passed;
    };
    for (const [name, target] of Object.entries(targets))
      if (runsHere(target)) await check(name, { target });
      else console.log(`${name}: left out, it does not run here\n`);
    for (const [name, sanitizer] of sanitizers)
      for (const lanes of /** @type {const} */ ([4, 8, 16]))
        await check(`${name}, ${lanes} lanes`, { sanitizer, lanes });
    return failed ? 1 : 0;
  },
);
