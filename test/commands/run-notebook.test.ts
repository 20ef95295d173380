// A run of a notebook from the command line, with cells that may fail.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";

const root = path.resolve(__dirname, "../..");

test("cells after an expected error run, and the command says what failed", () => {
  const artefacts = path.join(root, "test", "artefacts");
  fs.mkdirSync(artefacts, { recursive: true });
  const folder = fs.mkdtempSync(path.join(artefacts, "run-notebook "));
  const code = (id: string, source: string, ...tags: string[]) => ({
    cell_type: "code",
    id,
    metadata: { tags },
    source,
    execution_count: null,
    outputs: [],
  });
  const notebook = {
    metadata: { kernelspec: { name: "image-denoiser", language: "typescript", display_name: "TypeScript" } },
    nbformat: 4,
    nbformat_minor: 5,
    cells: [
      code("parameters", "let sigma = 0.5;", "parameters"),
      code("fails", 'throw new RangeError("as it should");', "raises-exception"),
      code("next", "console.log(sigma);"),
      code("last", "console.log(2 * sigma);"),
    ],
  };
  fs.writeFileSync(path.join(folder, "expected.ipynb"), JSON.stringify(notebook));
  const name = path.relative(path.join(root, "notebooks"), path.join(folder, "expected"));
  const executed = path.join(folder, "reports", `${name}.ipynb`);
  const script = `
    import { runNotebook } from ${JSON.stringify(path.join(root, "commands", "support", "run-notebook.mjs"))};
    await runNotebook(${JSON.stringify(name)}, [], { folder: ${JSON.stringify(folder)} });`;
  const { stderr, status } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: root,
    encoding: "utf8",
  });
  assert.equal(status, 1); // papermill runs all cells, and fails then
  assert.match(stderr, /failed in cell In \[2\]:\s+RangeError: as it should/);
  const { cells } = JSON.parse(fs.readFileSync(executed, "utf8")) as { cells: { outputs?: { text?: string[] }[] }[] };
  const outputs = cells.flatMap((cell) => cell.outputs ?? []).map(({ text }) => text?.join(""));
  assert.deepEqual(outputs, [undefined, "0.5\n", "1\n"]); // of the first, an error
  fs.rmSync(folder, { recursive: true });
});
