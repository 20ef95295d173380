// tfjs-node's binding with our operations, compiled against the TensorFlow library for this machine's processor, and
// linked to where tfjs-node looks for it. Compiled under another name and renamed when it works. Where the environment
// variable DENOISER_INSTRUCTIONS names fewer instructions than the processor has, a second one for those lies beside it:
// lib/engine/binding.cjs chooses.
import { createHash } from "node:crypto";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import {
  build,
  givenCompiler,
  nameOf,
  nativeFlags,
  obtainCompiler,
  rememberCompiler,
  rememberedCompiler,
} from "./compiler.mjs";
import { root } from "./layout.mjs";
import { failure, run } from "./run.mjs";
import { libraries, libraryFolder, version } from "./tensorflow.mjs";
import { step, UserError } from "./terminal.mjs";

const bindingPackage = path.join(root, "node_modules", "@tensorflow", "tfjs-node");
const native = path.join(root, "lib", "engine", "native");

/**
 * @typedef {object} Binding
 * @property {string} name of its file
 * @property {string[]} flags what it is compiled for
 * @property {string} [choice] the value of DENOISER_INSTRUCTIONS that chooses it
 */

/** For all that this processor can do. @type {Binding} */
const usual = { name: "tfjs_binding", flags: nativeFlags };

/** For less. @type {Binding[]} */
const others = [{ choice: "avx2", name: "tfjs_binding-avx2", flags: ["-march=x86-64-v3"] }];

/** @returns {Binding[]} */
function wanted() {
  const { DENOISER_INSTRUCTIONS: choice } = process.env;
  if (!choice) return [usual];
  const chosen = others.filter((binding) => binding.choice === choice && process.arch === "x64");
  if (chosen.length === 0)
    throw new UserError(
      `DENOISER_INSTRUCTIONS chooses fewer instructions than an x86 processor has: it must be avx2, or not be set, and is ${choice} on ${process.arch}.`,
    );
  return [usual, ...chosen];
}

/** Does a matrix product in a process of its own: the proof that addon, library and this Node fit together. */
const proof = `
  for (const file of process.argv.slice(1)) require(file);
  const tf = require("@tensorflow/tfjs-node");
  const [value] = tf.matMul(tf.ones([1, 2]), tf.ones([2, 1])).dataSync();
  process.exit(value === 2 && tf.getBackend() === "tensorflow" ? 0 : 1);
`;

/** What this machine's processor can do: the binding is compiled for it, and anew on another. */
function instructions() {
  const cpuinfo = "/proc/cpuinfo";
  const flags = fs.existsSync(cpuinfo) && /^(flags|Features)\s*:.*$/m.exec(fs.readFileSync(cpuinfo, "utf8"))?.[0];
  return flags || os.cpus()[0].model;
}

/** tfjs-node's own files and ours. */
const sources = () => [
  ...["tfjs_backend.cc", "tfjs_binding.cc"].map((name) => path.join(bindingPackage, "binding", name)),
  ...["arithmetic", "ops"].flatMap((folder) =>
    fs.readdirSync(path.join(native, folder)).map((name) => path.join(native, folder, name)),
  ),
];

/**
 * @param {Binding} [binding]
 * @returns {string} the file, named after all that goes into it but the compiler: any that works will do
 */
export function addonFile({ name } = usual) {
  const hash = createHash("sha256").update(version).update(instructions());
  for (const file of sources()) hash.update(fs.readFileSync(file));
  return path.join(libraryFolder, `${name}-${hash.digest("hex").slice(0, 12)}.node`);
}

/**
 * Whatever compiler made it stays, unless another one is asked for.
 * @param {Binding} binding
 */
function isMade(binding) {
  const given = givenCompiler()?.join(" ");
  return (!given || given === rememberedCompiler()?.join(" ")) && fs.existsSync(addonFile(binding));
}

const isComplete = () => fs.existsSync(bindingPackage) && wanted().every(isMade);

async function make() {
  const compiler = await obtainCompiler();
  for (const binding of wanted().filter((binding) => !isMade(binding))) await makeOne(binding, compiler);
  rememberCompiler(compiler);
}

/** @param {Binding} binding @param {import("./compiler.mjs").Compiler} compiler */
async function makeOne(binding, compiler) {
  const addon = addonFile(binding);
  const name = await nameOf(compiler);
  const line = step(binding === usual ? "TensorFlow binding" : `TensorFlow binding for ${binding.choice}`);
  line.progress(`compiling with ${name}`);
  try {
    const unproven = addon.replace(/node$/, "part.node");
    const { code, output } = await build(compiler, sources(), { ...options(binding), output: unproven });
    if (code !== 0) throw failure(`The TensorFlow binding, compiled with ${name},`, output);
    link(binding, unproven);
    const before = ["node-util-shim.cjs", "binding.cjs"].map((name) => path.join(root, "lib", "engine", name));
    const env = { ...process.env, DENOISER_INSTRUCTIONS: binding.choice };
    const tried = await run(process.execPath, ["-e", proof, ...before], { cwd: root, env });
    if (tried.code !== 0) throw failure(`The TensorFlow binding, compiled with ${name},`, tried.output);
    for (const old of fs.readdirSync(libraryFolder).filter((file) => isOneOf(binding, file)))
      fs.rmSync(path.join(libraryFolder, old));
    fs.renameSync(unproven, addon);
    link(binding, addon);
  } catch (error) {
    line.failed();
    throw error;
  }
  line.done(`compiled with ${name}`);
}

/** @param {Binding} binding @param {string} file of any content */
const isOneOf = ({ name }, file) => file.startsWith(`${name}-`) && /^\w+\.node$/.test(file.slice(name.length + 1));

/** @param {Binding} binding */
function options(binding) {
  const includes = [
    native,
    path.dirname(bindingPackage),
    path.join(bindingPackage, "binding"),
    path.join(libraryFolder, "include"),
    createRequire(import.meta.url)("node-api-headers").include_dir,
  ];
  const link =
    process.platform === "darwin"
      ? ["-undefined", "dynamic_lookup", "-Wl,-rpath,@loader_path/lib"]
      : ["-Wl,-rpath,$ORIGIN/lib"];
  return {
    flags: [
      ...binding.flags,
      ...["-O3", "-std=c++17", "-pthread", "-fPIC", "-DNAPI_VERSION=8"],
      ...includes.map((folder) => `-I${folder}`),
    ],
    linkFlags: ["-shared", ...libraries(), ...link],
  };
}

/** Links what is wanted to where it is looked for; `npm ci` takes the links away. */
export function linkBinding() {
  for (const binding of wanted()) link(binding, addonFile(binding));
}

/** @param {Binding} binding @param {string} addon */
function link({ name }, addon) {
  const place = path.join(bindingPackage, "lib", "napi-v8", `${name}.node`);
  try {
    if (fs.readlinkSync(place) === addon) return;
  } catch {
    // not there yet, or not a link
  }
  fs.mkdirSync(path.dirname(place), { recursive: true });
  fs.rmSync(place, { force: true });
  fs.symlinkSync(addon, place);
}

/** @type {import("./prerequisites.mjs").Part} */
export const tensorflowBinding = { isComplete, size: 0.02e9, needs: ["compiler"], make };
