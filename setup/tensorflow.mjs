// tfjs-node's engine: the TensorFlow library and its C headers out of the pinned wheel on PyPI, and the binding
// compiled against them. tfjs-node's own installer asks a host that no longer has the files.
// Each result is made under another name and renamed when whole, so an interrupted run leaves nothing half-done.
import { createHash } from "node:crypto";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { build, findCompiler, nativeFlags } from "./compiler.mjs";
import { python, root, tensorflowFolder } from "./layout.mjs";
import { failure, requireDiskSpace, run } from "./run.mjs";
import { megabytes, step, UserError } from "./terminal.mjs";

const version = "2.21.0";

/** @type {Record<string, { wheel: string, platform: string, sha256: string, libraries: string[] }>} */
const targets = {
  "linux-x64": {
    wheel: "tensorflow-cpu",
    platform: "manylinux_2_27_x86_64",
    sha256: "dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb",
    libraries: ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"],
  },
  "linux-arm64": {
    wheel: "tensorflow",
    platform: "manylinux_2_27_aarch64",
    sha256: "b07d15737406533898e36c7ef7944b1be18e9028dc521b9229952c537bbc5552",
    libraries: ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"],
  },
  "darwin-arm64": {
    wheel: "tensorflow",
    platform: "macosx_12_0_arm64",
    sha256: "56ecd7d47429acbe1df2694d50b75bf9fc3995ac92cb367cd9af6c4780ead712",
    libraries: ["libtensorflow_cc.2.dylib", "libtensorflow_framework.2.dylib"],
  },
};

/** Those of the C API, of eager execution, and of kernels and operations; with what they include. */
const headers = [
  ...["c_api", "c_api_macros", "kernels", "ops", "tf_attrtype", "tf_buffer", "tf_datatype", "tf_status", "tf_tensor"],
  ...["tf_tstring", "eager/c_api", "experimental/stream_executor/stream_executor"],
]
  .map((name) => `tensorflow/c/${name}.h`)
  .concat(
    ["tensorflow/core", "tsl"].flatMap((place) => [
      `${place}/platform/ctstring.h`,
      `${place}/platform/ctstring_internal.h`,
    ]),
    "tensorflow/core/common_runtime/next_pluggable_device/c/tf_rendezvous_c_api.h",
    "tsl/platform/platform.h",
    "xla/tsl/c/tsl_status.h",
  );

/** Named after all that is in it: another choice of headers is another folder. */
const libraryFolder = path.join(
  tensorflowFolder,
  `${version}-${process.platform}-${process.arch}-${createHash("sha256").update(headers.join()).digest("hex").slice(0, 8)}`,
);
const bindingPackage = path.join(root, "node_modules", "@tensorflow", "tfjs-node");
const bindingLink = path.join(bindingPackage, "lib", "napi-v8", "tfjs_binding.node");

function target() {
  const found = targets[`${process.platform}-${process.arch}`];
  if (!found)
    throw new UserError(
      `TensorFlow ${version} is not published for ${process.platform} on ${process.arch}: use Linux (x64 or arm64) or an Apple-silicon Mac; on Windows, the Windows Subsystem for Linux.`,
    );
  return found;
}

/** Unpacks only what we need of a 1.5 GB wheel; Python's zipfile checks each member's CRC. */
const unpack = `
import sys, os, shutil, zipfile
wheel, out, *members = sys.argv[1:]
with zipfile.ZipFile(wheel) as z:
    for member in members:
        source, target = member.split("=")
        target = os.path.join(out, target)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with z.open(source) as a, open(target, "wb") as b:
            shutil.copyfileobj(a, b, 1 << 20)
`;

