// JupyterLab's Stop button sends SIGINT. The first press asks whatever listens (the training loop) to end gracefully;
// a second press, or a press when nothing listens, ends the cell.

/** Functions to call at the next press of Stop. Kept on globalThis, because lib/ may be reloaded while a cell runs. */
const registry = Symbol.for("image-denoiser.interrupts");
type Listener = () => void;
const listeners = (): Set<Listener> => {
  const holder = globalThis as { [registry]?: Set<Listener> };
  holder[registry] ??= new Set();
  return holder[registry];
};

/** @param interruptCell what ends the running cell */
export function createInterrupts(interruptCell: () => void): void {
  process.on("SIGINT", () => {
    const waiting = [...listeners()];
    listeners().clear();
    if (waiting.length > 0) for (const listener of waiting) listener();
    else interruptCell();
  });
}

/**
 * Calls `listener` at the next press of Stop, instead of ending the cell. Outside a kernel it never does.
 * @returns a function that withdraws it
 */
export function onInterrupt(listener: Listener): () => void {
  listeners().add(listener);
  return () => listeners().delete(listener);
}
