// The error message of a failed cell: its text and the lines in cells or in lib/ that it comes from, without the kernel's
// own stack frames.
import { inspect } from "node:util";
import { CompileError } from "./compiler";
import { messageAndFrames } from "./positions";
import { isInterruption } from "./stop";

/** The content of a Jupyter `error` message. */
export interface CellError {
  readonly ename: string;
  readonly evalue: string;
  readonly traceback: readonly string[];
}

/**
 * @param thrown what the cell threw, or why it did not compile
 * @param code the cell's source
 */
export function describeError(thrown: unknown, code: string): CellError {
  if (thrown instanceof CompileError) return describeTypeErrors(thrown, code);
  if (!(thrown instanceof Error))
    return { ename: "Error", evalue: String(thrown), traceback: inspect(thrown).split("\n") };
  if (isInterruption(thrown)) {
    const evalue = "Stop was pressed";
    return { ename: "Interrupted", evalue, traceback: [`Interrupted: ${evalue}`] };
  }
  return { ename: thrown.name, evalue: thrown.message, traceback: messageAndFrames(thrown) };
}

function describeTypeErrors({ diagnostics }: CompileError, code: string): CellError {
  const lines = code.split("\n");
  const traceback = diagnostics.flatMap(({ fileName, start: { line, character }, messageText }) =>
    fileName
      ? [`${fileName}:${line + 1}:${character + 1}: ${messageText}`]
      : [`line ${line + 1}: ${messageText}`, `    ${lines[line]}`, `    ${" ".repeat(character)}^`],
  );
  return { ename: "TypeScript", evalue: traceback[0], traceback };
}
