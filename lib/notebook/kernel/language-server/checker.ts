// Type errors of open notebooks, by TypeScript's language service, with the project's tsconfig.
import fs from "node:fs";
import ts from "typescript";
import { settingsOfCells } from "../project";
import { moduleOf, type NotebookModule } from "./notebook-module";

/** As the Language Server Protocol has it. */
export interface Diagnostic {
  range: { start: ts.LineAndCharacter; end: ts.LineAndCharacter };
  severity: 1;
  source: "TypeScript";
  code: number;
  message: string;
}

/** Errors of the module that are none of the notebook: a name imported twice, `export` in a block. */
const notOfNotebooks = new Set([2300, 2440, 1184]);

/**
 * @param root the project's folder
 */
export function notebookChecker(root: string) {
  const modules = new Map<string, NotebookModule & { version: number }>();
  let opened = 0; // never the same version twice, also of a notebook that was closed meanwhile
  const settings = { ...settingsOfCells(root), moduleDetection: ts.ModuleDetectionKind.Force };
  const service = ts.createLanguageService({
    ...ts.sys,
    useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
    getCompilationSettings: () => settings,
    getScriptFileNames: () => [...modules.keys()],
    getScriptVersion: (file) => {
      const open = modules.get(file);
      return open ? String(open.version) : String(fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs);
    },
    getScriptSnapshot: (file) => {
      const text = modules.get(file)?.text ?? ts.sys.readFile(file);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    fileExists: (file) => modules.has(file) || ts.sys.fileExists(file),
    readFile: (file) => modules.get(file)?.text ?? ts.sys.readFile(file),
    getCurrentDirectory: () => root,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
  });
  const nameOf = (notebook: string) => `${notebook}.ts`;
  return {
    /** @param notebook the file's path */
    open(notebook: string, text: string): void {
      modules.set(nameOf(notebook), { ...moduleOf(text), version: ++opened });
    },
    close(notebook: string): void {
      modules.delete(nameOf(notebook));
    },
    errors(notebook: string): Diagnostic[] {
      const file = nameOf(notebook);
      const open = modules.get(file);
      if (!open) return [];
      if (open.syntaxErrors.length > 0) letGrammarBeChecked(service.getProgram()?.getSourceFile(file));
      return [...open.syntaxErrors, ...service.getSemanticDiagnostics(file)]
        .filter(({ code, category }) => category === ts.DiagnosticCategory.Error && !notOfNotebooks.has(code))
        .map(({ start = 0, length = 0, messageText, code }) => ({
          range: { start: open.place(start), end: open.place(start + length) },
          severity: 1,
          source: "TypeScript",
          code,
          message: ts.flattenDiagnosticMessageText(messageText, "\n"),
        }));
    },
  };
}

/**
 * In a file that does not parse, TypeScript reports no errors such as a `const` without a value, or `break` without a loop.
 * A cell that does not parse says nothing about the other cells of its module: their errors are reported.
 */
function letGrammarBeChecked(module: ts.SourceFile | undefined): void {
  if (module) Object.assign(module, { parseDiagnostics: [] });
}
