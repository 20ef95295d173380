// What a worker of a cluster starts: performs the run that stands in the first line of the input. When the input ends,
// because the sweep was stopped or the worker has died, the run stops too.
import { createInterface } from "node:readline";
import { perform } from "./runs.mjs";

const lines = createInterface({ input: process.stdin });
lines.on("line", async (line) => {
  try {
    await perform(JSON.parse(line));
    process.exit(0);
  } catch (error) {
    console.error(/** @type {Error} */ (error).message);
    process.exit(1);
  }
});
lines.on("close", () => process.kill(process.pid, "SIGINT"));
