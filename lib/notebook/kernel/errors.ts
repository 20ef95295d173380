// What is shown of a failed cell: the message, the line in the cell or in lib/ that it comes from, nothing of the kernel.
import { format, inspect } from "node:util";
import { readableStack } from "./positions";

/** The content of a Jupyter `error` message. */
export interface CellError {
  readonly ename: string;
  readonly evalue: string;
  readonly traceback: readonly string[];
}

/**
 * @param printed what tslab's executor would have printed of a failed cell: errors, or a format and its values
 * @param code the cell's
 * @param root the project's folder
 */
export function describeError(printed: readonly unknown[][], code: string, root: string): CellError {
  const thrown = printed.find((line) => line.length === 1)?.[0];
  if (thrown === undefined) return describeTypes(printed as Diagnostic[], code);
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

/** A compiler's finding as tslab prints it: console.error(format, file and a space or nothing, line, column, message) */
type Diagnostic = [format: string, file: string, line: number, column: number, message: string];

function describeTypes(found: readonly Diagnostic[], code: string): CellError {
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

/** What a cell that did not fail has printed of warnings. */
export const describeWarnings = (printed: readonly unknown[][]): string[] =>
  printed.map((line) => `${format(...line)}\n`);
