// tfjs-node's binding with our operations, compiled against the TensorFlow library for this machine's processor, and
// linked to where tfjs-node looks for it. Compiled under another name and renamed when it works.
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
import { step } from "./terminal.mjs";

const bindingPackage = path.join(root, "node_modules", "@tensorflow", "tfjs-node");
const bindingLink = path.join(bindingPackage, "lib", "napi-v8", "tfjs_binding.node");
const native = path.join(root, "lib", "engine", "native");

/** Does a matrix product in a process of its own: the proof that addon, library and this Node fit together. */
const proof = `
  require(process.argv[1]);
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

/** @returns {string} the file, named after all that goes into it but the compiler: any that works will do */
export function addonFile() {
  const hash = createHash("sha256").update(version).update(instructions());
  for (const file of sources()) hash.update(fs.readFileSync(file));
  return path.join(libraryFolder, `tfjs_binding-${hash.digest("hex").slice(0, 12)}.node`);
}

/** Whatever compiler made it stays, unless another one is asked for. */
function isComplete() {
  const given = givenCompiler()?.join(" ");
  const wanted = !given || given === rememberedCompiler()?.join(" ");
  return wanted && fs.existsSync(bindingPackage) && fs.existsSync(addonFile());
}

async function make() {
  const addon = addonFile();
  const compiler = await obtainCompiler();
  const name = await nameOf(compiler);
  const line = step("TensorFlow binding");
  line.progress(`compiling with ${name}`);
  try {
    const unproven = addon.replace(/node$/, "part.node");
    const { code, output } = await build(compiler, sources(), { ...options(), output: unproven });
    if (code !== 0) throw failure(`The TensorFlow binding, compiled with ${name},`, output);
    linkTo(unproven);
    const shim = path.join(root, "lib", "engine", "node-util-shim.cjs");
    const tried = await run(process.execPath, ["-e", proof, shim], { cwd: root });
    if (tried.code !== 0) throw failure(`The TensorFlow binding, compiled with ${name},`, tried.output);
    for (const old of fs.readdirSync(libraryFolder).filter((file) => /^tfjs_binding-\w+\.node$/.test(file)))
      fs.rmSync(path.join(libraryFolder, old));
    fs.renameSync(unproven, addon);
    rememberCompiler(compiler);
  } catch (error) {
    line.failed();
    throw error;
  }
  line.done(`compiled with ${name}`);
}

function options() {
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
      ...nativeFlags,
      ...["-O3", "-std=c++17", "-pthread", "-fPIC", "-DNAPI_VERSION=8"],
      ...includes.map((folder) => `-I${folder}`),
    ],
    linkFlags: ["-shared", ...libraries(), ...link],
  };
}

/** Links the binding to where tfjs-node looks for it; `npm ci` takes the link away. */
export const linkBinding = () => linkTo(addonFile());

/** @param {string} addon */
function linkTo(addon) {
  try {
    if (fs.readlinkSync(bindingLink) === addon) return;
  } catch {
    // not there yet, or not a link
  }
  fs.mkdirSync(path.dirname(bindingLink), { recursive: true });
  fs.rmSync(bindingLink, { force: true });
  fs.symlinkSync(addon, bindingLink);
}

/** @type {import("./prerequisites.mjs").Part} */
export const tensorflowBinding = { isComplete, size: 0.02e9, needs: ["compiler"], make };
