// The TensorFlow library and its C headers, out of the pinned wheel on PyPI: tfjs-node's own installer asks a host that
// no longer has the files. They are made under another name and renamed when whole, so an interrupted run leaves nothing
// half-done.
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { tensorflowFolder } from "./layout.mjs";
import { megabytes, step } from "./terminal.mjs";
import { unpackWheel } from "./wheel.mjs";

export const version = "2.21.0";

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
export const libraryFolder = path.join(
  tensorflowFolder,
  `${version}-${process.platform}-${process.arch}-${createHash("sha256").update(headers.join()).digest("hex").slice(0, 8)}`,
);

const target = targets[`${process.platform}-${process.arch}`];

/** Their paths. */
export const libraries = () => target.libraries.map((name) => path.join(libraryFolder, "lib", name));

async function make() {
  const { wheel, platform, sha256 } = target;
  const line = step("TensorFlow library");
  const unfinished = `${libraryFolder}.part`;
  try {
    fs.rmSync(unfinished, { recursive: true, force: true });
    fs.mkdirSync(unfinished, { recursive: true });
    let shown = -1;
    const members = Object.fromEntries([
      ...target.libraries.map((name) => [`tensorflow/${name}`, `lib/${name}`]),
      ...headers.map((name) => [`tensorflow/include/${name}`, `include/${name}`]),
    ]);
    await unpackWheel({ requirement: `${wheel}==${version}`, platform, sha256 }, members, unfinished, {
      what: "The TensorFlow library",
      onProgress(received, size) {
        const percent = Math.floor((100 * received) / size);
        if (percent < shown + (process.stdout.isTTY ? 1 : 25)) return;
        shown = percent;
        line.progress(`downloading, ${percent} % of ${megabytes(size)}`);
      },
      onDownloaded: () => line.progress("unpacking"),
    });
    for (const old of fs.readdirSync(tensorflowFolder).filter((name) => name !== path.basename(unfinished)))
      fs.rmSync(path.join(tensorflowFolder, old), { recursive: true });
    fs.renameSync(unfinished, libraryFolder);
  } catch (error) {
    line.failed();
    throw error;
  }
  line.done();
}

/** @type {import("./prerequisites.mjs").Part} */
export const tensorflowLibrary = {
  isComplete: () => fs.existsSync(libraryFolder),
  size: 1.4e9, // of which 0.5 GB are free again when it is unpacked
  needs: ["Python", "PyPI"],
  make,
};
