// Runs cells one after the other, and keeps what they declare for later cells: values, and declarations for their types.
import { createRequire } from "node:module";
import path from "node:path";
import vm from "node:vm";
import type { CellCompiler, CompiledCell } from "./compiler";

/** A cell that is to run. */
export interface Cell {
  readonly source: string;
  /** Its id in the notebook, where the front end says it. */
  readonly id?: string;
  /** How stack traces name it, such as `cell [3]`. */
  readonly label: string;
}

type Values = Record<string, unknown>;

/** @param folder cells resolve their imports from it */
export function createExecutor(folder: string, compiler: CellCompiler) {
  const values: Values = {};
  let declarations = "";
  /** For each name the id of the cell that declared it last. */
  const owners = new Map<string, string>();
  let interruption = deferredInterruption();
  (globalThis as { __tslab__?: object }).__tslab__ = {
    exports: writable(values),
    require: createRequire(path.join(folder, "cell.ts")),
  };

  /** Keeps what a failed cell has assigned; names that it did not reach are what they were before. */
  function keepAssigned(cell: CompiledCell, before: Values): string {
    const missed = new Set(cell.values.filter((name) => !Object.hasOwn(values, name)));
    for (const name of missed) if (Object.hasOwn(before, name)) values[name] = before[name];
    const reached = compiler.filter(cell.declarations, (name) => !missed.has(name));
    return reached + compiler.filter(declarations, (name) => missed.has(name));
  }

  /** Names that the cell declared when it ran before, and does not declare now, are gone. */
  function updateOwners(id: string | undefined, names: readonly string[]): void {
    const declared = new Set(names);
    for (const [name, owner] of owners) if (owner === id && !declared.has(name)) remove(name);
    for (const name of names) {
      if (id === undefined) owners.delete(name);
      else owners.set(name, id);
    }
  }

  /** Functions of other cells may still use the name: an error is better than a value that is in no cell any more. */
  function remove(name: string): void {
    owners.delete(name);
    if (!Object.hasOwn(values, name)) return;
    const fail = () => {
      throw new ReferenceError(`${name} is gone: the cell that declared it was run again without it`);
    };
    Object.defineProperty(values, name, { get: fail, set: fail, configurable: true, enumerable: false });
  }

  return {
    /**
     * @returns the value of the cell's last expression, in an object because it may be a promise
     * @throws what the cell throws, or a CompileError
     */
    async execute({ source, id, label }: Cell): Promise<{ value?: unknown }> {
      const visible =
        id === undefined ? declarations : compiler.filter(declarations, (name) => owners.get(name) !== id);
      const cell = compiler.compile(visible, source, label);
      const before: Values = {};
      for (const name of cell.values) {
        const previous = Object.getOwnPropertyDescriptor(values, name);
        if (previous && "value" in previous) before[name] = previous.value;
        delete values[name];
      }
      try {
        const result = vm.runInThisContext(
          `(${cell.awaits ? "async " : ""}function(exports, require) { ${cell.code}\n})(__tslab__.exports, __tslab__.require)`,
          { filename: cell.file, breakOnSigint: true, displayErrors: false },
        );
        if (cell.awaits) await Promise.race([result, interruption.promise]);
        declarations = cell.declarations;
      } catch (error) {
        declarations = keepAssigned(cell, before);
        throw error;
      } finally {
        updateOwners(id, cell.names);
      }
      if (cell.result === undefined) return {};
      const value = values[cell.result];
      delete values[cell.result];
      return { value };
    },

    /** Ends the cell that is waiting. */
    interrupt(): void {
      interruption.reject(new Error("Interrupted asynchronously"));
      interruption = deferredInterruption();
    },

    inspect: (source: string, position: number) => compiler.inspect(declarations, source, position),
    complete: (source: string, position: number) => compiler.complete(declarations, source, position),
    close: () => compiler.close(),
  };
}

export type Executor = ReturnType<typeof createExecutor>;

/** TypeScript defines an imported name by a getter; here it is a variable, which a later cell may declare anew. */
function writable(values: Values): Values {
  return new Proxy(values, {
    defineProperty(target, name, { get, value }) {
      if (name !== "__esModule") target[name as string] = get ? get() : value;
      return true;
    },
  });
}

function deferredInterruption(): { promise: Promise<never>; reject: (reason: Error) => void } {
  let reject: (reason: Error) => void = () => {};
  const promise = new Promise<never>((_, rejectPromise) => {
    reject = rejectPromise;
  });
  promise.catch(() => {}); // nobody may be waiting
  return { promise, reject };
}
