// The kernel's process (./launch.cjs). DISPLAYS, its second argument, is a module whose `outputOf(value)` shows values of a
// cell's last expression.
const path = require("node:path");
const { Worker } = require("node:worker_threads");
const root = path.resolve(__dirname, "../../..");
const [connectionFile, displays] = process.argv.slice(2);

// Jupyter starts the kernel in the notebook's folder; papermill and others may start it elsewhere.
const here = process.cwd();
const folder = here.startsWith(root + path.sep) ? here : path.join(root, "notebooks");

// before anything else: reading types takes longest; with a thread's usual memory much of it is garbage collection
const compilerThread = new Worker(path.join(__dirname, "launch-compiler.cjs"), {
  workerData: { root, folder },
  resourceLimits: { maxYoungGenerationSizeMb: 64 },
});
require("./register.cjs").register(root);
require("./kernel").startKernel({ root, folder, compilerThread, connectionFile, displays });
