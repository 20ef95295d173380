// Runs cells one after the other, and keeps what they declare for later cells: values, and what their names stand for.
import vm from "node:vm";
import type { CellCompiler, CompiledCell, Scope } from "./compiler";
import { createModules } from "./modules";
import { CellRun, stopArguments } from "./stop";

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
  let scope: Scope = new Map();
  const modules = createModules(folder);
  /** For each name the id of the cell that declared it last. */
  const owners = new Map<string, string>();
  let running: CellRun | undefined;
  (globalThis as { __cell__?: object }).__cell__ = { ...modules, exports: values, ...stopArguments };

  const loadedAhead = new Set<string>();
  /** Loads files that a cell imports while the compiler still reads their types; only once, before they may be edited. */
  async function loadAhead(source: string): Promise<void> {
    for (const specifier of await compiler.checked) {
      if (loadedAhead.has(specifier) || !source.includes(specifier)) continue;
      loadedAhead.add(specifier);
      try {
        modules.require(specifier);
      } catch {} // the cell throws it when it imports the file
    }
  }

  /** Names that a failed cell did not reach are what they were before. */
  function keepReached({ declared }: CompiledCell, visible: Scope, before: Values): Scope {
    const after = new Map(visible);
    for (const [name, declaration] of declared) {
      const earlier = scope.get(name);
      if (declaration.kind === "type" || Object.hasOwn(values, name)) after.set(name, declaration);
      else if (Object.hasOwn(before, name)) values[name] = before[name];
      if (earlier && !after.has(name)) after.set(name, earlier);
    }
    return after;
  }

  /** Names that the cell declared when it ran before, and does not declare now, are gone. */
  function updateOwners(id: string | undefined, names: Iterable<string>): void {
    const declared = new Set(names);
    for (const [name, owner] of owners) if (owner === id && !declared.has(name)) remove(name);
    for (const name of declared) {
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

  async function execute({ source, id, label }: Cell, run: CellRun): Promise<{ value?: unknown }> {
    const visible = new Map([...scope].filter(([name]) => id === undefined || owners.get(name) !== id));
    const compiled = compiler.compile(visible, source, label);
    void loadAhead(source);
    const cell = await run.wait(compiled);
    const before: Values = {};
    for (const [name, { kind }] of cell.declared) {
      if (kind === "type") continue;
      const previous = Object.getOwnPropertyDescriptor(values, name);
      if (previous && "value" in previous) before[name] = previous.value;
      delete values[name];
    }
    try {
      await run.wait(modules.preload(cell.imports));
      const options = { filename: cell.file, breakOnSigint: true, displayErrors: false };
      await run.execute(() => vm.runInThisContext(wrap(cell), options));
      scope = new Map([...visible, ...cell.declared]);
    } catch (error) {
      scope = keepReached(cell, visible, before);
      throw error;
    } finally {
      updateOwners(id, cell.declared.keys());
    }
    if (cell.result === undefined) return {};
    const value = values[cell.result];
    delete values[cell.result];
    return { value };
  }

  return {
    /**
     * @returns the value of the cell's last expression, in an object because it may be a promise
     * @throws what the cell throws, or a CompileError
     */
    async execute(cell: Cell): Promise<{ value?: unknown }> {
      running = new CellRun();
      try {
        return await execute(cell, running);
      } finally {
        running = undefined;
      }
    },

    /** Ends the running cell. */
    interrupt: () => running?.stop(),

    inspect: (source: string, position: number) => compiler.inspect(scope, source, position),
    complete: (source: string, position: number) => compiler.complete(scope, source, position),
    isComplete: (source: string) => compiler.isComplete(source),
    close: () => compiler.close(),
  };
}

export type Executor = ReturnType<typeof createExecutor>;

/** A cell's code as a call of a function; in a function of its own, it may declare names like the parameters. */
function wrap({ awaits, code }: CompiledCell): string {
  const inner = `__interruptible(${awaits ? "async " : ""}() => { ${code}\n})`;
  const parameters = `exports, require, importModule, importMeta, __dirname, __filename, ${Object.keys(stopArguments)}`;
  return `(({ ${parameters} }) => ${inner})(__cell__)`;
}
