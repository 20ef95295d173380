// Which line of which cell an error comes from. A cell is compiled twice before it runs (TypeScript to JavaScript
// modules, those to what Node runs), each with a source map; stack traces are translated back through both.
import { SourceMap } from "node:module";
import path from "node:path";
import vm from "node:vm";

/** tslab puts this much before a cell's first line. */
const linesBefore = 1;

interface Cell {
  readonly lines: readonly string[];
  /** From the last compilation to the first. */
  readonly maps: readonly SourceMap[];
}

const cells = new Map<number, Cell>();

/** The name by which a cell's code appears in stack traces. */
const fileOf = (cell: number) => `cell-${cell}.ts`;

/**
 * Remembers a compiled cell.
 * @param cell its number, as in `[3]`
 * @param sourceMaps JSON, in the order of the compilations
 */
export function rememberCell(cell: number, source: string, sourceMaps: readonly string[]): void {
  const maps = sourceMaps.map((json) => new SourceMap(JSON.parse(json))).reverse();
  cells.set(cell, { lines: source.split("\n"), maps });
}

/** tslab runs cells without a name: from now on each has that of its number in stack traces. */
export function nameCells(cellNumber: () => number): void {
  const run = vm.runInThisContext;
  vm.runInThisContext = (code, options) =>
    run(code, typeof options === "object" ? { ...options, filename: fileOf(cellNumber()) } : options);
}

/** @returns the position in a cell's source, counted from 1, and that line */
function originalPosition(cell: number, line: number, column: number): { line: number; text: string } | undefined {
  const known = cells.get(cell);
  let position = { line: line - 1, column: column - 1 };
  for (const map of known?.maps ?? []) {
    const entry = map.findEntry(position.line, position.column);
    if (!("originalLine" in entry) || entry.generatedLine !== position.line) return undefined;
    position = { line: entry.originalLine, column: entry.originalColumn };
  }
  const text = known?.lines[position.line - linesBefore];
  return text === undefined ? undefined : { line: position.line - linesBefore + 1, text: text.trim() };
}

const kernelInnards = /node:|[/\\]node_modules[/\\](tslab|ts-node)[/\\]|[/\\]notebook[/\\]kernel[/\\]/;
const frame = /^\s+at (?:async )?(?:(.*?) \()?((?:file:\/\/)?[^()]+):(\d+):(\d+)\)?$/;

/**
 * An error's stack for the reader of a notebook: the frames in cells with their line as it was written, those in the
 * project by their path in it, none of the kernel's own.
 * @param root the project's folder
 */
export function readableStack(error: Error, root: string): string[] {
  const stack = error.stack ?? String(error);
  // Node puts the line of JavaScript that failed above the message.
  const message = Math.max(0, stack.indexOf(String(error)));
  return stack
    .slice(message)
    .split("\n")
    .flatMap((line) => {
      const [, called, file, row, column] = frame.exec(line) ?? [];
      if (file === undefined) return kernelInnards.test(line) && /^\s+at /.test(line) ? [] : [line];
      const cell = /^cell-(\d+)\.ts$/.exec(file)?.[1];
      if (cell !== undefined) {
        const at = originalPosition(Number(cell), Number(row), Number(column));
        return at ? [`    at cell [${cell}], line ${at.line}: ${at.text}`] : [];
      }
      if (kernelInnards.test(line)) return [];
      const place = file.startsWith(root + path.sep) ? path.relative(root, file) : file;
      const caller = called?.replace(/^Proxy\./, ""); // what tslab keeps the variables of cells in
      return [`    at ${caller ? `${caller} (${place}:${row}:${column})` : `${place}:${row}:${column}`}`];
    });
}
