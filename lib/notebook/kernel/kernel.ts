// The TypeScript kernel of the notebooks: tslab's message server, with a compiler of cells, their execution, reloading of
// modules and interrupts. Each other file in this folder is for one of these.
import Module from "node:module";
import path from "node:path";
import { createCompiler } from "./compiler";
import { createExecutor } from "./executor";
import { handleInterrupts } from "./interrupt";
import { makeStacksReadable } from "./positions";
import { reloadChangedModules, rememberModules } from "./reload";
import type { Display } from "./result";
import { isInterruption, makeCellsStoppable } from "./stop";

/**
 * Starts the kernel, which runs until Jupyter shuts it down.
 * @param root the project's folder; notebooks in sub-folders may import from all of it
 * @param connectionFile path of Jupyter's JSON file with ports and key
 * @param displays path of a module whose `outputOf` shows values; loaded when it is needed, and again when it was edited
 */
export function startKernel(root: string, connectionFile: string, displays?: string): void {
  const folder = notebookFolder(root);
  process.chdir(folder); // relative paths in cells begin here
  makeStacksReadable(root);
  const compiler = createCompiler(root, folder);
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

  makeCellsStoppable();
  handleInterrupts(() => executor.interrupt());
  process.on("uncaughtException", (error) => {
    if (!isInterruption(error)) console.error("Uncaught", error);
  });
  process.on("unhandledRejection", (reason) => {
    if (!isInterruption(reason)) console.error("Unhandled rejection of a promise that nothing awaited:", reason);
  });
  const display: Display = (value) => (displays ? require(displays).outputOf(value) : undefined);
  createServer(executor, display, connectionFile).init();
}

/** tslab's message server loads its compiler, with a copy of TypeScript that nothing else uses. */
function withoutConverter(): void {
  const file = require.resolve("tslab/dist/converter");
  const module = new Module(file);
  Object.assign(module, { filename: file, loaded: true });
  require.cache[file] = module;
}

/** Jupyter starts the kernel in the notebook's folder; papermill and others may start it elsewhere. */
function notebookFolder(root: string): string {
  const here = process.cwd();
  return here.startsWith(root + path.sep) ? here : path.join(root, "notebooks");
}
