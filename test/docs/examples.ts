// Finds the examples in the library's docstrings and in Markdown files, checks their types and runs them.
//
// An example is a fenced block of TypeScript:
//   ```ts                        is type-checked and run
//   ```ts no-run                 is type-checked only
//   ```ts no-check               (Markdown only) is an excerpt: not looked at
//   ```ts lib/models/dncnn.ts    (Markdown only) stands for that file; other blocks of the document may import it
//   ```ts append lib/x.ts        (Markdown only) stands for that file with the block at its end
// A statement followed by a comment on the same line, `psnr(clean, noisy)[0] // 20`, must have that value as
// util.inspect shows it, numbers rounded to six significant digits. Where the value is undefined, the comment is prose.
import assert from "node:assert/strict";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { inspect } from "node:util";
import ts from "typescript";

export const root = path.resolve(__dirname, "../..");

export type Example = {
  /** Where it stands: "lib/metrics/psnr.ts:20 (psnr)". */
  title: string;
  code: string;
  run: boolean;
  /** The path that it is compiled as. */
  file: string;
};

export type PublicName = { name: string; callable: boolean; examples: Example[] };

const options: ts.CompilerOptions = {
  ...ts.parseJsonConfigFileContent(
    ts.readConfigFile(path.join(root, "tsconfig.json"), ts.sys.readFile).config,
    ts.sys,
    root,
  ).options,
  noUnusedLocals: false,
  noUnusedParameters: false,
};

const fence = /^(`{3,})ts\b([^\n]*)\n([\s\S]*?)^\1/gm;

/** The blocks of TypeScript in a text, whose first line is the given line of the file. */
function blocks(text: string, file: string, name: string, firstLine: number): Example[] {
  return [...text.matchAll(fence)].map(({ 2: info, 3: code, index }) => {
    const line = firstLine + text.slice(0, index).split("\n").length - 1;
    const words = info.trim().split(/\s+/);
    const target = words.find((word) => word.endsWith(".ts"));
    return {
      title: `${file}:${line}${name && ` (${name})`}`,
      code:
        target && words.includes("append") ? appended(fs.readFileSync(path.join(root, target), "utf8"), code) : code,
      run: !words.includes("no-run"),
      file: path.join(root, target ?? `${file}.${line}.mts`),
    };
  });
}

/** A file with a block at its end; the file alone when somebody has followed the guide and it has the block's names. */
function appended(content: string, block: string): string {
  const names = [...block.matchAll(/^export (function|const) \w+/gm)].map(([declaration]) => declaration);
  return names.some((declaration) => content.includes(declaration)) ? content : content + block;
}

/** All that lib/index.ts exports, with the examples in its docstrings. */
export function publicNames(): PublicName[] {
  const entrance = path.join(root, "lib/index.ts");
  const program = ts.createProgram([entrance], options);
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(entrance)!)!;
  return checker.getExportsOfModule(module).map((exported) => {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    const own = (symbol.declarations ?? []).filter((node) =>
      node.getSourceFile().fileName.startsWith(path.join(root, "lib")),
    );
    const tags = [...new Set(own.flatMap((node) => ts.getJSDocTags(node)))];
    const examples = tags
      .filter(({ tagName }) => tagName.text === "example")
      .flatMap((tag) => {
        const source = tag.getSourceFile();
        const text = source.text.slice(tag.pos, tag.end).replace(/^[ \t]*\*(?!\/) ?/gm, "");
        const line = source.getLineAndCharacterOfPosition(tag.pos).line + 1;
        const file = path.relative(root, source.fileName);
        const found = blocks(text, file, exported.name, line);
        assert.notEqual(found.length, 0, `${file}:${line}: the @example of ${exported.name} has no block of \`\`\`ts`);
        return found;
      });
    const callable =
      own.length > 0 &&
      (symbol.flags & ts.SymbolFlags.Value) !== 0 &&
      checker.getTypeOfSymbol(symbol).getCallSignatures().length > 0;
    return { name: exported.name, callable, examples };
  });
}

/** The Markdown files for readers, relative to the project's folder. */
export function documents(): string[] {
  const inside = fs.readdirSync(path.join(root, "docs"), { recursive: true, encoding: "utf8" });
  const top = fs.readdirSync(root);
  return [...top, ...inside.map((file) => path.join("docs", file))].filter(
    (file) => file.endsWith(".md") && !file.startsWith(path.join("docs", "api")),
  );
}

