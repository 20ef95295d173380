// Builds and runs the tests of the native arithmetic, which need no TensorFlow.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { build, nativeFlags, obtainCompiler } from "../../../setup/compiler.mjs";
import { root } from "../../../setup/layout.mjs";
import { run } from "../../../setup/run.mjs";

const tests = path.join(root, "test", "engine", "native");
const native = path.join(root, "lib", "engine", "native");

/** Every .cc file. */
const sources = [path.join(native, "arithmetic"), tests].flatMap((folder) =>
  fs.readdirSync(folder).map((name) => path.join(folder, name)),
);

/** What runs code compiled with a sanitizer of some kind; GCC 12 and Clang know these flags. */
const sanitizers = {
  none: ["-O2"],
  addressAndUndefined: ["-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
  thread: ["-O1", "-g", "-fsanitize=thread"],
};

/** The instructions that vectors of so many lanes are made for, by the name that Linux lists them under. */
const instructions = { 4: [], 8: ["avx2", "fma"], 16: ["avx512f"] };

/**
 * Flags for vectors of so many lanes, and for the instructions that suit them if the processor has them; the compiler
 * makes the vectors up from narrower ones if not.
 * @param {4 | 8 | 16} lanes
 */
function laneFlags(lanes) {
  const cpuinfo = "/proc/cpuinfo";
  const known = fs.existsSync(cpuinfo) ? fs.readFileSync(cpuinfo, "utf8").split(/\s+/) : [];
  const has = instructions[lanes].every((name) => known.includes(name));
  return [`-DDENOISER_LANES=${lanes}`, ...(has ? instructions[lanes].map((name) => `-m${name}`) : [])];
}

/**
 * @param {{ sanitizer?: keyof typeof sanitizers, lanes?: 4 | 8 | 16, seeds: number }} options lanes: the processor's own,
 *   unless given
 * @returns {Promise<{ passed: boolean, output: string }>}
 */
export async function testNative({ sanitizer = "none", lanes, seeds }) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "native-tests-"));
  try {
    const program = path.join(folder, "tests");
    const flags = [
      ...["-std=c++17", "-pthread", "-Wall", "-Wextra", "-Werror", "-Wno-psabi", "-D_GLIBCXX_ASSERTIONS"],
      ...(lanes ? laneFlags(lanes) : nativeFlags),
      ...sanitizers[sanitizer],
      ...[native, tests].map((include) => `-I${include}`),
    ];
    const built = await build(await obtainCompiler(), sources, { flags, output: program });
    if (built.code !== 0) return { passed: false, output: built.output };
    const { code, output } = await run(program, [String(seeds)]);
    return { passed: code === 0, output: output.trim() };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
