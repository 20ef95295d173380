// A thread that does what the main thread cannot do while a cell blocks it: it ends the kernel when Jupyter is killed, and
// notices that Stop was pressed. Then it first lets the loops of cells throw (./stop), and if the main thread still does
// not answer, has it say so below the cell.
const { Session } = require("node:inspector");
const { Socket } = require("node:net");
const { parentPort, workerData } = require("node:worker_threads");

/** @type {import("node:worker_threads").MessagePort} */
const main = /** @type {any} */ (parentPort);

/** Milliseconds after Stop. */
const endLoopsAfter = 800;
const explainAfter = 1500;

// one byte a press; its end is that of the process to which Jupyter sends its signals
new Socket({ fd: 3, readable: true, writable: false })
  .on("data", stopPressed)
  .on("error", () => {})
  .on("close", () => process.kill(process.pid, "SIGKILL"));

function stopPressed() {
  // Node ends the first part of a cell by this signal, and nothing else: now it can neither be lost nor end the process
  const signalled = Atomics.compareExchange(workerData.firstPart, 0, 1, 2) === 1;
  if (signalled) process.kill(process.pid, "SIGINT");
  const timers = [
    setTimeout(() => Atomics.store(workerData.endLoops, 0, 1), endLoopsAfter),
    setTimeout(() => callInMainThread(workerData.explain), explainAfter),
  ];
  main.once("message", () => {
    for (const timer of timers) clearTimeout(timer);
    Atomics.store(workerData.endLoops, 0, 0);
  });
  main.postMessage({ signalled }); // it answers when it can
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
