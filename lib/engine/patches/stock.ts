// What tfjs ships, remembered before it is patched. Kept with the process, not with this module: when the engine's files
// are loaded a second time, a patched method must not be taken for tfjs' own.

const key = Symbol.for("image-denoiser: what tfjs ships");
type Registry = Map<object | string, Map<string, unknown>>;
const global = globalThis as { [key]?: Registry };
global[key] ??= new Map();
const registry = global[key];

/**
 * @param owner the object that is patched, or a word for a registry of tfjs'
 * @param name of what is patched
 * @param read gives it as it stands; called the first time only
 */
export function stock<Value>(owner: object | string, name: string, read: () => Value): Value {
  const values = registry.get(owner) ?? new Map<string, unknown>();
  registry.set(owner, values);
  if (!values.has(name)) values.set(name, read());
  return values.get(name) as Value;
}
