// Interrupts: a press of the notebook's Stop button. The first press calls the listeners, such as a training that then
// ends after its current batch; a second press, or a press without listeners, ends the cell.

/** The listeners are kept on globalThis, because the modules of lib/ may be reloaded while a cell runs. */
const registry = Symbol.for("image-denoiser.interrupts");
type Listener = () => void;
const listeners = (): Set<Listener> => {
  const holder = globalThis as { [registry]?: Set<Listener> };
  holder[registry] ??= new Set();
  return holder[registry];
};

/**
 * Does what a press of Stop asks for.
 * @param interruptCell ends the running cell
 */
export function interrupt(interruptCell: () => void): void {
  const called = [...listeners()];
  listeners().clear();
  if (called.length > 0) for (const listener of called) listener();
  else interruptCell();
}

/**
 * Calls `listener` at the next interrupt, which then does not end the cell. Outside a kernel it is never called.
 * @returns a function that removes the listener
 */
export function onInterrupt(listener: Listener): () => void {
  listeners().add(listener);
  return () => listeners().delete(listener);
}
