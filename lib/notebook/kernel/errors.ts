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
  if (!(thrown instanceof Error)) {
    const text = inspect(thrown);
    return { ename: "Error", evalue: typeof thrown === "string" ? thrown : text, traceback: text.split("\n") };
  }
  if (isInterruption(thrown)) {
    const evalue = "Stop was pressed";
    return { ename: "Interrupted", evalue, traceback: [`Interrupted: ${evalue}`] };
  }
  return { ename: nameOf(thrown), evalue: thrown.message, traceback: describeThrown(thrown) };
}

/** A class that extends Error is called as it is, although its errors inherit the name "Error". */
function nameOf(error: Error): string {
  return error.name === "Error" ? error.constructor.name || error.name : error.name;
}

/** Message, frames and properties of an error, then those of its causes. */
function describeThrown(error: Error, seen = new Set<unknown>()): string[] {
  seen.add(error);
  const [message, ...rest] = messageAndFrames(error);
  const { cause, ...properties } = { ...error, cause: error.cause };
  const parts: [prefix: string, part: unknown][] = cause === undefined ? [] : [["Caused by: ", cause]];
  if (error instanceof AggregateError) for (const part of error.errors) parts.push(["One of its errors: ", part]);
  return [
    message.replace(/^Error(?=:|$)/, nameOf(error)),
    ...rest,
    ...(Object.keys(properties).length > 0 ? inspect(properties).split("\n") : []),
    ...parts.flatMap(([prefix, part]) => {
      if (seen.has(part)) return [];
      const [first, ...lines] = part instanceof Error ? describeThrown(part, seen) : inspect(part).split("\n");
      return [prefix + first, ...lines];
    }),
  ];
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
