// npm run fuzz: random models and random uses of layers and operations, with native kernels and with stock tfjs. Prints
// the seed of each that differs or crashes, and ends non-zero if there is one.
//   npm run fuzz                                1,000 models and 1,000 uses
//   npm run fuzz -- --models 50 --uses 0        other numbers
//   npm run fuzz -- --models 1 --seed 1234      one model again, with its layers
import { parseArgs } from "node:util";
import { UserError } from "../setup/terminal.mjs";
import { fuzz } from "../test/fuzz/driver.mjs";
import { main } from "./main.mjs";

await main(async () => {
  const { models, uses, seed } = readArguments();
  let failed = false;
  for (const [kind, count] of /** @type {const} */ ([
    ["models", models],
    ["uses", uses],
  ])) {
    const began = performance.now();
    const failures = await fuzz(kind, seed, count, (done) => {
      if (process.stderr.isTTY) process.stderr.write(`\r  ${done} of ${count} ${kind} `);
    });
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[2K");
    for (const { seed, problem, model } of failures)
      console.log(`${kind}, seed ${seed}: ${problem}${models + uses === 1 && model ? `\n${model}` : ""}`);
    const seconds = Math.round((performance.now() - began) / 1000);
    console.log(`${count} ${kind}, ${failures.length} of them differ or crash (${seconds} s)`);
    failed ||= failures.length > 0;
  }
  return failed ? 1 : 0;
});

/** @returns {{ models: number, uses: number, seed: number }} */
function readArguments() {
  try {
    const option = /** @type {const} */ ({ type: "string" });
    const { values } = parseArgs({ options: { models: option, uses: option, seed: option } });
    const whole = (/** @type {string | undefined} */ text, /** @type {number} */ otherwise) => {
      const number = text === undefined ? otherwise : Number(text);
      if (!(Number.isInteger(number) && number >= 0)) throw new Error(`"${text}" is not a whole number of at least 0`);
      return number;
    };
    const some = values.models !== undefined || values.uses !== undefined;
    const usual = some ? 0 : 1000;
    return { models: whole(values.models, usual), uses: whole(values.uses, usual), seed: whole(values.seed, 0) };
  } catch (error) {
    throw new UserError(
      `${/** @type {Error} */ (error).message}\nUsage: npm run fuzz -- [--models COUNT] [--uses COUNT] [--seed FIRST]`,
    );
  }
}
