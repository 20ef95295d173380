// How every command begins and ends: set up what is missing, do the work, and show people sentences, not stack traces.
import { setup } from "../setup/index.mjs";
import { UserError } from "../setup/terminal.mjs";

/** @param {() => Promise<number | void>} work its result is the exit code */
export async function main(work) {
  try {
    await setup();
    process.exitCode = (await work()) ?? 0;
  } catch (error) {
    if (error instanceof UserError) console.error(`\n${error.message}`);
    else {
      const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
      if (code === "ENOSPC") console.error("\nThe disk is full; make room and run the same command again.");
      else if (code === "EACCES" || code === "EPERM" || code === "EROFS")
        console.error(
          `\nThe project's folder is not writable (${message}); check who owns it and run the same command again.`,
        );
      else console.error(error);
    }
    process.exitCode = 1;
  }
}
