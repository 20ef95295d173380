// Each rule for committed notebooks catches what it is there for, and leaves a good notebook alone.
import assert from "node:assert/strict";
import { test } from "node:test";

interface Cell {
  cell_type: string;
  id?: string;
  metadata: object;
  source: string;
  outputs?: object[];
}

const prose = (id: string): Cell => ({ cell_type: "markdown", id, metadata: {}, source: "What comes next." });
const code = (id: string, source: string, ...outputs: object[]): Cell => ({
  cell_type: "code",
  id,
  metadata: {},
  source,
  outputs,
});
const parameters = (source: string): Cell => ({ ...code("parameters", source), metadata: { tags: ["parameters"] } });

/** A good notebook, with these cells at its end. */
const notebook = (...cells: Cell[]) => ({
  metadata: { kernelspec: { name: "image-denoiser" } },
  cells: [
    prose("title"),
    code("imports", 'import { gaussian, psnr as score } from "../lib";\nimport type { Images } from "../lib";'),
    prose("parameters-text"),
    parameters("let sigma = 0.5; // of the noise\nlet epochs: number | undefined = undefined;"),
    prose("last-text"),
    ...cells,
  ],
});

async function problems(content: object): Promise<string[]> {
  const { lint } = await import("../../commands/support/notebook-lint.mjs");
  return lint(JSON.stringify(content));
}

test("nothing to say about good cells", async () => {
  const stream = { output_type: "stream", name: "stdout", text: ["saved in ../tmp/a, https://host/home/b\n"] };
  const picture = { output_type: "display_data", data: { "image/png": "iVBORw0K/tmp/Ab+/home/xyz" } };
  const cells = [
    code(
      "again",
      'import { gaussian } from "../lib";\nsigma = 0.1;\nfor (const row of [1]) gaussian;',
      stream,
      picture,
    ),
    prose("more"),
    code("local", "function scale(sigma: number) {\n  const rows = sigma;\n  return rows;\n}\nconst rows = scale(1);"),
    prose("overloads-text"),
    code("overloads", "function id(a: string): string;\nfunction id(a: unknown) {\n  return a;\n}"),
  ];
  assert.deepEqual(await problems(notebook(...cells)), []);
});

test("a name that two cells declare", async () => {
  const keeps = (name: string, cell: string, line: number) =>
    `cell redeclared, line ${line}: ${name} is also declared in cell ${cell}, whose functions keep using that one: rename one of them`;
  const source = [
    "const { sigma, rest: [gaussian] } = { sigma: 1, rest: [2] };",
    "interface Images {}",
    'import score from "node:fs";',
    "function epochs() {}",
  ].join("\n");
  assert.deepEqual(await problems(notebook(code("redeclared", source))), [
    keeps("sigma", "parameters", 1),
    keeps("gaussian", "imports", 1),
    keeps("Images", "imports", 2),
    keeps("epochs", "parameters", 4),
  ]);
});

test("parameters: one cell, of variables that papermill can set", async () => {
  const without = notebook();
  without.cells = without.cells.filter(({ id }) => id !== "parameters");
  const missing = '0 cells have the tag "parameters": exactly one must, papermill looks for it';
  assert.deepEqual(await problems(without), [missing]);
  const other = notebook();
  other.cells[3] = parameters("const sigma = 1;\nlet a = 1,\n  b = 2;\nlet c: number;\nlet fine = 1;");
  const line = (number: number) =>
    `cell parameters, line ${number}: not a parameter: papermill sets what is written \`let name = value;\``;
  assert.deepEqual(await problems(other), [line(1), line(2), line(4)]);
});

test("an article: short cells, prose before each, ids of their own", async () => {
  const long = code("long", Array(26).fill("sigma = 1;").join("\n"));
  assert.deepEqual(await problems(notebook(long, code("long", "sigma = 2;"))), [
    "cell long, line 26: 26 lines, 25 are the most: make two cells of it, or a function in lib/",
    "cell long, line 1: its id is missing, or another cell's: give it its own",
    "cell long, line 1: no prose before it: say in a Markdown cell what it does",
  ]);
});

test("a file for everybody: our kernel, not too large, no errors and no paths among the outputs", async () => {
  const foreign = { ...notebook(), metadata: { kernelspec: { name: "tslab" } } };
  assert.deepEqual(await problems(foreign), ["its kernel is not ours: choose TypeScript (Image Denoiser)"]);
  const large = notebook(code("large", "sigma;", { output_type: "stream", name: "stdout", text: "x".repeat(1.5e6) }));
  assert.deepEqual(await problems(large), ["it is larger than 1.5 MB: draw fewer points, or clear an output"]);

  const failed = "cell bad, line 1: an error or a warning among its outputs: fix it and run it again";
  for (const output of [{ output_type: "error" }, { output_type: "stream", name: "stderr", text: "careful" }])
    assert.deepEqual(await problems(notebook(code("bad", "sigma;", output))), [failed]);

  for (const file of ["/home/ann/x.json", "/root/x", "/tmp/x", "/Users/ann/x", "/home/ann/a b"])
    for (const text of [`saved in ${file}`, `two lines\n${file}`, `<a href="file://${file}">`]) {
      const [problem] = await problems(notebook(code("path", "sigma;", { output_type: "stream", text: [text] })));
      const shown = file.split(" ")[0];
      assert.equal(
        problem,
        `cell path, line 1: its outputs name a file of this machine, ${shown}: print a path inside the project`,
      );
    }
});
