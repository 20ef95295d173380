// Builds and runs the tests of the native arithmetic, which need no TensorFlow.
import { spawnSync } from "node:child_process";
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

/** What this processor can do. */
const cpuinfo = fs.existsSync("/proc/cpuinfo") ? fs.readFileSync("/proc/cpuinfo", "utf8").split(/\s+/) : [];
/** @param {readonly string[]} names of instructions */
const processorHas = (names) => names.every((name) => cpuinfo.includes(name));

/**
 * Flags for vectors of so many lanes, and for the instructions that suit them if the processor has them; the compiler
 * makes the vectors up from narrower ones if not.
 * @param {4 | 8 | 16} lanes
 */
const laneFlags = (lanes) => [
  `-DDENOISER_LANES=${lanes}`,
  ...(processorHas(instructions[lanes]) ? instructions[lanes].map((name) => `-m${name}`) : []),
];

/**
 * Kinds of processors. Those of another architecture are emulated: Debian's packages g++-aarch64-linux-gnu and
 * qemu-user-static have what that takes.
 * @typedef {object} Target
 * @property {string[]} flags
 * @property {string[]} [instructions] that this processor must have
 * @property {string} [compiler] unless it is the usual one
 * @property {string} [emulator]
 */
/** @type {Record<string, Target>} */
export const targets = {
  "x86-64-v2": { flags: ["-march=x86-64-v2"], instructions: ["sse4_2"] },
  "x86-64-v3": { flags: ["-march=x86-64-v3"], instructions: ["avx2", "fma", "bmi2"] },
  "x86-64-v4": { flags: ["-march=x86-64-v4"], instructions: ["avx512f", "avx512vl", "avx512dq"] },
  aarch64: { flags: ["-static"], compiler: "aarch64-linux-gnu-g++", emulator: "qemu-aarch64-static" },
};

/** @param {Target} target */
export function runsHere({ instructions = [], compiler, emulator }) {
  /** @param {string} [program] */
  const isThere = (program) => !program || spawnSync(program, ["--version"]).status === 0;
  return processorHas(instructions) && isThere(compiler) && isThere(emulator);
}

/**
 * @param {{ sanitizer?: keyof typeof sanitizers, lanes?: 4 | 8 | 16, target?: Target, seeds: number }} options without
 *   lanes and target, compiled for this processor
 * @returns {Promise<{ passed: boolean, output: string }>}
 */
export async function testNative({ sanitizer = "none", lanes, target, seeds }) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "native-tests-"));
  try {
    const program = path.join(folder, "tests");
    const flags = [
      ...["-std=c++17", "-pthread", "-Wall", "-Wextra", "-Werror", "-Wno-psabi", "-D_GLIBCXX_ASSERTIONS"],
      ...(target?.flags ?? (lanes ? laneFlags(lanes) : nativeFlags)),
      ...sanitizers[sanitizer],
      ...[native, tests].map((include) => `-I${include}`),
    ];
    const compiler = target?.compiler ? [target.compiler] : await obtainCompiler();
    const built = await build(compiler, sources, { flags, output: program });
    if (built.code !== 0) return { passed: false, output: built.output };
    const [command, ...args] = [target?.emulator ?? [], program, String(seeds)].flat();
    // new memory holds numbers of 3.4e38, so that results show what is read before it is written
    const { code, output } = await run(command, args, { env: { ...process.env, MALLOC_PERTURB_: "128" } });
    return { passed: code === 0, output: output.trim() };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
