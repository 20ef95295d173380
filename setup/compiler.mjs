// The C++ compiler: which one is used, and many files compiled at once. Where the system has none, it is Clang as it
// comes in the Python package ziglang. What compiled the binding is remembered and used again.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setupFolder } from "./layout.mjs";
import { run } from "./run.mjs";
import { howToInstall } from "./system.mjs";
import { UserError } from "./terminal.mjs";
import { installZig, zig, zigEnvironment, zigInstalled } from "./ziglang.mjs";

/** @typedef {string[]} Compiler a command and its first arguments */

const memory = path.join(setupFolder, "compiler.json");

/** @returns {Compiler | undefined} what compiled the binding */
export function rememberedCompiler() {
  try {
    return JSON.parse(fs.readFileSync(memory, "utf8")).command;
  } catch {
    return undefined;
  }
}

/** @param {Compiler} command */
export function rememberCompiler(command) {
  fs.writeFileSync(`${memory}.part`, `${JSON.stringify({ command })}\n`);
  fs.renameSync(`${memory}.part`, memory);
}

/** @returns {Compiler | undefined} the one that the variable CXX names */
export const givenCompiler = () => (process.env.CXX?.trim() ? process.env.CXX.trim().split(/\s+/) : undefined);

/**
 * CXX; or else what was used before, or what the system has, or ziglang where it is installed already.
 * @returns {Promise<Compiler | undefined>} one that compiles; undefined when ziglang must be installed
 * @throws {UserError} when CXX does not compile
 */
export async function findCompiler() {
  const given = givenCompiler();
  if (given) {
    const problem = await problemOf(given);
    if (problem) throw new UserError(`CXX=${process.env.CXX} cannot compile C++17: ${problem}`);
    return given;
  }
  for (const candidate of [rememberedCompiler(), ["c++"], ["g++"], ["clang++"], zig]) {
    if (!candidate) continue;
    const works = isZig(candidate) ? zigInstalled() : !(await problemOf(candidate));
    if (works) return candidate;
  }
  return undefined;
}

/** @returns {Promise<Compiler>} that of findCompiler, or else ziglang, installed now */
export async function obtainCompiler() {
  const found = await findCompiler();
  if (!found) await installZig();
  return found ?? zig;
}

/** @param {Compiler} compiler @returns {Promise<string>} e.g. "g++ (Debian 12.2.0-14) 12.2.0" */
export async function nameOf([command, ...first]) {
  const { output } = await run(command, [...first, "--version"], { env: zigEnvironment() });
  return `${isZig([command]) ? "ziglang's " : ""}${output.trim().split("\n")[0]}`;
}

/** @param {Compiler} compiler */
const isZig = ([command]) => command === zig[0];

/** What to do where neither a compiler nor PyPI is in reach. */
export const noCompiler = () =>
  `A C++ compiler was not found: install one ${howToInstall("compiler")}. With access to PyPI, set-up takes one from there.`;

/** A compiler may lack the standard library's headers, or be too old. */
const probe = `#include <memory_resource>
#include <thread>
#include <variant>
int value(std::variant<int, float> v) { return std::get<int>(v); }
`;

/**
 * Compiles a small library.
 * @param {Compiler} compiler
 * @returns {Promise<string | undefined>} what is wrong
 */
async function problemOf([command, ...first]) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "compiler-"));
  try {
    const source = path.join(folder, "probe.cc");
    fs.writeFileSync(source, probe);
    const args = ["-std=c++17", "-shared", "-fPIC", "-pthread", source, "-o", path.join(folder, "probe.so")];
    const { code, output } = await run(command, [...first, ...args], { env: zigEnvironment() });
    if (code === null) return "there is no such program.";
    return code === 0 ? undefined : `\n${output.trim()}`;
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/** For this machine's processor. */
export const nativeFlags = [process.arch === "x64" ? "-march=native" : "-mcpu=native"];

/**
 * Compiles and links, as many files at once as there are cores.
 * @param {Compiler} compiler
 * @param {string[]} sources those that are not .cc files are left out
 * @param {{ flags: string[], linkFlags?: string[], output: string }} options
 * @returns {Promise<{ code: number | null, output: string }>} what the compiler printed, where it failed
 */
export async function build(compiler, sources, { flags, linkFlags = [], output }) {
  const [command, ...first] = compiler;
  const env = zigEnvironment();
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
        const compiled = await run(command, [...first, ...flags, "-c", next.file, "-o", next.object], { env });
        if (compiled.code !== 0) result = compiled;
      }
    };
    await Promise.all(os.cpus().map(work));
    return result.code === 0
      ? await run(command, [...first, ...flags, ...objects, ...linkFlags, "-o", output], { env })
      : result;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
