// What ends when Stop is pressed: all that a cell awaits, its timers, and whatever listens to its AbortSignal, also in
// functions of earlier cells and of libraries that it calls, and after it has ended. Other cells' work goes on.
import { AsyncLocalStorage } from "node:async_hooks";
import { syncBuiltinESMExports } from "node:module";
import path from "node:path";
import timers from "node:timers";
import promises from "node:timers/promises";
import { inspect, promisify } from "node:util";
import { Worker } from "node:worker_threads";

/** What the awaits of a stopped cell throw. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  constructor() {
    super("Stop was pressed");
  }
}

/** Whether an error says nothing but that a cell was stopped; promised timers wrap it in their AbortError. */
export const isInterruption = (error: unknown): boolean =>
  error instanceof Error &&
  (error instanceof Interrupted ||
    error.cause instanceof Interrupted ||
    (error as { code?: string }).code === "ERR_SCRIPT_EXECUTION_INTERRUPTED");

/** So many milliseconds a cell may await settled promises before the event loop gets a turn, and so sees an interrupt. */
const turnEvery = 50;

const current = new AsyncLocalStorage<CellRun>();
const { setImmediate: nextTurn } = timers; // not a cell's own, which Stop clears
const turn = () => new Promise((resolve) => nextTurn(resolve));

/** One execution of a cell, and all that comes of it. */
export class CellRun {
  private readonly controller = new AbortController();
  private readonly waiting = new Set<(reason: Interrupted) => void>();
  private turnedAt = performance.now();
  private readonly stopped = new Promise<never>((_, reject) => {
    // in the next turn, so that what the cell does on its way out is still shown below it
    this.signal.addEventListener("abort", () => nextTurn(reject, this.signal.reason), { once: true });
  });

