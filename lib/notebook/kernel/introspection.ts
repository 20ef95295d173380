// Jupyter's requests about code that is being written. Jupyter counts characters, JavaScript's strings UTF-16 units.
import type { Executor } from "./executor";

/** What these requests contain. */
export interface Code {
  readonly code: string;
  readonly cursor_pos: number;
}

export async function inspect(executor: Executor, { code, cursor_pos }: Code): Promise<object> {
  const text = await executor.inspect(code, unitsBefore(code, cursor_pos));
  const data = text === undefined ? {} : { "text/plain": text };
  return { status: "ok", found: text !== undefined, data, metadata: {} };
}

export async function complete(executor: Executor, { code, cursor_pos }: Code): Promise<object> {
  const { names, start, end } = await executor.complete(code, unitsBefore(code, cursor_pos));
  const [cursor_start, cursor_end] = [start, end].map((units) => [...code.slice(0, units)].length);
  return { status: "ok", matches: names, cursor_start, cursor_end, metadata: {} };
}

export async function isComplete(executor: Executor, { code }: Code): Promise<object> {
  const answer = await executor.isComplete(code);
  return answer.complete ? { status: "complete" } : { status: "incomplete", indent: answer.indent };
}

const unitsBefore = (code: string, characters: number) => [...code].slice(0, characters).join("").length;
