// Runs random cases and prints those that differ: node --require ts-node/register test/fuzz/run.ts KIND FIRST COUNT,
// where KIND is models or uses; with "stock" after it without the native kernels. On standard output a line of JSON for
// each case, so that a crash tells which it was.
import { describeModel, modelCase } from "./model-case";
import { useCase } from "./use-case";

const cases = { models: modelCase, uses: useCase };

async function main(kind: keyof typeof cases, first: number, count: number, stock: boolean): Promise<void> {
  const write = (record: object) => process.stdout.write(`${JSON.stringify(record)}\n`);
  for (let seed = first; seed < first + count; seed++) {
    write({ seed });
    const problem = await cases[kind](seed, stock);
    if (problem) write({ seed, problem, ...(kind === "models" && { model: describeModel(seed) }) });
  }
}

const [kind, first, count, stock] = process.argv.slice(2);
void main(kind as keyof typeof cases, Number(first), Number(count), stock === "stock");
