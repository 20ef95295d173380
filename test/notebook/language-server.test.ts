// Errors in cells are underlined while one types, and nothing in a notebook that is right.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { chromium } from "playwright-core";
import { notebookChecker } from "../../lib/notebook/kernel/language-server/checker";
import { moduleOf } from "../../lib/notebook/kernel/language-server/notebook-module";
import { browserFlags, findChromium } from "../chromium";
import { openNotebook, startJupyterLab, writeNotebook } from "../jupyterlab";

const root = path.resolve(__dirname, "../..");
const notebooks = path.join(root, "notebooks");
const checker = notebookChecker(root);

/** As jupyterlab-lsp sends them. */
const joined = (cells: string[]) => `${cells.join("\n\n\n")}\n`;

/** "line:column message" of each error in a notebook of these cells; lines of all cells together, from 1. */
function errors(cells: string[], name = "try"): string[] {
  const notebook = path.join(notebooks, `${name}.ipynb`);
  checker.open(notebook, joined(cells));
  const found = checker.errors(notebook);
  checker.close(notebook);
  return found.map(({ range: { start }, message }) => `${start.line + 1}:${start.character + 1} ${message}`);
}

test("the project's notebooks have no errors", () => {
  const names = fs.readdirSync(notebooks).filter((name) => name.endsWith(".ipynb"));
  assert.ok(names.length >= 2);
  for (const name of names) {
    const { cells } = JSON.parse(fs.readFileSync(path.join(notebooks, name), "utf8"));
    const code = cells.filter(({ cell_type }: { cell_type: string }) => cell_type === "code");
    assert.deepEqual(
      errors(
        code.map(({ source }: { source: string[] }) => [source].flat().join("")),
        name,
      ),
      [],
      name,
    );
  }
});

test("types of earlier cells and of lib/ are known", () => {
  const cells = [
    'import { gaussian, loadMnist } from "../lib";\nconst count = 3;',
    'const text: string = count;\nconst mnist = loadMnist({ dataset: "quick" });',
    'const noisy = await gaussian(mnist.train, { sigma: "0.5" });',
    'import { nothing } from "../lib";',
  ];
  assert.deepEqual(errors(cells), [
    "5:7 Type 'number' is not assignable to type 'string'.",
    "9:45 Type 'string' is not assignable to type 'number | readonly [low: number, high: number]'.",
    "12:10 Module '\"../lib\"' has no exported member 'nothing'.",
  ]);
});

test("a variable of an earlier cell may have any value of its type", () => {
  const cells = [
    'let dataset: "full" | "quick" = "full";\nlet { a }: { a: number } = { a: 1 };',
    'const quick = dataset === "quick";',
    'const wrong = dataset === "slow";',
    "let text: string | undefined = undefined;\nconst n = text.length;",
  ];
  assert.deepEqual(errors(cells), [
    `8:15 This comparison appears to be unintentional because the types '"full" | "quick"' and '"slow"' have no overlap.`,
    "12:11 'text' is possibly 'undefined'.",
  ]);
});

test("what cells may do and a module may not: declare names anew, import twice, await, export", () => {
  const cells = [
    'import { psnr } from "../lib";\nconst x = 3;\nfunction f() {\n  return x;\n}',
    'const [x, { y }] = ["a", { y: 1 }];\nx.toUpperCase();\ny.toFixed();',
    'import { psnr } from "../lib";\nimport { ssim } from "../lib";\nexport const z = [psnr, ssim];',
    "function f() {\n  return x.length;\n}\nclass z {}\nnew z();\nf().toFixed();",
    'import { missing } from "../lib";\nawait Promise.resolve(x.toFixed());',
  ];
  assert.deepEqual(errors(cells), [
    "27:25 Property 'toFixed' does not exist on type 'string'. Did you mean 'fixed'?",
    "26:10 Module '\"../lib\"' has no exported member 'missing'.",
  ]);
  const notebook = joined(cells).split("\n");
  const [, ...lines] = moduleOf(joined(cells)).text.split("\n"); // the first is none of the notebook's
  for (const [i, line] of notebook.entries())
    if (line !== "") assert.equal(lines[i].length, line.length, `line ${i + 1} keeps its columns`);
});

