// Wraps tslab's copy of TypeScript so that (1) a notebook in a subfolder can import from the whole project, (2) imported
// files are type-checked but loaded by Node and ts-node, (3) their type errors are reported, (4) cells are rewritten where
// tslab misunderstands them (./rewrite), (5) errors name their line in the cell, and (6) a variable may have a type that no
// declaration file can name.
import path from "node:path";
import type * as TypeScript from "@tslab/typescript-for-tslab";
import type { Converter, Diagnostic } from "tslab/dist/converter";
import { filterDeclarations } from "./declarations";
import { rememberCell } from "./positions";
import { rewriteSyntax, rewriteText } from "./rewrite";
import { mergeTimers } from "./timers";

const cellFile = "__tslab__.ts";

/** A cell as JavaScript. */
export interface CompiledCell {
  /** The name of its code in stack traces. */
  readonly file: string;
  /** The body of a function of `exports`, which it sets to its variables, and of `require`. */
  readonly code: string;
  readonly awaits: boolean;
  /** The names that the cell declares, and those of them that are values when it runs, not types alone. */
  readonly names: readonly string[];
  readonly values: readonly string[];
  /** A declaration file of these names, and of earlier ones that the cell does not declare anew. */
  readonly declarations: string;
  /** The name in `exports` that gets the value of the cell's last expression. */
  readonly result: string | undefined;
}

/** A cell did not compile. */
export class CompileError extends Error {
  constructor(readonly diagnostics: readonly Diagnostic[]) {
    super("the cell has type errors");
  }
}

export interface CellCompiler extends Pick<Converter, "inspect" | "complete" | "close"> {
  /**
   * @param declarations what is known of earlier cells
   * @param label how stack traces name the cell
   * @throws {CompileError}
   */
  compile(declarations: string, source: string, label: string): CompiledCell;
  /** The declarations without the names for which `keep` is false. */
  filter(declarations: string, keep: (name: string) => boolean): string;
}

/**
 * Replaces the TypeScript that tslab will load by a wrapped copy. Must be called before any part of tslab is loaded.
 * @param root the folder that cells can import from, subfolders included
 */
