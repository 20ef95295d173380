// npm run fuzz: random models and random uses of layers and operations, with native kernels and with stock tfjs. Prints
// the seed of each that differs or crashes, and ends non-zero if there is one.
//   npm run fuzz                                1,000 models and 1,000 uses
//   npm run fuzz -- --models 50 --uses 0        other numbers
//   npm run fuzz -- --models 1 --seed 1234      one model again, with its layers
import { fuzz } from "../test/fuzz/driver.mjs";
import { ArgumentError, readArguments } from "./support/arguments.mjs";
import { main } from "./support/main.mjs";

/** @type {import("./support/arguments.mjs").Syntax} */
const syntax = {
  usage: "npm run fuzz -- [--models COUNT] [--uses COUNT] [--seed FIRST]",
  options: { models: { type: "string" }, uses: { type: "string" }, seed: { type: "string" } },
};

await main(
  () =>
    readArguments(syntax, ({ models, uses, seed }) => {
      const usual = models === undefined && uses === undefined ? 1000 : 0;
      return {
        models: wholeNumber("--models", models ?? usual),
        uses: wholeNumber("--uses", uses ?? usual),
        seed: wholeNumber("--seed", seed ?? 0),
      };
    }),
  async ({ models, uses, seed }) => {
    let failed = false;
    for (const [kind, count] of /** @type {const} */ ([
      ["models", models],
      ["uses", uses],
    ])) {
      const began = performance.now();
      const { failures, stockCrashes } = await fuzz(kind, seed, count, (done) => {
        if (process.stderr.isTTY) process.stderr.write(`\r  ${done} of ${count} ${kind} `);
      });
      if (process.stderr.isTTY) process.stderr.write("\r\x1b[2K");
      for (const { seed, problem, model } of failures)
        console.log(`${kind}, seed ${seed}: ${problem}${models + uses === 1 && model ? `\n${model}` : ""}`);
      const seconds = Math.round((performance.now() - began) / 1000);
      console.log(`${count} ${kind}, ${failures.length} of them differ or crash (${seconds} s)`);
      if (stockCrashes.length > 0)
        console.log(`  not counted, because stock tfjs crashes without us: seeds ${stockCrashes.join(", ")}`);
      failed ||= failures.length > 0;
    }
    return failed ? 1 : 0;
  },
);

/** @param {string} name @param {string | number} value */
function wholeNumber(name, value) {
  const number = Number(value);
  if (!(Number.isInteger(number) && number >= 0))
    throw new ArgumentError(`${name} must be a whole number of at least 0, not ${value}`);
  return number;
}
