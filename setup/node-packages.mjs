// The Node packages of package-lock.json, by `npm ci`. People may have run that themselves: what counts is what is in
// node_modules.
import fs from "node:fs";
import path from "node:path";
import { root } from "./layout.mjs";
import { causeOf, failure, run } from "./run.mjs";
import { step, UserError } from "./terminal.mjs";

/** @param {string} file @returns {Record<string, { version?: string, optional?: boolean }>} */
const packages = (file) => JSON.parse(fs.readFileSync(path.join(root, file), "utf8")).packages;

/** npm writes node_modules/.package-lock.json last, so an interrupted install has none. */
function installed() {
  try {
    const wanted = packages("package-lock.json");
    const present = packages("node_modules/.package-lock.json");
    return Object.entries(wanted).every(
      ([name, { version, optional }]) => name === "" || (present[name] ? present[name].version === version : optional),
    );
  } catch {
    return false;
  }
}

/** @returns {string[]} the command of the npm that runs this, or of the one on PATH */
function npm() {
  const running = process.env.npm_execpath ?? ""; // that of pnpm or yarn, when they run this
  return path.basename(running).startsWith("npm") ? [process.execPath, running] : ["npm"];
}

/**
 * Asks npm for a small package.
 * @returns {Promise<string | undefined>} a sentence, when npm or its registry cannot be reached
 */
export async function npmProblem() {
  const [command, ...args] = npm();
  const limits = ["--fetch-retries=0", "--fetch-timeout=30000"];
  const { code, output } = await run(command, [...args, "view", "image-ssim", "version", ...limits], { cwd: root });
  if (code === null) return noNpm;
  const cause = code === 0 ? undefined : causeOf(output);
  return cause && `npm: ${cause}.`;
}

const noNpm = "npm was not found: it comes with Node; install Node from https://nodejs.org.";

async function make() {
  const line = step("Node packages");
  const [command, ...args] = npm();
  const { code, output } = await run(command, [...args, "ci", "--no-audit", "--no-fund", "--loglevel=warn"], {
    cwd: root,
  });
  if (code !== 0) {
    line.failed();
    if (code === null) throw new UserError(noNpm);
    throw failure("Node packages", output);
  }
  line.done();
}

/** @type {import("./prerequisites.mjs").Part} */
export const nodePackages = { isComplete: installed, size: 0.9e9, needs: ["npm"], make };
