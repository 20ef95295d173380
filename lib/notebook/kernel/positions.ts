// Maps stack traces to the lines of cells. A cell is compiled twice before it runs (TypeScript to ES modules, those to
// CommonJS), each time with a source map; positions are translated back through both.
import { SourceMap } from "node:module";
import path from "node:path";
import vm from "node:vm";

/** tslab inserts this many lines before the cell's first. */
const insertedLines = 1;

interface Cell {
  readonly lines: readonly string[];
  /** From the last compilation to the first. */
  readonly maps: readonly SourceMap[];
}

const cells = new Map<number, Cell>();

/** The file name of a cell's code in stack traces. */
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

/** Gives each cell a file name in stack traces; tslab runs cells without one. */
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
  const text = known?.lines[position.line - insertedLines];
  return text === undefined ? undefined : { line: position.line - insertedLines + 1, text: text.trim() };
}

const kernelFiles = /node:|[/\\]node_modules[/\\](tslab|ts-node)[/\\]|[/\\]notebook[/\\]kernel[/\\]/;
const frame = /^\s+at (?:async )?(?:(.*?) \()?((?:file:\/\/)?[^()]+):(\d+):(\d+)\)?$/;

/**
 * An error's message and stack for the reader of a notebook: frames in cells with the line of source, frames in the
 * project with their path in it, none in the kernel.
 * @param root the project's folder
 */
export function readableStack(error: Error, root: string): string[] {
  const stack = error.stack ?? String(error);
  // Node prints the JavaScript line that failed above the message
  const message = Math.max(0, stack.indexOf(String(error)));
  return stack
    .slice(message)
    .split("\n")
    .flatMap((line) => {
      const [, called, file, row, column] = frame.exec(line) ?? [];
      if (file === undefined) return kernelFiles.test(line) && /^\s+at /.test(line) ? [] : [line];
      const cell = /^cell-(\d+)\.ts$/.exec(file)?.[1];
      if (cell !== undefined) {
        const at = originalPosition(Number(cell), Number(row), Number(column));
        return at ? [`    at cell [${cell}], line ${at.line}: ${at.text}`] : [];
      }
      if (kernelFiles.test(line)) return [];
      const place = file.startsWith(root + path.sep) ? path.relative(root, file) : file;
      const caller = called?.replace(/^Proxy\./, ""); // tslab's container for the variables of cells
      return [`    at ${caller ? `${caller} (${place}:${row}:${column})` : `${place}:${row}:${column}`}`];
    });
}
