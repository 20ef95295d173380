// A thread that does what the main thread cannot do while a cell blocks it: it ends the kernel when Jupyter is killed, and
// notices that Stop was pressed. Then it first lets the loops of cells throw (./stop), and if the main thread still does
// not answer, has it say so below the cell.
const { spawn } = require("node:child_process");
const { Session } = require("node:inspector");
const { parentPort, workerData } = require("node:worker_threads");

/** @type {import("node:worker_threads").MessagePort} */
const main = /** @type {any} */ (parentPort);

/** Milliseconds after Stop. */
const endLoopsAfter = 800;
const explainAfter = 1500;

const parent = process.ppid;
setInterval(() => process.ppid !== parent && process.kill(process.pid, "SIGKILL"), 1000);

// Only the main thread receives signals. Jupyter sends them to all processes of the kernel's group: a child dies of it.
function listen() {
  const child = spawn("cat", { stdio: ["pipe", "ignore", "ignore"] }); // it ends with the kernel, which closes its stdin
  child.on("error", () => {}); // then a blocked main thread stays blocked
  child.on("exit", (_, signal) => {
    if (signal !== "SIGINT") return;
    listen();
    stopPressed();
  });
  child.unref();
}

function stopPressed() {
  const timers = [
    setTimeout(() => Atomics.store(workerData.endLoops, 0, 1), endLoopsAfter),
    setTimeout(() => callInMainThread(workerData.explain), explainAfter),
  ];
  main.once("message", () => {
    for (const timer of timers) clearTimeout(timer);
    Atomics.store(workerData.endLoops, 0, 0);
  });
  main.postMessage("answer when you can");
}

/**
 * Interrupts the JavaScript that the main thread runs, for a call of a global function.
 * @param {string} expression
 */
function callInMainThread(expression) {
  const session = new Session();
  session.connectToMainThread();
  session.on("Debugger.paused", ({ params }) => {
    const { callFrameId } = params.callFrames[0];
    session.post("Debugger.evaluateOnCallFrame", { callFrameId, expression }, () =>
      session.post("Debugger.resume", () => session.post("Debugger.disable", () => session.disconnect())),
    );
  });
  session.post("Debugger.enable");
  session.post("Debugger.pause");
}

listen();
