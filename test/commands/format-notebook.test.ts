// How code cells are formatted.
import assert from "node:assert/strict";
import { test } from "node:test";

const format = async (source: string): Promise<string> => {
  const { formatCells } = await import("../../commands/support/format-notebook.mjs");
  const notebook = { cells: [{ cell_type: "code", id: "cell", source: [source] }] };
  return JSON.parse(formatCells("test.ipynb", JSON.stringify(notebook)).text).cells[0].source.join("");
};

test("a long import list fills its lines, and stays as it is when it is formatted again", async () => {
  const names = Array.from({ length: 30 }, (_, i) => (i % 10 ? `name${i}` : `type Name${i}`));
  const filled = await format(
    `import {${names}} from "../lib"\nconst list = [${names.filter((name) => !name.includes(" "))}]`,
  );
  const [first, second] = filled.split("\n");
  assert.deepEqual([first, second.slice(0, 30)], ["import {", "  type Name0, name1, name2, name3".slice(0, 30)]);
  const lengths = filled
    .slice(0, filled.indexOf("}"))
    .split("\n")
    .map((line) => line.length);
  assert.ok(lengths.length < 8 && Math.max(...lengths) <= 96, String(lengths));
  assert.match(filled, /,\n\} from "\.\.\/lib";\nconst list = \[\n {2}name1,\n {2}name2,\n/); // not that of an array
  assert.equal(await format(filled), filled);
});

test("a short import list stays on its line; one with comments is left as it is", async () => {
  assert.equal(await format('import { a, b } from "c"'), 'import { a, b } from "c";');
  const commented = 'import {\n  a,\n  // of interest\n  b,\n} from "c";';
  assert.equal(await format(commented), commented);
});