/** The library and headers. */
export async function tensorflowLibrary() {
  const { wheel, platform, sha256, libraries } = target();
  if (fs.existsSync(libraryFolder)) return;
  requireDiskSpace(root, 1.5e9);
  const line = step("TensorFlow library");
  const unfinished = `${libraryFolder}.part`;
  try {
    fs.rmSync(unfinished, { recursive: true, force: true });
    fs.mkdirSync(unfinished, { recursive: true });
    const pinned = path.join(unfinished, "requirement.txt");
    fs.writeFileSync(pinned, `${wheel}==${version} --hash=sha256:${sha256}\n`);
    const tags = ["--only-binary=:all:", "--platform", platform, "--implementation", "cp", "--python-version", "3.12"];
    let shown = -1;
    const download = await run(
      python,
      [
        "-m",
        "pip",
        "download",
        "--no-deps",
        "--no-cache-dir",
        "--require-hashes",
        "--disable-pip-version-check",
        "--progress-bar=raw",
        ...tags,
        "-d",
        unfinished,
        "-r",
        pinned,
      ],
      {
        onLine(text) {
          const [, got, size] = /^Progress (\d+) of (\d+)/.exec(text) ?? [];
          const percent = Math.floor((100 * Number(got)) / Number(size));
          if (!got || percent < shown + (process.stdout.isTTY ? 1 : 25)) return;
          shown = percent;
          line.progress(`downloading, ${percent} % of ${megabytes(Number(size))}`);
        },
      },
    );
    const file = fs.readdirSync(unfinished).find((name) => name.endsWith(".whl"));
    if (download.code !== 0 || !file) throw failure("The TensorFlow library", download.output);
    line.progress("unpacking");
    const members = [
      ...libraries.map((name) => `tensorflow/${name}=lib/${name}`),
      ...headers.map((name) => `tensorflow/include/${name}=include/${name}`),
    ];
    const unpacked = await run(python, ["-c", unpack, path.join(unfinished, file), unfinished, ...members]);
    if (unpacked.code !== 0) throw failure("The TensorFlow library", unpacked.output);
    fs.rmSync(path.join(unfinished, file));
    for (const old of fs.readdirSync(tensorflowFolder).filter((name) => name !== path.basename(unfinished)))
      fs.rmSync(path.join(tensorflowFolder, old), { recursive: true });
    fs.renameSync(unfinished, libraryFolder);
  } catch (error) {
    line.failed();
    throw error;
  }
  line.done();
}

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

/** tfjs-node's addon with our operations, compiled against the library and linked to where tfjs-node looks for it. */
export async function tensorflowBinding() {
  const theirs = ["tfjs_backend.cc", "tfjs_binding.cc"].map((name) => path.join(bindingPackage, "binding", name));
  const native = path.join(root, "lib", "engine", "native");
  const ours = ["arithmetic", "ops"].flatMap((folder) =>
    fs.readdirSync(path.join(native, folder)).map((name) => path.join(native, folder, name)),
  );
  const hash = createHash("sha256").update(version).update(instructions());
  for (const file of [...theirs, ...ours]) hash.update(fs.readFileSync(file));
  const addon = path.join(libraryFolder, `tfjs_binding-${hash.digest("hex").slice(0, 12)}.node`);

  const unproven = addon.replace(/node$/, "part.node");

  if (!fs.existsSync(addon)) {
    const compiler = await findCompiler();
    const line = step("TensorFlow binding");
    line.progress("compiling");
    const nodeHeaders = createRequire(import.meta.url)("node-api-headers").include_dir;
    const [library, framework] = target().libraries.map((name) => path.join(libraryFolder, "lib", name));
    const link =
      process.platform === "darwin"
        ? ["-undefined", "dynamic_lookup", "-Wl,-rpath,@loader_path/lib"]
        : ["-Wl,-rpath,$ORIGIN/lib"];
    const includes = [
      native,
      path.dirname(bindingPackage),
      path.join(bindingPackage, "binding"),
      path.join(libraryFolder, "include"),
      nodeHeaders,
    ];
    const compiled = await build(compiler, [...theirs, ...ours], {
      flags: [
        ...nativeFlags,
        ...["-O3", "-std=c++17", "-pthread", "-fPIC", "-DNAPI_VERSION=8"],
        ...includes.map((folder) => `-I${folder}`),
      ],
      linkFlags: ["-shared", library, framework, ...link],
      output: unproven,
    });
    if (compiled.code !== 0) {
      line.failed();
      throw failure("The TensorFlow binding", compiled.output);
    }
    linkTo(unproven);
    const tried = await run(process.execPath, ["-e", proof, path.join(root, "lib", "engine", "node-util-shim.cjs")], {
      cwd: root,
    });
    if (tried.code !== 0) {
      line.failed();
      throw failure("The TensorFlow binding", tried.output);
    }
    for (const old of fs.readdirSync(libraryFolder).filter((name) => /^tfjs_binding-\w+\.node$/.test(name)))
      fs.rmSync(path.join(libraryFolder, old));
    fs.renameSync(unproven, addon);
    line.done();
  }
  linkTo(addon);
}

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
