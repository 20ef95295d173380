// The compiler of cells, seen from the thread that runs them: it works in a thread of its own (./compiler-thread), so that
// Stop and other messages are answered meanwhile, and that it can prepare itself while nobody waits.
import type { Worker } from "node:worker_threads";
import { rememberCell } from "./positions";

/** What a name stands for: a variable, which later cells may assign to; a value that stays; or only a type. */
export interface Declaration {
  readonly kind: "variable" | "constant" | "type";
  /** The compiled cell that declares it. */
  readonly cell: number;
}

/** The names that cells have declared. */
export type Scope = ReadonlyMap<string, Declaration>;

/** A cell as JavaScript. */
export interface CompiledCell {
  /** The name of its code in stack traces. */
  readonly file: string;
  /** The body of a function of the parameters in ./modules; it sets what it declares in `exports`. */
  readonly code: string;
  readonly awaits: boolean;
  /** What it imports when it runs. */
  readonly imports: readonly string[];
  readonly declared: Scope;
  /** The name in `exports` that gets the value of the cell's last expression. */
  readonly result: string | undefined;
}

/** An error in a cell or in a file that it imports. Lines and characters are counted from 0. */
export interface Diagnostic {
  /** Path in the project of an imported file. */
  readonly fileName?: string;
  readonly start: { readonly line: number; readonly character: number };
  readonly messageText: string;
}

/** A cell did not compile. */
export class CompileError extends Error {
  constructor(readonly diagnostics: readonly Diagnostic[]) {
    super("the cell has type errors");
  }
}

/** What the compiler's thread answers; positions are counted in UTF-16 units, as in JavaScript's strings. */
export interface Requests {
  compile(
    scope: Scope,
    source: string,
  ): (Omit<CompiledCell, "file"> & { sourceMaps: readonly string[] }) | { diagnostics: readonly Diagnostic[] };
  /** @returns the documentation of what is at the position */
  inspect(scope: Scope, source: string, position: number): string | undefined;
  /** @returns the names that fit at the position, and the part of the source that they would replace */
  complete(scope: Scope, source: string, position: number): { names: string[]; start: number; end: number };
  /** @returns whether a console should run the source at Enter; if not, the next line's indentation */
  isComplete(source: string): { complete: true } | { complete: false; indent: string };
}

type Answer<Name extends keyof Requests> = ReturnType<Requests[Name]>;

export interface CellCompiler {
  /** Files of the project that cells will probably import, and that had no type errors as they are now. */
  readonly checked: Promise<readonly string[]>;
  /**
   * @param scope the names of earlier cells
   * @param label how stack traces name the cell
   * @throws {CompileError}
   */
  compile(scope: Scope, source: string, label: string): Promise<CompiledCell>;
  inspect(...args: Parameters<Requests["inspect"]>): Promise<Answer<"inspect">>;
  complete(...args: Parameters<Requests["complete"]>): Promise<Answer<"complete">>;
  isComplete(source: string): Promise<Answer<"isComplete">>;
  close(): void;
}

/** What the thread sends back. */
export interface Response {
  readonly id: number;
  readonly answer?: unknown;
  readonly error?: Error;
}

/** The id of what the thread says first, without being asked: CellCompiler's `checked`. */
export const unasked = 0;

/** @param thread runs ./compiler-thread */
export function createCompiler(thread: Worker): CellCompiler {
  thread.unref();
  const waiting = new Map<number, { resolve(answer: unknown): void; reject(reason: Error): void }>();
  let last = unasked;
  const checked = new Promise<unknown>((resolve, reject) => waiting.set(unasked, { resolve, reject }));
  thread.on("message", ({ id, answer, error }: Response) => {
    const request = waiting.get(id);
    waiting.delete(id);
    if (error) request?.reject(error);
    else request?.resolve(answer);
  });
  thread.on("error", (error) => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  });

  const ask = <Name extends keyof Requests>(name: Name, ...args: Parameters<Requests[Name]>) =>
    new Promise<Answer<Name>>((resolve, reject) => {
      last++;
      waiting.set(last, { resolve: resolve as (answer: unknown) => void, reject });
      thread.postMessage({ id: last, name, args });
    });

  return {
    checked: checked.then(
      (specifiers) => specifiers as string[],
      () => [],
    ),
    async compile(scope, source, label) {
      const compiled = await ask("compile", scope, source);
      if ("diagnostics" in compiled) throw new CompileError(compiled.diagnostics);
      const { sourceMaps, ...cell } = compiled;
      return { ...cell, file: rememberCell(label, source, sourceMaps) };
    },
    inspect: (...args) => ask("inspect", ...args),
    complete: (...args) => ask("complete", ...args),
    isComplete: (source) => ask("isComplete", source),
    close: () => void thread.terminate(),
  };
}
