// Compiles cells: checks their types and those of the files they import, and makes JavaScript of them. Each compiled cell
// stays as a module, of which later cells import what they use, with whatever types it has.
import path from "node:path";
import ts from "typescript";
import { closingBrackets, objectOrBlock } from "./brackets";
import { createFileChecks } from "./checked";
import type { Diagnostic, Requests, Scope } from "./compiler";
import { importedBy, openProject, type Project } from "./project";
import { awaits, kindOf, resultName, rewriteCell, showsValue, withoutExports } from "./rewrite";
import { stoppable } from "./stoppable";

/** The cell that is compiled or asked about now. */
const current = ".cell.ts";
/** Imports what cells and notebooks import, so that it is not read again for each cell. */
const kept = ".imports.ts";

export interface Cells {
  compile: Requests["compile"];
  readonly project: Project;
  /** Makes a source the current cell, in which all names of earlier cells are known. @returns its path */
  open(scope: Scope, source: string): string;
  /** Those of the specifiers that name files of the project which are known to have no type errors. */
  withoutErrors(specifiers: readonly string[]): string[];
  /** Imports that a cell is expected to need. */
  expect(specifiers: readonly string[]): void;
  /** Reads what cells will import, and checks one file of it that has not been checked. @returns whether there was one */
  prepare(): boolean;
}

export function createCells(root: string, folder: string): Cells {
  const project = openProject(root, folder, [current, kept]);
  const checks = createFileChecks(root, project);
  const expected = new Set<string>();
  let count = 0;
  project.write(current, "");
  project.write(kept, "");

  function expect(specifiers: readonly string[]): void {
    const before = expected.size;
    for (const specifier of specifiers) expected.add(specifier);
    if (expected.size === before) return;
    project.write(kept, [...expected].map((specifier) => `import ${JSON.stringify(specifier)};\n`).join(""));
  }

  function write(scope: Scope, source: string, used: (name: string) => boolean): string {
    const parsed = parse(source);
    const text = withoutExports(parsed);
    const declared = declaredNames(text);
    const earlier = [...scope].filter(([name]) => !declared.includes(name) && used(name));
    const imports = earlier.map(([name, { kind, cell }]) =>
      kind === "variable"
        ? `declare let ${name}: typeof import("./${moduleName(cell)}").${name};`
        : `import { ${name} } from "./${moduleName(cell)}";`,
    );
    const written = `${text}\n${imports.join("")} export { ${declared.join(", ")} };`;
    project.write(current, written);
    return written;
  }

  return {
    project,
    withoutErrors: (specifiers) =>
      [...new Set(specifiers)].filter((specifier) => {
        const files = project.importsOfText(`import ${JSON.stringify(specifier)};`);
        return files.length > 0 && checks.areFine(files);
      }),
    expect,
    open(scope, source) {
      write(scope, source + closingBrackets(source), () => true);
      return project.path(current);
    },
    prepare() {
      project.service.getSemanticDiagnostics(project.path(kept));
      return checks.checkNext(project.imports(project.path(kept)));
    },
    compile(scope, typed) {
      const source = objectOrBlock(typed);
      expect(importedBy(source));
      const names = identifiers(parse(source));
      const written = write(scope, source, (name) => names.has(name));
      const file = project.path(current);
      if (errorsIn(project.service, file).length > 0) {
        write(scope, source, () => true); // an error may suggest another name
        return { diagnostics: errorsIn(project.service, file).map((error) => describe(error, source)) };
      }
      const errors = checks.errors(project.importsOfText(source));
      if (errors.length > 0) return { diagnostics: errors.map((error) => describe(error, source, root)) };

      const program = project.service.getProgram() as ts.Program;
      const cell = program.getSourceFile(file) as ts.SourceFile;
      const checker = program.getTypeChecker();
      const locals = [...localsOf(cell).values()].filter(({ declarations }) =>
        declarations?.some(({ end }) => end <= source.length),
      );
      const { code, imports, sourceMaps } = emit(program, cell, source.length);
      count++;
      project.write(`${moduleName(count)}.ts`, written);
      const own = cell.statements.filter(({ end }) => end <= source.length);
      return {
        code,
        sourceMaps,
        awaits: own.some(awaits),
        imports,
        declared: new Map(
          locals.map((symbol) => [ts.symbolName(symbol), { kind: kindOf(checker, symbol), cell: count }]),
        ),
        result: showsValue(own.at(-1)) ? resultName : undefined,
      };
    },
  };
}

function errorsIn(service: ts.LanguageService, file: string): ts.Diagnostic[] {
  const syntactic = service.getSyntacticDiagnostics(file);
  return syntactic.length > 0 ? syntactic : service.getSemanticDiagnostics(file);
}

type Compiled = Exclude<ReturnType<Requests["compile"]>, { diagnostics: unknown }>;

const moduleName = (cell: number) => `.cell-${cell}`;

const parse = (source: string) => ts.createSourceFile(current, source, ts.ScriptTarget.Latest, true);

function identifiers(file: ts.SourceFile): Set<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node) => {
    if (ts.isIdentifier(node)) names.add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return names;
}

const localsOf = (file: ts.SourceFile): Map<string, ts.Symbol> =>
  (file as { locals?: Map<string, ts.Symbol> }).locals ?? new Map();

/** The names that a module declares, found without knowing what it imports. */
function declaredNames(text: string): string[] {
  const file = parse(`${text}\nexport {};`);
  const host = { ...ts.createCompilerHost({}), getSourceFile: () => file };
  ts.createProgram([current], { noLib: true, noResolve: true, types: [] }, host).getTypeChecker();
  return [...localsOf(file).values()].map(ts.symbolName);
}

function emit(
  program: ts.Program,
  cell: ts.SourceFile,
  end: number,
): Pick<Compiled, "code" | "imports" | "sourceMaps"> {
  const options = program.getCompilerOptions();
  const transformers = { before: [rewriteCell(program.getTypeChecker(), end), stoppable()] };
  const written: string[] = [];
  program.emit(cell, (_, text) => written.push(text), undefined, false, transformers);
  const [map, module] = written[0].startsWith("{") ? written : written.reverse();
  // from an ES module to a function that calls `require`
  const { outputText, sourceMapText } = ts.transpileModule(module, {
    fileName: "cell.js",
    compilerOptions: { ...options, module: ts.ModuleKind.CommonJS, moduleResolution: undefined, allowJs: true },
  });
  return { code: outputText, imports: importedBy(module), sourceMaps: [map, sourceMapText as string] };
}

/** @param root where the diagnostic's file is in the project; without it, it is a cell's */
function describe({ file, start = 0, messageText }: ts.Diagnostic, source: string, root?: string): Diagnostic {
  const text = ts.flattenDiagnosticMessageText(messageText, "\n");
  const at = file as ts.SourceFile;
  return {
    ...(root === undefined ? {} : { fileName: path.relative(root, at.fileName) }),
    start: ts.getLineAndCharacterOfPosition(at, root === undefined ? Math.min(start, source.length) : start),
    messageText: text.replace(/import\("[^"]*\/\.cell[-\d]*"\)\.?/g, ""), // names of earlier cells
  };
}
