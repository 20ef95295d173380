// Compiles TypeScript for ts-node by esbuild. Starting esbuild takes longer than its work: all files of the kernel, and all
// of lib/, are compiled the first time that one of them is asked for.
const fs = require("node:fs");
const path = require("node:path");

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

/** @param {string} folder @returns {Map<string, { input: string, outputText: string, sourceMapText: string }>} */
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
    return new Map(); // one of the files has a syntax error: each is compiled when it is asked for
  }
  return new Map(
    files.map((file) => {
      const output = file.replace(/ts$/, "js");
      const sourceMapText = texts.get(`${output}.map`) ?? "";
      const [input] = JSON.parse(sourceMapText).sourcesContent;
      return [file, { input, outputText: texts.get(output) ?? "", sourceMapText }];
    }),
  );
}

/**
 * What ts-node asks of a transpiler.
 * @param {{ service: { config: { options: { configFilePath?: string } } } }} given
 */
exports.create = ({ service }) => {
  const lib = path.join(path.dirname(String(service.config.options.configFilePath)), "lib");
  const folders = [__dirname, lib];
  /** @type {Map<string, ReturnType<typeof compileFolder>>} */
  const compiled = new Map();
  return {
    /** @param {string} input @param {{ fileName: string }} file */
    transpile(input, { fileName }) {
      const folder = folders.find((name) => fileName.startsWith(name + path.sep));
      if (folder) {
        const files = compiled.get(folder) ?? compileFolder(folder);
        compiled.set(folder, files);
        const found = files.get(fileName);
        if (found?.input === input) return found; // otherwise it was edited meanwhile
      }
      const { code, map } = esbuild.transformSync(input, { ...options, banner, loader: "ts", sourcefile: fileName });
      return { outputText: code, sourceMapText: map };
    },
  };
};
