// The compiler's memory after it has read the types of all packages, as a file. TypeScript takes seconds to read them; from
// this snapshot of V8's heap the compiler starts with them in half a second.
const { execFile } = require("node:child_process");
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { promisify } = require("node:util");

const hash = (/** @type {(string | Buffer)[]} */ ...parts) => {
  const digest = createHash("sha256");
  for (const part of parts) digest.update(part);
  return digest.digest("hex").slice(0, 16);
};

/**
 * A snapshot holds for one kind of processor, and one version of Node, of the packages, and of the kernel. Files of the
 * project may change: the compiler reads them again.
 * @param {string} root the project's folder
 * @param {string} folder the notebooks'
 * @returns {string} the path of the snapshot, whether it exists or not
 */
function snapshotFile(root, folder) {
  const kernel = fs.readdirSync(__dirname).filter((name) => /\.c?[tj]s$/.test(name));
  const files = [
    ...kernel.sort().map((name) => path.join(__dirname, name)),
    path.join(root, "tsconfig.json"),
    path.join(root, "node_modules", ".package-lock.json"),
  ];
  const versions = JSON.stringify([process.version, process.arch, os.cpus()[0]?.model]);
  const key = hash(versions, ...files.filter((file) => fs.existsSync(file)).map((file) => fs.readFileSync(file)));
  const name = `compiler-${hash(root, "\n", folder)}-${key}.snapshot`;
  return path.join(root, "node_modules", ".cache", "notebook-kernel", name);
}

/**
 * Makes the snapshot, and removes earlier ones.
 * @param {string} root @param {string} folder
 * @throws if Node cannot make it; the kernel works without
 */
async function makeSnapshot(root, folder) {
  const file = snapshotFile(root, folder);
  const cache = path.dirname(file);
  fs.mkdirSync(cache, { recursive: true });
  const temporary = fs.mkdtempSync(path.join(cache, "making-"));
  try {
    const [script, made] = ["compiler.js", "compiler.snapshot"].map((name) => path.join(temporary, name));
    const typescript = require.resolve("typescript");
    await require("esbuild").build({
      entryPoints: [path.join(__dirname, "snapshot-main.ts")],
      outfile: script,
      bundle: true,
      platform: "node",
      target: `node${process.versions.node}`,
      // TypeScript finds its lib.*.d.ts beside itself
      define: { __filename: JSON.stringify(typescript), __dirname: JSON.stringify(path.dirname(typescript)) },
      logLevel: "silent",
    });
    const args = ["--snapshot-blob", made, "--build-snapshot", script, root, folder];
    await promisify(execFile)(process.execPath, args);
    const mine = path.basename(file).replace(/-\w+[.]snapshot$/, "-");
    for (const name of fs.readdirSync(cache))
      if (name.startsWith(mine)) fs.rmSync(path.join(cache, name), { force: true });
    fs.renameSync(made, file);
  } finally {
    fs.rmSync(temporary, { recursive: true, force: true });
  }
}

module.exports = { snapshotFile, makeSnapshot };
