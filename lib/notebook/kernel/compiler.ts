// Wraps tslab's copy of TypeScript so that (1) a notebook in a subfolder can import from the whole project, (2) imported
// files are type-checked but loaded by Node and ts-node, (3) their type errors are reported, (4) cells are rewritten where
// tslab misunderstands them (./rewrite), and (5) errors name their line in the cell.
import path from "node:path";
import type * as TypeScript from "@tslab/typescript-for-tslab";
import type { Converter, Diagnostic } from "tslab/dist/converter";
import { rememberCell } from "./positions";
import { rewriteSyntax, rewriteText } from "./rewrite";
import { mergeTimers } from "./timers";

const cellFile = "__tslab__.ts";

/**
 * Replaces the TypeScript that tslab will load by a wrapped copy. Must be called before any part of tslab is loaded.
 * @param root the folder that cells can import from, subfolders included
 * @returns `createConverter`, as tslab's function of that name; it gets a function that returns the current cell's number
 */
export function wrapCompiler(root: string): { createConverter: (cellNumber: () => number) => Converter } {
  const identifier = require.resolve("@tslab/typescript-for-tslab", { paths: [require.resolve("tslab")] });
  const original = require(identifier) as typeof TypeScript;
  const wrapped = { ...original };
  let libraryErrors: Diagnostic[] = [];
  let sourceMaps: string[] = [];

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
      if (source) libraryErrors = errorsOfImports(builder, source);
      // because of rootDir the cell would be written to outDir/notebooks/…, but tslab expects it in outDir
      const writeCell =
        write &&
        ((name: string, content: string, mark: boolean) => {
          if (name.endsWith(".map")) sourceMaps = [content];
          else write(`outDir/${path.basename(name)}`, content, mark);
        });
      const before = [...(transformers?.before ?? []), rewriteSyntax(original, builder.getProgram().getTypeChecker())];
      return emit(source, writeCell, cancellation, declarationsOnly, { ...transformers, before });
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

  // tslab's second compilation, from ES modules to CommonJS
  wrapped.transpileModule = (input, options) => {
    const compilerOptions = { ...options.compilerOptions, sourceMap: true };
    const result = original.transpileModule(input, { ...options, compilerOptions });
    sourceMaps.push(result.sourceMapText as string);
    return result;
  };

  require.cache[identifier]!.exports = wrapped;
  // tslab treats `@module` and `@browser` in a cell's comments as commands and would not run the cell
  require("tslab/dist/metadata").getCodeMetadata = () => ({});
  const { createConverter } = require("tslab/dist/converter") as typeof import("tslab/dist/converter");
  return {
    createConverter(cellNumber) {
      const converter = createConverter({ isJS: false, isBrowser: false });
      return {
        ...converter,
        convert(declarations, source) {
          libraryErrors = [];
          const { text, awaits } = rewriteText(original, source);
          const result = converter.convert(declarations, text);
          if (libraryErrors.length > 0 && result.diagnostics.length === 0) return { diagnostics: libraryErrors };
          rememberCell(cellNumber(), source, sourceMaps);
          return { ...result, hasToplevelAwait: result.hasToplevelAwait || awaits };
        },
      };
    },
  };
}
