// The kernel's process (./launch.cjs). DISPLAYS, its second argument, is a module whose `outputOf(value)` shows values of a
// cell's last expression.
const { fork } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { snapshotFile } = require("./snapshot.cjs");
const root = path.resolve(__dirname, "../../..");
const [connectionFile, displays] = process.argv.slice(2);

// Jupyter starts the kernel in the notebook's folder; papermill and others may start it elsewhere.
const here = process.cwd();
const folder = here.startsWith(root + path.sep) ? here : path.join(root, "notebooks");

/** @param {string[]} execArgv */
const startCompiler = (...execArgv) =>
  fork(path.join(__dirname, "launch-compiler.cjs"), [root, folder], { execArgv, serialization: "advanced" });
const slowCompiler = () => startCompiler("--max-semi-space-size=32"); // otherwise much of its time is garbage collection

// before anything else: the compiler takes longest
const snapshot = snapshotFile(root, folder);
const compiler = fs.existsSync(snapshot) ? startCompiler("--snapshot-blob", snapshot) : slowCompiler();
require("./register.cjs").register(root);
require("./kernel").startKernel({ root, folder, compiler, slowCompiler, connectionFile, displays });
