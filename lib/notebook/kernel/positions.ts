// Maps stack traces to the lines of cells. A cell is compiled twice before it runs (TypeScript to ES modules, those to
// CommonJS), each time with a source map; positions are translated back through both.
import { SourceMap } from "node:module";
import path from "node:path";

/** Frames that are recorded: a cell's line may be far below those of a library. */
const recordedFrames = 200;
/** Of a long stack, the frames that are shown: where the error arose, and where the cell came from. */
const shown = { first: 12, last: 8 };

interface Cell {
  /** How stack traces name it, such as `cell [3]`. */
  readonly label: string;
  readonly lines: readonly string[];
  /** From the last compilation to the first. */
  readonly maps: readonly SourceMap[];
}

const cells: Cell[] = [];

/**
 * Remembers a compiled cell.
 * @param sourceMaps JSON, in the order of the compilations
 * @returns the file name that its code must have
 */
export function rememberCell(label: string, source: string, sourceMaps: readonly string[]): string {
  const maps = sourceMaps.map((json) => new SourceMap(JSON.parse(json))).reverse();
  return `cell-${cells.push({ label, lines: source.split("\n"), maps }) - 1}.ts`;
}

/** @returns the position in a cell's source, counted from 1, and that line */
function originalPosition(cell: Cell, line: number, column: number): { line: number; text: string } | undefined {
  let position = { line: line - 1, column: column - 1 };
  for (const map of cell.maps) {
    const entry = map.findEntry(position.line, position.column);
    if (!("originalLine" in entry) || entry.generatedLine !== position.line) return undefined;
    position = { line: entry.originalLine, column: entry.originalColumn };
  }
  const text = cell.lines[position.line];
  return text === undefined ? undefined : { line: position.line + 1, text: text.trim() };
}

const kernelFiles = /node:|[/\\]node_modules[/\\](tslab|ts-node)[/\\]|[/\\]notebook[/\\]kernel[/\\]/;
const anyFrame = /^\s+at /;
const frame = /^\s+at (?:async )?(?:(.*?) \()?((?:file:\/\/)?[^()]+):(\d+):(\d+)\)?$/;

/**
 * Makes the stacks of all errors readable in a notebook, also of those that are only printed: frames in cells with the
 * line of source, frames in the project with their path in it, none in the kernel.
 * @param root the project's folder
 */
export function makeStacksReadable(root: string): void {
  Error.stackTraceLimit = recordedFrames;
  const prepare = Error.prepareStackTrace as (error: Error, frames: NodeJS.CallSite[]) => string; // ts-node's
  Error.prepareStackTrace = (error, frames) => readableStack(prepare(error, frames), root);
}

function readableStack(stack: string, root: string): string {
  const lines = stack.split("\n");
  const start = lines.findIndex((line) => anyFrame.test(line));
  if (start < 0) return stack;
  const frames = lines.slice(start).flatMap((line) => readableFrame(line, root));
  const cut = frames.length - shown.first - shown.last;
  if (cut > 1) frames.splice(shown.first, cut, `    … ${cut} more`);
  return [...lines.slice(0, start), ...frames].join("\n");
}

function readableFrame(line: string, root: string): string[] {
  const [, called, file, row, column] = frame.exec(line) ?? [];
  const cell = cells[Number(/^cell-(\d+)\.ts$/.exec(file ?? "")?.[1])];
  if (cell) {
    const at = originalPosition(cell, Number(row), Number(column));
    return at ? [`    at ${cell.label}, line ${at.line}: ${at.text}`] : [];
  }
  if (anyFrame.test(line) && kernelFiles.test(line)) return [];
  if (file === undefined) return [line];
  const place = file.startsWith(root + path.sep) ? path.relative(root, file) : file;
  return [`    at ${called ? `${called} (${place}:${row}:${column})` : `${place}:${row}:${column}`}`];
}

/** An error's message and frames, a line each. */
export function messageAndFrames(error: Error): string[] {
  const stack = error.stack ?? String(error);
  // Node prints the JavaScript line that failed above the message
  return stack.slice(Math.max(0, stack.indexOf(String(error)))).split("\n");
}