  constructor() {
    this.stopped.catch(() => {}); // nobody may be waiting
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Waits for a part of the execution, but not longer than until the cell is stopped. */
  wait<T>(part: T | Promise<T>): Promise<T> {
    return Promise.race([part, this.stopped]);
  }

  /**
   * Runs a cell's code as a part of this execution.
   * @returns what the code returns, when that has settled
   * @throws {Interrupted} when the cell is stopped
   */
  async execute<T>(code: () => T | Promise<T>): Promise<T> {
    Atomics.store(endLoops, 0, 0);
    // the event loop sees in its second turn that Stop was pressed while the cell was compiled
    await turn();
    await turn();
    this.signal.throwIfAborted();
    try {
      return await this.wait(current.run(this, code));
    } catch (error) {
      if (isInterruption(error)) this.stop(); // by a signal, before the code has awaited anything
      throw error;
    }
  }

  stop(): void {
    if (this.signal.aborted) return;
    const reason = new Interrupted();
    this.controller.abort(reason);
    for (const reject of this.waiting) reject(reason);
    this.waiting.clear();
  }

  /** A promise or value to await in place of `awaited`: it rejects when the cell is stopped. */
  stoppable(awaited: unknown): unknown {
    // what a stopped cell catches is no reason to go on: a loop would do that for ever
    if (this.signal.aborted) return new Promise(() => {});
    let value = awaited;
    const now = performance.now();
    if (now - this.turnedAt > turnEvery) {
      this.turnedAt = now;
      value = Promise.all([value, turn()]).then(([first]) => first);
    }
    if (!isThenable(value)) return value;
    return new Promise((resolve, reject) => {
      this.waiting.add(reject);
      const forget = () => this.waiting.delete(reject);
      // `resolve` and `reject` themselves, so that the stack of an error names the function that awaits
      Promise.resolve(value)
        .then(
          (result) => {
            forget();
            return result;
          },
          (error) => {
            forget();
            throw error;
          },
        )
        .then(resolve, reject);
    });
  }
}

/** Other than 0, loops in cells are to end: a thread sets it when the event loop does not see that Stop was pressed. */
const endLoops = new Int32Array(new SharedArrayBuffer(4));

/** Loops in compiled cells call this when `endLoops` is set. */
function endLoop(): never {
  current.getStore()?.stop();
  throw new Interrupted();
}

/** 1 while the first part of a cell runs, up to its first await; 2 when a thread sends the signal that ends it. */
const firstPart = new Int32Array(new SharedArrayBuffer(4));

/** Runs the first part of a cell: it ends either here or by the signal. */
function interruptible<T>(part: () => T): T {
  Atomics.store(firstPart, 0, 1);
  try {
    return part();
  } finally {
    while (Atomics.compareExchange(firstPart, 0, 1, 0) === 2); // the signal is on its way
  }
}

/** Compiled cells await `pause(value)` instead of `value`. */
function pause(value: unknown): unknown {
  const run = current.getStore();
  return run ? run.stoppable(value) : value;
}

/** What compiled cells get (./stoppable), by the names that it has there. */
export const stopArguments = {
  __pause: pause,
  __endLoops: endLoops,
  __endLoop: endLoop,
  __interruptible: interruptible,
};

const isThenable = (value: unknown): boolean =>
  value !== null &&
  (typeof value === "object" || typeof value === "function") &&
  typeof (value as { then?: unknown }).then === "function";

type Callback = (...args: unknown[]) => unknown;

/** Does nothing once the cell that has set the timer is stopped. */
function stoppableCallback(callback: Callback): Callback {
  const run = current.getStore();
  if (!run || typeof callback !== "function") return callback;
  return function (this: NodeJS.Timeout, ...args) {
    if (run.signal.aborted) clearInterval(this);
    else return callback.apply(this, args);
  };
}

/** The options of a promised timer, with the signal of the cell. */
function withSignal(options: { signal?: AbortSignal } = {}): { signal?: AbortSignal } {
  const signal = current.getStore()?.signal;
  if (!signal) return options;
  return { ...options, signal: options.signal ? AbortSignal.any([options.signal, signal]) : signal };
}

/**
 * Makes the timers of cells stoppable, and gives their signal to others: `globalThis[Symbol.for("image-denoiser.stop")]`
 * is the AbortSignal of the cell to which the running code belongs, or undefined.
 * @param pressed called when Stop was pressed, but where a signal has ended the cell
 */
export function makeCellsStoppable(pressed: () => void): void {
  for (const name of ["setTimeout", "setInterval", "setImmediate"] as const) {
    const original = timers[name] as (callback: Callback, ...rest: unknown[]) => unknown;
    const stoppable = (callback: Callback, ...rest: unknown[]) => original(stoppableCallback(callback), ...rest);
    const promised = promises[name] as (...args: unknown[]) => unknown;
    const before = name === "setImmediate" ? 1 : 2; // arguments before the options
    const stoppablePromise = (...args: unknown[]) =>
      promised(...Array.from({ length: before }, (_, i) => args[i]), withSignal(args[before] as object));
    Object.assign(promises, { [name]: stoppablePromise });
    if (name !== "setInterval") Object.assign(stoppable, { [promisify.custom]: stoppablePromise });
    Object.assign(timers, { [name]: stoppable });
    Object.assign(globalThis, { [name]: stoppable });
  }
  const wait = promises.scheduler.wait.bind(promises.scheduler);
  Object.assign(promises.scheduler, { wait: (ms: number, options?: object) => wait(ms, withSignal(options)) });
  syncBuiltinESMExports();
  hideContext(Promise.prototype);
  const timer = setTimeout(() => {}, 0);
  const immediate = setImmediate(() => {});
  for (const made of [timer, immediate]) hideContext(Object.getPrototypeOf(made));
  clearTimeout(timer);
  clearImmediate(immediate);
  Object.defineProperty(globalThis, Symbol.for("image-denoiser.stop"), { get: () => current.getStore()?.signal });
  watchFromThread(pressed);
}

/** Node marks promises and timers with the cell that they belong to: these marks are not shown with their values. */
function hideContext(prototype: object): void {
  const original = (prototype as { [inspect.custom]?: (...rest: unknown[]) => unknown })[inspect.custom];
  Object.defineProperty(prototype, inspect.custom, {
    configurable: true,
    writable: true,
    value(this: object, ...rest: unknown[]) {
      for (const mark of Object.getOwnPropertySymbols(this))
        if (marks.has(String(mark.description))) Object.defineProperty(this, mark, { enumerable: false });
      return original ? original.apply(this, rest) : this;
    },
  });
}

const marks = new Set(["async_id_symbol", "trigger_async_id_symbol", "kResourceStore"]);

/** A thread looks after what the main thread cannot see while a cell blocks it. */
function watchFromThread(pressed: () => void): void {
  Object.assign(globalThis, {
    [explanation]() {
      process.stderr.write(
        "Stop has to wait: the code that is running does not pause. To end it now, restart the kernel (⟳).\n",
      );
    },
  });
  const explain = `globalThis[Symbol.for(${JSON.stringify(explanation.description)})]()`;
  const watcher = new Worker(path.join(__dirname, "watcher.cjs"), { workerData: { endLoops, firstPart, explain } });
  watcher.on("message", ({ signalled }: { signalled: boolean }) => {
    watcher.postMessage("the event loop goes on");
    if (!signalled) pressed();
  });
  watcher.unref();
}

const explanation = Symbol.for("image-denoiser.stop-has-to-wait");
