// The C++ compiler, and many files compiled at once.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { run } from "./run.mjs";
import { UserError } from "./terminal.mjs";

/** @returns {Promise<string[]>} the command of a compiler that runs: CXX, or what the system calls it */
export async function findCompiler() {
  const candidates = process.env.CXX ? [process.env.CXX.split(" ")] : [["c++"], ["g++"], ["clang++"]];
  for (const candidate of candidates)
    if ((await run(candidate[0], [...candidate.slice(1), "--version"])).code === 0) return candidate;
  const how =
    process.platform === "darwin"
      ? "run `xcode-select --install`"
      : "`sudo apt install g++` (or your system's equivalent)";
  throw new UserError(
    process.env.CXX
      ? `CXX=${process.env.CXX} is not a compiler that runs.`
      : `A C++ compiler was not found: install one with ${how}.`,
  );
}

/** For this machine's processor. */
export const nativeFlags = [process.arch === "x64" ? "-march=native" : "-mcpu=native"];

/**
 * Compiles and links, as many files at once as there are cores.
 * @param {string[]} compiler
 * @param {string[]} sources those that are not .cc files are left out
 * @param {{ flags: string[], linkFlags?: string[], output: string }} options
 * @returns {Promise<{ code: number | null, output: string }>} what the compiler printed, where it failed
 */
export async function build(compiler, sources, { flags, linkFlags = [], output }) {
  const [command, ...first] = compiler;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "objects-"));
  try {
    const waiting = sources
      .filter((file) => file.endsWith(".cc"))
      .map((file, i) => ({ file, object: path.join(folder, `${i}.o`) }));
    const objects = waiting.map(({ object }) => object);
    /** @type {{ code: number | null, output: string }} */
    let result = { code: 0, output: "" };
    const work = async () => {
      for (let next = waiting.shift(); next && result.code === 0; next = waiting.shift()) {
        const compiled = await run(command, [...first, ...flags, "-c", next.file, "-o", next.object]);
        if (compiled.code !== 0) result = compiled;
      }
    };
    await Promise.all(os.cpus().map(work));
    return result.code === 0
      ? await run(command, [...first, ...flags, ...objects, ...linkFlags, "-o", output])
      : result;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
