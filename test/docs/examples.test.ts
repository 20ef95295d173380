// Every public function has an example in its docstring; these examples and those in the documents are valid and run.
import assert from "node:assert/strict";
import path from "node:path";
import { describe, test } from "node:test";
import { documents, type Example, markdownExamples, publicNames, root, run, show, typeErrors } from "./examples";

const names = publicNames();
const inDocuments = documents().map((file) => markdownExamples(file));

test("each public function has an example", () => {
  const without = names.filter(({ callable, examples }) => callable && examples.length === 0).map(({ name }) => name);
  assert.deepEqual(without, []);
});

const inDocstrings = names.flatMap(({ examples }) => examples);
const errors = typeErrors([...inDocstrings, ...inDocuments.flat()]);

async function check(example: Example, files: Example[] = []) {
  assert.deepEqual(errors.get(example.title), []);
  if (example.run) await run(example, files);
}

describe("docstrings", () => {
  for (const example of inDocstrings) test(example.title, () => check(example));
});

describe("documents", () => {
  for (const examples of inDocuments)
    for (const example of examples) test(example.title, () => check(example, examples));
});

describe("the checks themselves", () => {
  const example = (code: string, file = "docs/none.md.1.mts") => ({
    title: "example",
    code,
    run: true,
    file: path.join(root, file),
  });

  test("values are shown on one line, rounded, long arrays cut off", () => {
    assert.equal(show(1 / 3), "0.333333");
    assert.equal(show(new Float32Array([0.1, 2])), "Float32Array(2) [ 0.1, 2 ]");
    assert.equal(show({ shape: [2, 28, 28, 1], mean: 2e-7 / 3 }), "{ shape: [ 2, 28, 28, 1 ], mean: 6.66667e-8 }");
    assert.match(show(new Float64Array(20)), /^Float64Array\(20\) \[ (0, ){10}\.\.\. 10 more items \]$/);
  });

  test("a wrong value fails, a right one does not", async () => {
    await run(example("const x: number = await Promise.resolve(2);\nx + 1; // 3"));
    await assert.rejects(run(example("[1, 2].map((x) => 2 * x); // [ 2, 5 ]")), /\[ 2, 4 \].*\[ 2, 5 \]/s);
  });

  test("a wrong type is found, and so is a wrong name", () => {
    const [wrong] = [example('import { psnr, pnsr } from "image-denoiser";\npsnr("a", "b");')];
    const [found] = typeErrors([wrong]).values();
    assert.match(found[0], /line 1.*no exported member.*pnsr/);
    assert.match(found[1], /line 2.*not assignable/);
  });

  test("blocks that stand for files can be imported and tested", async () => {
    const files = [
      example("export const double = (x: number) => 2 * x;\n", "lib/none/double.ts"),
      example(
        'import assert from "node:assert/strict";\nimport { test } from "node:test";\n' +
          'import { double } from "../../lib/none/double";\ntest("doubles", () => assert.equal(double(2), 5));\n',
        "test/none/double.test.ts",
      ),
    ];
    assert.deepEqual([...typeErrors(files).values()].flat(), []);
    await assert.rejects(run(files[1], files), /"doubles" fails/);
  });
});