export function createCompiler(root: string): CellCompiler {
  const identifier = require.resolve("@tslab/typescript-for-tslab", { paths: [require.resolve("tslab")] });
  const original = require(identifier) as typeof TypeScript;
  const wrapped = { ...original };
  let libraryErrors: Diagnostic[] = [];
  let sourceMaps: string[] = [];
  let names: string[] = [];
  let values: string[] = [];

  type WatchHost =
    TypeScript.WatchCompilerHostOfFilesAndCompilerOptions<TypeScript.EmitAndSemanticDiagnosticsBuilderProgram>;
  const createHost = original.createWatchCompilerHost as (...args: unknown[]) => WatchHost;
  wrapped.createWatchCompilerHost = ((files: unknown, options: object, ...rest: unknown[]) => {
    const host = createHost(files, { ...options, rootDir: root, sourceMap: true }, ...rest);
    mergeTimers(host);
    let afterProgramCreate: NonNullable<WatchHost["afterProgramCreate"]> = () => {};
    Object.defineProperty(host, "afterProgramCreate", {
      get: () => (builder: TypeScript.EmitAndSemanticDiagnosticsBuilderProgram) => {
        interceptEmit(builder);
        afterProgramCreate(builder);
      },
      set: (assigned) => {
        afterProgramCreate = assigned;
      },
    });
    return host;
  }) as typeof TypeScript.createWatchCompilerHost;

  function interceptEmit(builder: TypeScript.EmitAndSemanticDiagnosticsBuilderProgram): void {
    const emit = builder.emit.bind(builder);
    builder.emit = (source, write, cancellation, declarationsOnly, transformers) => {
      const isCell = source !== undefined && path.basename(source.fileName) === cellFile;
      if (source && !isCell) return { emitSkipped: true, diagnostics: [] };
      const checker = builder.getProgram().getTypeChecker();
      if (source) {
        libraryErrors = errorsOfImports(builder, source);
        [names, values] = declaredNames(original, checker, source);
      }
      // because of rootDir the cell would be written to outDir/notebooks/…, but tslab expects it in outDir
      const writeCell =
        write &&
        ((name: string, content: string, mark: boolean) => {
          if (name.endsWith(".map")) sourceMaps = [content];
          else write(`outDir/${path.basename(name)}`, content, mark);
        });
      const before = [...(transformers?.before ?? []), rewriteSyntax(original, checker)];
      const afterDeclarations = [ignoreErrors, ...(transformers?.afterDeclarations ?? [])];
      return emit(source, writeCell, cancellation, declarationsOnly, { ...transformers, before, afterDeclarations });
    };
  }

  function errorsOfImports(
    builder: TypeScript.EmitAndSemanticDiagnosticsBuilderProgram,
    cell: TypeScript.SourceFile,
  ): Diagnostic[] {
    return builder
      .getAllDependencies(cell)
      .filter(
        (file) =>
          /\.tsx?$/.test(file) &&
          !file.endsWith(".d.ts") &&
          !file.includes("/node_modules/") &&
          !file.endsWith(cellFile),
      )
      .flatMap((file) => {
        const source = builder.getSourceFile(file);
        return source ? builder.getSemanticDiagnostics(source) : [];
      })
      .map((found) => {
        const file = found.file as TypeScript.SourceFile;
        const position = (offset: number) => ({ offset, ...original.getLineAndCharacterOfPosition(file, offset) });
        const start = found.start ?? 0;
        return {
          start: position(start),
          end: position(start + (found.length ?? 0)),
          messageText: original.flattenDiagnosticMessageText(found.messageText, "\n"),
          category: found.category,
          code: found.code,
          fileName: path.relative(root, file.fileName),
        };
      });
  }

  // "Exported variable 'p' has or is using name …": nobody exports, and the rest of such a type is known to later cells
  const { getPreEmitDiagnosticsOfFiles } = original as unknown as TslabAdditions;
  (wrapped as unknown as TslabAdditions).getPreEmitDiagnosticsOfFiles = (program, files) =>
    getPreEmitDiagnosticsOfFiles({ ...program, getDeclarationDiagnostics: () => [] }, files);

  // tslab's second compilation, from ES modules to CommonJS
  wrapped.transpileModule = (input, options) => {
    const compilerOptions = { ...options.compilerOptions, sourceMap: true };
    const result = original.transpileModule(input, { ...options, compilerOptions });
    sourceMaps.push(result.sourceMapText as string);
    return { ...result, outputText: withoutInitialExports(result.outputText) };
  };

  require.cache[identifier]!.exports = wrapped;
  // tslab treats `@module` and `@browser` in a cell's comments as commands and would not run the cell
  require("tslab/dist/metadata").getCodeMetadata = () => ({});
  const { createConverter } = require("tslab/dist/converter") as typeof import("tslab/dist/converter");
  const converter = createConverter({ isJS: false, isBrowser: false });
  return {
    inspect: converter.inspect,
    complete: converter.complete,
    close: converter.close,
    filter: (declarations, keep) => filterDeclarations(original, declarations, keep),
    compile(declarations, source, label) {
      libraryErrors = [];
      [names, values] = [[], []];
      const { text, awaits } = rewriteText(original, source);
      const converted = converter.convert(declarations, text);
      const errors = converted.diagnostics.length > 0 ? converted.diagnostics : libraryErrors;
      if (errors.length > 0) throw new CompileError(errors);
      return {
        file: rememberCell(label, source, sourceMaps),
        code: converted.output ?? "",
        awaits: awaits || converted.hasToplevelAwait === true,
        names,
        values,
        declarations: converted.declOutput ?? "",
        result: converted.lastExpressionVar,
      };
    },
  };
}

/** What tslab's fork adds to TypeScript. */
interface TslabAdditions {
  getPreEmitDiagnosticsOfFiles(program: TypeScript.Program, files: TypeScript.SourceFile[]): TypeScript.Diagnostic[];
}

/** TypeScript writes no declaration file that has errors; without being told of them, it does. */
const ignoreErrors: TypeScript.TransformerFactory<TypeScript.SourceFile | TypeScript.Bundle> = (context) => {
  (context as unknown as { addDiagnostic(): void }).addDiagnostic = () => {};
  return (file) => file;
};

/** All names that a cell declares, and those that are values. */
function declaredNames(
  ts: typeof TypeScript,
  checker: TypeScript.TypeChecker,
  cell: TypeScript.SourceFile,
): [names: string[], values: string[]] {
  const locals = [...((cell as { locals?: Map<string, TypeScript.Symbol> }).locals?.values() ?? [])];
  const isValue = (symbol: TypeScript.Symbol) => {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    return (target.flags & ts.SymbolFlags.Value) !== 0;
  };
  return [locals.map(({ name }) => name), locals.filter(isValue).map(({ name }) => name)];
}

/**
 * TypeScript begins a module by `exports.a = exports.b = void 0;`. Without that, what is in `exports` tells how far a cell
 * has come. All lines stay where they are.
 */
function withoutInitialExports(code: string): string {
  const marker = 'Object.defineProperty(exports, "__esModule", { value: true });\n';
  const start = code.indexOf(marker) + marker.length;
  if (start < marker.length) return code;
  const [initial] = /^(?:exports\.\S+ = (?:exports\.\S+ = )*void 0;\n)*/.exec(code.slice(start)) as RegExpExecArray;
  return code.slice(0, start) + initial.replace(/[^\n]+/g, "") + code.slice(start + initial.length);
}
