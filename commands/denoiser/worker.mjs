// What a worker of a cluster starts: cleans the pictures that stand in the first line of the input, and answers with one
// line of JSON, {"error", "outcomes"}. When the input ends, because the command was stopped or the worker has died, it
// stops within the picture.
import { createInterface } from "node:readline";
import { Readable, Writable } from "node:stream";
import { cleaner, cleaningAll } from "./modules.mjs";

const stopping = new AbortController();

/** @param {string} line */
async function perform(line) {
  const { jobs, groups, named, sigma, overwrite } = JSON.parse(line);
  /** @type {string[]} */
  const outcomes = [];
  const stdout = new Writable({ write: (chunk, _, done) => done(void outcomes.push(String(chunk))) });
  const streams = { stdin: Readable.from([]), stdout, stderr: process.stderr };
  const options = { sigma, overwrite, json: true, quiet: true, signal: stopping.signal };
  await cleaningAll().cleanAll({ jobs, problems: [], leftOut: 0 }, cleaner(groups, named), streams, options);
  return outcomes.map((each) => JSON.parse(each));
}

/** @param {object} content */
const answer = (content) => process.stdout.write(`${JSON.stringify(content)}\n`, () => process.exit(0));

const lines = createInterface({ input: process.stdin });
lines.once("line", (line) =>
  perform(line).then(
    (outcomes) => answer({ error: null, outcomes }),
    (/** @type {Error} */ { message }) => answer({ error: message }),
  ),
);
lines.on("close", () => stopping.abort());
