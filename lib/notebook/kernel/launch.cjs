// Jupyter starts the kernel by `node launch.cjs CONNECTION_FILE [DISPLAYS]`. The kernel itself (./main.cjs) is a process in
// a group of its own, so that Stop's signal, which Jupyter sends to the whole group, ends here: while the first part of a
// cell begins and ends, a signal is lost on Node, or ends the process. The kernel hears of it from a pipe (./watcher.cjs).
const { spawn } = require("node:child_process");
const path = require("node:path");

const kernel = spawn(
  process.execPath,
  [...process.execArgv, path.join(__dirname, "main.cjs"), ...process.argv.slice(2)],
  {
    detached: true,
    stdio: ["inherit", "inherit", "inherit", "pipe"],
  },
);
const presses = /** @type {import("node:stream").Writable} */ (kernel.stdio[3]);
presses.on("error", () => {}); // the kernel has just ended
process.on("SIGINT", () => presses.write("\n"));
kernel.on("exit", (code) => process.exit(code ?? 1));

// When this process ends, so does the pipe, and with it the kernel.
const parent = process.ppid;
setInterval(() => process.ppid !== parent && process.exit(), 1000);
