// Calls that do not wait: while a cell awaits, for example a training, a later cell that only calls one of the registered
// functions, such as `showTraining()`, is run at once.

/** The functions are kept on globalThis, because the modules of lib/ may be reloaded while a cell runs. */
const registry = Symbol.for("image-denoiser.at-once");
const functions = (): Map<string, () => void> => {
  const holder = globalThis as { [registry]?: Map<string, () => void> };
  holder[registry] ??= new Map();
  return holder[registry];
};

/** From now on a cell with nothing but `name()` calls `action` without waiting for cells before it. */
export function runAtOnce(name: string, action: () => void): void {
  functions().set(name, action);
}

/** @returns the registered function that `name` stands for */
export const registered = (name: string): (() => void) | undefined => functions().get(name);

/** @returns what a cell does that only calls a registered function; undefined for other cells */
export function actionOf(source: string): (() => void) | undefined {
  const [, name] = /^\s*(?:await\s+)?(\w+)\s*\(\s*\)\s*;?\s*$/.exec(source.replace(/^\s*\/\/.*$/gm, "")) ?? [];
  return name === undefined ? undefined : registered(name);
}
