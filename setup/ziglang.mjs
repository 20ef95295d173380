// A C++ compiler from PyPI, for systems that have none: the package ziglang holds Clang, its standard library and headers.
// compiler-requirements.txt is made from compiler-requirements.in:
//   uv pip compile --universal --python-version 3.10 --generate-hashes --no-header compiler-requirements.in -o compiler-requirements.txt
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { python, root, setupFolder } from "./layout.mjs";
import { failure, run } from "./run.mjs";
import { step } from "./terminal.mjs";

const requirements = path.join(root, "setup", "compiler-requirements.txt");
const pinned = fs.readFileSync(requirements, "utf8");
const version = /^ziglang==(\S+)/m.exec(pinned)?.[1];

/** Named after what is in it: another version is another folder. */
const folder = path.join(setupFolder, "ziglang", createHash("sha256").update(pinned).digest("hex").slice(0, 12));

/** The command of its C++ compiler. */
export const zig = [path.join(folder, "ziglang", "zig"), "c++"];

/** Bytes on disk: the package, what it keeps of its own, and the download. */
export const zigSize = 0.7e9;

export const zigInstalled = () => fs.existsSync(folder);

/**
 * It keeps the compiled standard library, beside itself instead of in the home folder.
 * @returns {NodeJS.ProcessEnv}
 */
export const zigEnvironment = () => ({
  ...process.env,
  ZIG_GLOBAL_CACHE_DIR: path.join(setupFolder, "ziglang", "cache"),
  ZIG_LOCAL_CACHE_DIR: path.join(setupFolder, "ziglang", "cache"),
});

/** Installs it, with the pip of the project's Python environment. */
export async function installZig() {
  const line = step(`C++ compiler (none was found here: the one of ziglang ${version}, 100 MB from PyPI)`);
  const unfinished = `${folder}.part`;
  try {
    fs.rmSync(path.dirname(folder), { recursive: true, force: true }); // also that of another version
    const flags = ["--no-input", "--no-cache-dir", "--disable-pip-version-check", "--progress-bar=off"];
    const args = ["-m", "pip", "install", ...flags, "--require-hashes", "-r", requirements, "--target", unfinished];
    const { code, output } = await run(python, args);
    if (code !== 0) throw failure("The C++ compiler", output);
    fs.renameSync(unfinished, folder);
  } catch (error) {
    line.failed();
    throw error;
  }
  line.done();
}
