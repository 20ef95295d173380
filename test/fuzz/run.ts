// Runs random cases one after the other: node --require ts-node/register test/fuzz/run.ts models FIRST COUNT
import { tf } from "../../lib/engine";
import { describeModel, modelCase } from "./model-case";

async function main() {
  const [kind, first, count] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
  let failures = 0;
  for (let seed = first; seed < first + count; seed++) {
    process.stderr.write(`\r${seed} `);
    const problem = await modelCase(seed);
    if (problem) {
      failures++;
      console.log(`seed ${seed}: ${problem}`);
      if (process.argv[5]) console.log(describeModel(seed));
    }
  }
  console.log(`${count} ${kind}, ${failures} failures, ${tf.memory().numTensors} tensors`);
}
void main();
