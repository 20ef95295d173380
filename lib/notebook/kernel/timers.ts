// Timers for TypeScript's watch mode inside tslab. tslab starts the rebuild itself, before each cell, and allows one
// pending timer; TypeScript also sets another one when a file appears that an import did not find before.

type SetTimer = (callback: () => void, milliseconds: number) => unknown;
type ClearTimer = (timer: unknown) => void;
interface Timers {
  setTimeout?(callback: (...args: unknown[]) => void, milliseconds: number, ...args: unknown[]): unknown;
  clearTimeout?: ClearTimer;
}

/** Lets `host` set several timers, of which tslab sees one: it calls all that are pending, and all that these set. */
export function mergeTimers(host: Timers): void {
  const set = host.setTimeout as SetTimer;
  const clear = host.clearTimeout as ClearTimer;
  const pending = new Map<object, () => void>();
  let merged: unknown;
  let running = false;
  const run = () => {
    merged = undefined;
    running = true;
    try {
      for (const [timer, callback] of pending) {
        pending.delete(timer);
        callback();
      }
    } finally {
      running = false;
    }
  };
  host.setTimeout = (callback, milliseconds, ...args) => {
    const timer = {};
    pending.set(timer, () => callback(...args));
    if (!running) merged ??= set(run, milliseconds);
    return timer;
  };
  host.clearTimeout = (timer) => {
    pending.delete(timer as object);
    if (pending.size > 0 || merged === undefined) return;
    clear(merged);
    merged = undefined;
  };
}
