// The error message of a failed cell: its text and the lines in cells or in lib/ that it comes from, without the kernel's
// own stack frames.
import { format, inspect } from "node:util";
import { readableStack } from "./positions";

/** The content of a Jupyter `error` message. */
export interface CellError {
  readonly ename: string;
  readonly evalue: string;
  readonly traceback: readonly string[];
}

/**
 * @param printed the arguments of each call of console.error by which tslab reports a failed cell
 * @param code the cell's source
 * @param root the project's folder
 */
export function describeError(printed: readonly unknown[][], code: string, root: string): CellError {
  const thrown = printed.find((line) => line.length === 1)?.[0];
  if (thrown === undefined) return describeTypeErrors(printed as Diagnostic[], code);
  if (!(thrown instanceof Error))
    return { ename: "Error", evalue: String(thrown), traceback: inspect(thrown).split("\n") };
  if (isInterruption(thrown)) {
    const evalue = "Stop was pressed";
    return { ename: "Interrupted", evalue, traceback: [`Interrupted: ${evalue}`] };
  }
  return {
    ename: thrown.name,
    evalue: thrown.message,
    traceback: readableStack(thrown, root),
  };
}

/** A type error as tslab prints it: `file` is empty for the cell itself, otherwise a path and a space. */
type Diagnostic = [format: string, file: string, line: number, column: number, message: string];

function describeTypeErrors(found: readonly Diagnostic[], code: string): CellError {
  const lines = code.split("\n");
  const traceback = found.flatMap(([, file, line, column, message]) =>
    file
      ? [`${file.trim()}:${line}:${column}: ${message}`]
      : [`line ${line}: ${message}`, `    ${lines[line - 1]}`, `    ${" ".repeat(column - 1)}^`],
  );
  return { ename: "TypeScript", evalue: traceback[0], traceback };
}

const isInterruption = (error: Error & { code?: string }) =>
  error.code === "ERR_SCRIPT_EXECUTION_INTERRUPTED" || error.message === "Interrupted asynchronously";

/** The warnings of a cell that did not fail, one text each. */
export const describeWarnings = (printed: readonly unknown[][]): string[] =>
  printed.map((line) => `${format(...line)}\n`);
