// The compiler of cells, seen from the kernel: it works in a process of its own (./compiler-process), so that Stop and other
// messages are answered meanwhile, that it can prepare itself while nobody waits, and start from a snapshot (./snapshot.cjs).
import type { ChildProcess, Serializable } from "node:child_process";
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

/** What the compiler's process answers; positions are counted in UTF-16 units, as in JavaScript's strings. */
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

/** What the process sends back. */
export interface Response {
  readonly id: number;
  readonly answer?: unknown;
  readonly error?: Error;
}

/** The id of what the process says first, without being asked: CellCompiler's `checked`. */
export const unasked = 0;

/**
 * @param first runs ./compiler-process
 * @param next starts another such process, if the first ends before it has said anything: it could not use its snapshot
 */
export function createCompiler(first: ChildProcess, next: () => ChildProcess): CellCompiler {
  type Waiting = { request?: Serializable; resolve(answer: unknown): void; reject(reason: Error): void };
  const waiting = new Map<number, Waiting>();
  let last = unasked;
  const checked = new Promise<unknown>((resolve, reject) => waiting.set(unasked, { resolve, reject }));
  let process = first;
  connect(() => {
    process = next();
    connect(fail);
    for (const { request } of waiting.values()) if (request) process.send(request);
  });

  function connect(onEarlyEnd: () => void): void {
    process.on("message", ({ id, answer, error }: Response) => {
      const request = waiting.get(id);
      waiting.delete(id);
      if (error) request?.reject(error);
      else request?.resolve(answer);
    });
    process.on("error", () => {}); // it ends
    process.on("exit", () => (waiting.has(unasked) ? onEarlyEnd() : fail()));
    process.unref();
    process.channel?.unref();
  }
  let ended: Error | undefined;
  function fail(): void {
    ended = new Error("The compiler has ended: restart the kernel.");
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  }

  const ask = <Name extends keyof Requests>(name: Name, ...args: Parameters<Requests[Name]>) =>
    new Promise<Answer<Name>>((resolve, reject) => {
      if (ended) throw ended;
      last++;
      const request = { id: last, name, args };
      waiting.set(last, { request, resolve: resolve as (answer: unknown) => void, reject });
      process.send(request);
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
    close: () => void process.kill(),
  };
}
