// Compiles TypeScript for ts-node by esbuild. Starting esbuild takes longer than its work: all files of the kernel, and all
// of lib/, are compiled the first time that one of them is asked for, and kept for the next kernel.
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const writeFileAtomic = require("write-file-atomic");

// an interrupt of the kernel would also end a process of esbuild that waits for work
process.env.ESBUILD_WORKER_THREADS = "0";
const esbuild = require("esbuild");

/** @type {import("esbuild").CommonOptions & { format: "cjs" }} */
const options = {
  format: "cjs",
  platform: "node",
  target: `node${process.versions.node}`,
  sourcemap: "external",
  logLevel: "silent",
  define: {
    "import.meta.dirname": "__dirname",
    "import.meta.filename": "__filename",
    "import.meta.url": "importMetaUrl",
  },
};
const banner = 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href;';

/** @typedef {{ digest: string, outputText: string, sourceMapText: string }} Compiled */

const digestOf = (/** @type {string} */ text) => createHash("sha256").update(text).digest("base64");

/** @param {string} folder @returns {Record<string, Compiled>} by path */
function compileFolder(folder) {
  const files = fs
    .readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.includes("node_modules"))
    .map((name) => path.join(folder, name));
  const settings = {
    ...options,
    banner: { js: banner },
    entryPoints: files,
    outbase: folder,
    outdir: folder,
    write: /** @type {const} */ (false),
  };
  let texts = new Map();
  try {
    texts = new Map(esbuild.buildSync(settings).outputFiles.map((file) => [file.path, file.text]));
  } catch {
    return {}; // one of the files has a syntax error: each is compiled when it is asked for
  }
  return Object.fromEntries(
    files.map((file) => {
      const output = file.replace(/ts$/, "js");
      const sourceMapText = texts.get(`${output}.map`) ?? "";
      const [input] = JSON.parse(sourceMapText).sourcesContent;
      return [file, { digest: digestOf(input ?? ""), outputText: texts.get(output) ?? "", sourceMapText }];
    }),
  );
}

/**
 * A folder's files as they were compiled last, by this process or an earlier one.
 * @param {string} folder
 * @param {string} cache where compiled files are kept
 */
function compiledFolder(folder, cache) {
  const key = digestOf(JSON.stringify([esbuild.version, options, banner, folder]))
    .replace(/\W/g, "")
    .slice(0, 16);
  const store = path.join(cache, `compiled-${key}.json`);
  /** @type {Record<string, Compiled>} */
  let files = {};
  let fresh = false;
  try {
    files = JSON.parse(fs.readFileSync(store, "utf8"));
  } catch {} // there is none
  return (/** @type {string} */ file, /** @type {string} */ input) => {
    const digest = digestOf(input);
    if (files[file]?.digest !== digest && !fresh) {
      fresh = true;
      files = compileFolder(folder);
      try {
        fs.mkdirSync(cache, { recursive: true });
        writeFileAtomic.sync(store, JSON.stringify(files));
      } catch {} // a folder that may not be written to: the next kernel compiles again
    }
    return files[file]?.digest === digest ? files[file] : undefined; // it may have been edited meanwhile
  };
}

/**
 * What ts-node asks of a transpiler.
 * @param {{ service: { config: { options: { configFilePath?: string } } } }} given
 */
exports.create = ({ service }) => {
  const root = path.dirname(String(service.config.options.configFilePath));
  const cache = path.join(root, "node_modules", ".cache", "notebook-kernel");
  const folders = [__dirname, path.join(root, "lib")];
  /** @type {Map<string, ReturnType<typeof compiledFolder>>} */
  const compiled = new Map();
  return {
    /** @param {string} input @param {{ fileName: string }} file */
    transpile(input, { fileName }) {
      const folder = fileName.endsWith(".ts") && folders.find((name) => fileName.startsWith(name + path.sep));
      if (folder) {
        const find = compiled.get(folder) ?? compiledFolder(folder, cache);
        compiled.set(folder, find);
        const found = find(fileName, input);
        if (found) return found;
      }
      const { code, map } = esbuild.transformSync(input, { ...options, banner, loader: "ts", sourcefile: fileName });
      return { outputText: code, sourceMapText: map };
    },
  };
};
