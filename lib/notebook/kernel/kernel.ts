// The TypeScript kernel of the notebooks: tslab's message server, with a compiler of cells, their execution, reloading of
// modules and interrupts. Each other file in this folder is for one of these.
import type { ChildProcess } from "node:child_process";
import Module from "node:module";
import { createCompiler } from "./compiler";
import { createExecutor } from "./executor";
import { interrupt } from "./interrupt";
import { makeStacksReadable } from "./positions";
import { reloadChangedModules, rememberModules } from "./reload";
import type { Display } from "./result";
import { isInterruption, makeCellsStoppable } from "./stop";

export interface KernelOptions {
  /** The project's folder; notebooks in sub-folders may import from all of it. */
  readonly root: string;
  /** The notebook's folder. */
  readonly folder: string;
  /** Runs ./launch-compiler, from a snapshot if there is one. */
  readonly compiler: ChildProcess;
  /** Starts another one without a snapshot. */
  readonly slowCompiler: () => ChildProcess;
  /** Path of Jupyter's JSON file with ports and key. */
  readonly connectionFile: string;
  /** Path of a module whose `outputOf` shows values; loaded when it is needed, and again when it was edited. */
  readonly displays?: string | undefined;
}

/** Starts the kernel, which runs until Jupyter shuts it down. */
export function startKernel(options: KernelOptions): void {
  const { root, folder, connectionFile, displays } = options;
  process.chdir(folder); // relative paths in cells begin here
  makeStacksReadable(root);
  const compiler = createCompiler(options.compiler, options.slowCompiler);
  withoutConverter();
  const { createServer } = require("./server") as typeof import("./server");
  const executor = createExecutor(folder, compiler);
  const execute = executor.execute;
  executor.execute = async (cell) => {
    try {
      reloadChangedModules(root);
      return await execute(cell);
    } finally {
      rememberModules(root);
    }
  };

  makeCellsStoppable(() => interrupt(() => executor.interrupt()));
  process.on("uncaughtException", (error) => {
    if (!isInterruption(error)) console.error("Uncaught", error);
  });
  process.on("unhandledRejection", (reason) => {
    if (!isInterruption(reason)) console.error("Unhandled rejection of a promise that nothing awaited:", reason);
  });
  refuseToExit();
  const display: Display = (value) => (displays ? require(displays).outputOf(value) : undefined);
  createServer(executor, display, connectionFile).init();
}

class Exit extends Error {}

/** A kernel that has ended takes all variables with it, and Jupyter needs half a minute to see it. */
function refuseToExit(): void {
  process.exit = (code?: unknown) => {
    throw new Exit(`process.exit(${code ?? ""}) ends a cell, not the kernel. To begin anew, restart the kernel (⟳).`);
  };
}

/** tslab's message server loads its compiler, with a copy of TypeScript that nothing else uses. */
function withoutConverter(): void {
  const file = require.resolve("tslab/dist/converter");
  const module = new Module(file);
  Object.assign(module, { filename: file, loaded: true });
  require.cache[file] = module;
}
