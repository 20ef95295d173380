// How the value of a cell's last expression is shown: as the value itself says, as the notebook's library shows such
// values, or else as text, as Node's REPL writes it.
import { inspect } from "node:util";

/** Forms of the same content, of which a front end shows the best that it can: MIME type -> content. */
export type MimeBundle = Readonly<Record<string, unknown>>;

/** @returns undefined for values that it does not know */
export type Display = (value: unknown) => MimeBundle | undefined;

/** A method that returns a MIME bundle: the convention of Deno's kernel, which libraries follow. */
const ownDisplay = Symbol.for("Jupyter.display");

/**
 * @param display of the notebook's library, for values without a method of their own
 * @returns undefined where nothing is to be shown
 */
export async function resultOf(value: unknown, display: Display): Promise<MimeBundle | undefined> {
  if (value === undefined) return undefined;
  for (const show of [callOwnDisplay, display])
    try {
      const bundle = await show(value);
      if (isMimeBundle(bundle)) return bundle;
    } catch {
      // the value is there, so its text is shown
    }
  return { "text/plain": textOf(value) };
}

const callOwnDisplay = (value: unknown): unknown =>
  (value as { [ownDisplay]?: () => unknown } | null)?.[ownDisplay]?.();

/** @throws {TypeError} for what a message cannot hold */
const isMimeBundle = (bundle: unknown): bundle is MimeBundle =>
  typeof bundle === "object" && bundle !== null && Object.keys(bundle).length > 0 && JSON.stringify(bundle) !== "";

function textOf(value: unknown): string {
  const options = { showProxy: true, breakLength: 80 };
  try {
    return inspect(value, options);
  } catch {
    return inspect(value, { ...options, customInspect: false });
  }
}