test("what is not closed in one cell yet is an error there, and the cells below it are read as before", () => {
  const unfinished = {
    "a call": ["const a = Math.max(1,", "1:22 ')' expected."],
    "a block": ["function f() {\n  return 3;", "2:12 '}' expected."],
    "an object in a call": ["f([{ a: 1", "1:10 '}' expected."],
    "a comment after it": ["Math.max(1 // the least", "1:24 ')' expected."],
    "a template": ["const a = `1 + 2", "1:17 Unterminated template literal."],
    "a template with a value": [`const a = \`1 + \${1}`, "1:20 Unterminated template literal."],
    "a condition": ["if (1", "1:6 ')' expected."],
    "a comment": ["/* a", "1:5 '*/' expected."],
    "one bracket too many": ["Math.max(1)\n}", "2:1 Declaration or statement expected."],
  };
  for (const [what, [source, error]] of Object.entries(unfinished)) {
    const lines = source.split("\n").length + 3; // to the next cell
    const cells = ["let count = 3;", source, "const text: string = count;", 'let count = "three";\ncount.toFixed();'];
    const found = errors(cells).map((each) => each.replace(/^\d+/, (line) => String(Number(line) - 3)));
    const own = found.filter((each) => Number.parseInt(each, 10) < lines);
    assert.equal(own[0], error, what);
    assert.deepEqual(
      found.filter((each) => !own.includes(each)),
      [
        `${lines}:7 Type 'number' is not assignable to type 'string'.`,
        `${lines + 4}:7 Property 'toFixed' does not exist on type 'string'. Did you mean 'fixed'?`,
      ],
      what,
    );
  }
});

test("a cell that is unfinished hides no grammar errors of other cells", () => {
  const grammar = ["const first: number;", "function f() {\n  await f();\n}", "break;", "const fine = 1;"];
  const alone = errors(["1;", ...grammar]).map((each) => each.replace(/^\d+/, (line) => String(Number(line) - 3)));
  assert.deepEqual(
    alone.map((each) => each.slice(each.indexOf(" ") + 1)),
    [
      "'const' declarations must be initialized.",
      "'await' expressions are only allowed within async functions and at the top levels of modules.",
      "A 'break' statement can only be used within an enclosing iteration or switch statement.",
    ],
  );
  for (const unfinished of ["const a = ;", "let b c", "for (", "const a = ;\nconst second;", "class {", "x = {a b}"]) {
    const lines = unfinished.split("\n").length + 2;
    const [own, ...others] = errors([unfinished, ...grammar]);
    assert.match(own, /^1:/, unfinished);
    const below = others.filter((each) => Number.parseInt(each, 10) > lines);
    assert.deepEqual(
      below.map((each) => each.replace(/^\d+/, (line) => String(Number(line) - lines))),
      alone,
      unfinished,
    );
  }
});

test("an object alone in a cell is one, also in the first; a block is a block", () => {
  assert.deepEqual(
    errors(["{ a: 1, b: 2 }", "1", "{ a: await Promise.resolve(1), b: missing }", "{ let a = 1; a++; }"]),
    ["7:35 Cannot find name 'missing'."],
  );
  assert.deepEqual(errors(["{ a: 1, b: missing }"]), ["1:12 Cannot find name 'missing'."]);
});

test("JupyterLab underlines a wrong type, and no longer once it is right", { skip: !findChromium() }, async () => {
  const file = path.join(root, "test", "artefacts", "language-server.ipynb");
  fs.mkdirSync(path.dirname(file), { recursive: true });
  writeNotebook(file, ["const count = 3;", "const text: string = count;", "count.toFixed();"]);
  const lab = await startJupyterLab();
  const browser = await chromium.launch({ executablePath: findChromium(), args: browserFlags });
  try {
    const page = await openNotebook(browser, lab, file);
    const underlined = page.locator(".cm-lintRange-error");
    await underlined.first().waitFor();
    assert.deepEqual(await underlined.allTextContents(), ["text"]);
    await page.locator(".jp-Cell .cm-content").nth(0).click();
    await page.keyboard.press("Control+A");
    await page.keyboard.type('const count = "three";'); // now the third cell is wrong instead
    await page.locator(".cm-lintRange-error", { hasText: "toFixed" }).waitFor();
    assert.deepEqual(await underlined.allTextContents(), ["toFixed"]);
  } finally {
    await browser.close();
    await lab.stop();
  }
});
