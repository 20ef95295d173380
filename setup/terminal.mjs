// What set-up says while it works: one line a step, rewritten in place on a terminal, plain lines elsewhere;
// and the one kind of error that is shown to people as a sentence instead of a stack trace.

/** An error whose message is a complete instruction to the person at the terminal. */
export class UserError extends Error {}

const onTerminal = process.stdout.isTTY === true;

/**
 * Starts a step's line.
 * @param {string} title what is being done, e.g. "TensorFlow library"
 */
export function step(title) {
  const started = Date.now();
  const seconds = () => `${((Date.now() - started) / 1000).toFixed(0)} s`;
  let detail = "";
  const draw = () => process.stdout.write(`\r\x1b[2K  … ${title}${detail && `: ${detail}`} (${seconds()})`);
  const timer = onTerminal ? setInterval(draw, 200) : undefined;
  if (!onTerminal) console.log(`  … ${title}`);
  return {
    /** @param {string} text what is happening now; on a terminal it replaces the last one */
    progress(text) {
      if (text === detail) return;
      detail = text;
      if (onTerminal) draw();
      else console.log(`    ${text} (${seconds()})`);
    },
    /** @param {string} [text] how it ended, e.g. a size */
    done(text) {
      clearInterval(timer);
      if (onTerminal) process.stdout.write("\r\x1b[2K");
      console.log(`  ✓ ${title}${text ? `: ${text}` : ""} (${seconds()})`);
    },
    failed() {
      clearInterval(timer);
      if (onTerminal) process.stdout.write("\r\x1b[2K");
      console.log(`  ✗ ${title} (${seconds()})`);
    },
  };
}

/** @param {number} bytes */
export const megabytes = (bytes) => `${Math.round(bytes / 1e6)} MB`;
