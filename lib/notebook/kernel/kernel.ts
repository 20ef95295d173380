// The TypeScript kernel of the notebooks: tslab, assembled from its exported parts with our compiler settings, message
// server, module reloading and interrupts. Each other file in this folder corrects one group of tslab's defects.
import path from "node:path";
import { Worker } from "node:worker_threads";
import { wrapCompiler } from "./compiler";
import { handleInterrupts } from "./interrupt";
import { nameCells } from "./positions";
import { reloadChangedModules, rememberModules } from "./reload";

/**
 * Starts the kernel, which runs until Jupyter shuts it down.
 * @param root the project's folder; notebooks in sub-folders may import from all of it
 * @param connectionFile path of Jupyter's JSON file with ports and key
 */
export function startKernel(root: string, connectionFile: string): void {
  const folder = notebookFolder(root);
  process.chdir(folder); // tslab resolves a cell's imports from here
  const compiler = wrapCompiler(root); // before any other part of tslab loads
  const { createExecutor } = require("tslab/dist/executor") as typeof import("tslab/dist/executor");
  const { createServer } = require("./server") as typeof import("./server");

  const errors: unknown[][] = [];
  let cells = 0; // how many have begun, as Jupyter counts them
  const cellNumber = () => cells;
  nameCells(cellNumber);
  const converter = compiler.createConverter(cellNumber);
  const converters = { node: converter, browser: converter, close: () => converter.close() };
  const executor = createExecutor(folder, converters, { log: console.log, error: (...line) => errors.push(line) });
  const execute = executor.execute.bind(executor);
  executor.execute = async (source) => {
    cells++;
    try {
      reloadChangedModules(root);
      return await execute(source);
    } catch (error) {
      errors.push([error]);
      return false;
    } finally {
      rememberModules(root);
    }
  };

  handleInterrupts(() => executor.interrupt());
  process.on("uncaughtException", (error) => console.error("Uncaught", error));
  process.on("unhandledRejection", (reason) =>
    console.error("Unhandled rejection of a promise that nothing awaited:", reason),
  );
  endWithParent();
  createServer(executor, connectionFile, errors, root).init();
}

/**
 * Ends the kernel when Jupyter is killed, which then cannot shut its kernels down. A separate thread checks this, because
 * a cell may block the main thread.
 */
function endWithParent(): void {
  const watch = `
    const parent = process.ppid;
    setInterval(() => process.ppid !== parent && process.kill(process.pid, "SIGKILL"), 1000);
  `;
  new Worker(watch, { eval: true }).unref();
}

/** Jupyter starts the kernel in the notebook's folder; papermill and others may start it elsewhere. */
function notebookFolder(root: string): string {
  const here = process.cwd();
  return here.startsWith(root + path.sep) ? here : path.join(root, "notebooks");
}