/** @param file relative to the project's folder */
export function markdownExamples(file: string): Example[] {
  const text = fs.readFileSync(path.join(root, file), "utf8").replaceAll("```ts no-check", "```");
  return blocks(text, file, "", 1);
}

/** The type errors in each example, by its title. */
export function typeErrors(examples: Example[]): Map<string, string[]> {
  const sources = new Map(examples.map(({ file, code }) => [file, code]));
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists, getSourceFile } = host;
  host.fileExists = (file) => sources.has(file) || fileExists(file);
  host.directoryExists = undefined;
  host.readFile = (file) => sources.get(file) ?? readFile(file);
  host.getSourceFile = (file, settings, ...rest) => {
    const code = sources.get(file);
    return code === undefined
      ? getSourceFile(file, settings, ...rest)
      : ts.createSourceFile(file, `${code}\nexport {};\n`, settings, true);
  };
  const program = ts.createProgram([...sources.keys()], options, host);
  return new Map(
    examples.map(({ title, file }) => {
      const source = program.getSourceFile(file)!;
      const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
      const lines = found.map(({ messageText, start = 0 }) => {
        const { line } = source.getLineAndCharacterOfPosition(start);
        return `line ${line + 1} of the block: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
      });
      return [title, lines];
    }),
  );
}

/** As util.inspect shows it on one line, numbers rounded to six significant digits, arrays cut off after ten items. */
export function show(value: unknown): string {
  return rounded(inspect(value, { depth: 5, maxArrayLength: 10 }).replace(/\s*\n\s*/g, " "));
}

const rounded = (text: string) =>
  text.replace(/-?\d+\.\d+(e[+-]?\d+)?/g, (number) => String(Number(Number(number).toPrecision(6))));

/** The code with each statement that a comment follows, `value // 1`, turned into `__expect(value, "1")`. */
function withExpectations({ code, file }: Example): string {
  const source = ts.createSourceFile(file, code, ts.ScriptTarget.ES2022, true);
  let result = code;
  for (const statement of [...source.statements].reverse()) {
    if (!ts.isExpressionStatement(statement)) continue;
    const [comment] = ts.getTrailingCommentRanges(code, statement.end) ?? [];
    if (!comment) continue;
    const { expression } = statement;
    const expected = JSON.stringify(code.slice(comment.pos, comment.end).replace(/^\/\/\s*/, ""));
    const call = `__expect((${expression.getText()}), ${expected});`;
    result = result.slice(0, statement.getStart()) + call + result.slice(statement.end);
  }
  return result;
}

/**
 * Runs an example, in a temporary folder and with console.log silenced.
 *
 * @param files other blocks of the same document that stand for files: the example may import them
 * @throws if a value is not as its comment says
 */
export async function run(example: Example, files: Example[] = []) {
  const modules = new Map<string, object>();
  const tests: [title: string, body: () => unknown][] = [];
  const load = async ({ file, ...rest }: Example): Promise<object> => {
    const expectations = withExpectations({ file, ...rest });
    const { outputText } = ts.transpileModule(expectations, {
      compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, esModuleInterop: true },
    });
    const imported = createRequire(file);
    for (const [, name] of outputText.matchAll(/require\("(\.[^"]*)"\)/g)) {
      const wanted = files.find((other) => other.file === `${path.resolve(path.dirname(file), name)}.ts`);
      if (wanted && !modules.has(wanted.file)) modules.set(wanted.file, await load(wanted));
    }
    const require = (name: string) => {
      if (name === "node:test") return { test: (title: string, body: () => unknown) => tests.push([title, body]) };
      return modules.get(`${path.resolve(path.dirname(file), name)}.ts`) ?? imported(name);
    };
    const expect = (value: unknown, expected: string) => {
      if (value !== undefined) assert.equal(show(value), rounded(expected));
    };
    const exports = {};
    const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
    await new AsyncFunction("exports", "require", "__expect", outputText)(exports, require, expect);
    return exports;
  };
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "example "));
  const [before, log] = [process.cwd(), console.log];
  process.chdir(folder);
  console.log = () => {};
  try {
    await load(example);
    for (const [title, body] of tests) {
      try {
        await body();
      } catch (cause) {
        throw new Error(`The example's test "${title}" fails: ${cause}`, { cause });
      }
    }
  } finally {
    console.log = log;
    process.chdir(before);
    fs.rmSync(folder, { recursive: true });
  }
}
