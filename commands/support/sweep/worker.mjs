// What a worker of a cluster starts: performs the run that stands in the first line of the input and answers with one line
// of JSON, {"error"}. When the input ends, because the sweep was stopped or the worker has died, the run stops too.
import { createInterface } from "node:readline";
import { perform } from "./runs.mjs";

/** @param {string | null} error */
const answer = (error) => process.stdout.write(`${JSON.stringify({ error })}\n`, () => process.exit(0));

const lines = createInterface({ input: process.stdin });
lines.on("line", (line) =>
  perform(JSON.parse(line), { quiet: true }).then(
    () => answer(null),
    (/** @type {Error} */ { message }) => answer(message),
  ),
);
lines.on("close", () => process.kill(process.pid, "SIGINT"));
