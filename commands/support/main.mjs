// How every command begins and ends: read its arguments, set up what is missing, do the work, and show people sentences,
// not stack traces. Packages may be missing until set-up is done: a command imports what needs them inside its work.
import { setup } from "../../setup/index.mjs";
import { UserError } from "../../setup/terminal.mjs";

/**
 * @template Options
 * @param {() => Options} readArguments
 * @param {(options: Options) => Promise<number | void>} work its result is the exit code
 */
export async function main(readArguments, work) {
  try {
    const options = readArguments();
    await setup();
    process.exitCode = (await work(options)) ?? 0;
  } catch (error) {
    console.error(error instanceof UserError ? `\n${error.message}` : (sentenceFor(error) ?? error));
    process.exitCode = 1;
  }
}

/** @param {unknown} error @returns {string | undefined} what people can do about it */
function sentenceFor(error) {
  const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
  if (code === "ENOSPC") return "\nThe disk is full; make room and run the same command again.";
  if (code === "EACCES" || code === "EPERM" || code === "EROFS")
    return `\nThe project's folder is not writable (${message}); check who owns it and run the same command again.`;
  return undefined;
}
