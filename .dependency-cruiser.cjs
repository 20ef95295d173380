// Which file may import which. `npm run lint:imports` checks it, and so does `npm test`.

/** The folders of lib/ (or single files), each of which may import only from those after it. */
const folders = [
  "notebook",
  "report",
  "figures",
  "evaluation",
  "training",
  "inference",
  "classical",
  "metrics",
  "models",
  "noise",
  "data",
  "engine",
];

/** Modules at the bottom of lib/ that every folder but the engine and the kernel may import. */
const base = ["random", "checks", "numbers"];

/** Folders that could be packages of their own: they import nothing else of the project. */
const standalone = ["lib/engine", "lib/notebook/kernel"];

/** @param {string[]} names of folders of lib/, or of files there */
const pathsOf = (names) => `^lib/(${names.join("|")})(/|[.]ts$)`;

const projectFolders = "^(lib|commands|setup|bench|studies|examples|test)/";

/**
 * Where programs begin: the public API, what notebooks import, what the kernel loads by its path, the language
 * server, and everything outside lib/; scripts of pages.
 */
const entrances =
  "^(lib/(notebook/)?index[.]ts$|lib/notebook/(kernel/((launch|launch-compiler|main|transpiler|watcher)[.]cjs|snapshot-main[.]ts|language-server/main[.]ts)|values[.]ts|jupyterlab/figures[.]js)$|lib/report/template/|lib/report/playground/page/(main[.]tsx|(worker|node|engine|tensorflow|files[.]d)[.]ts)$|(commands|setup|bench|studies|examples)/)";

/** @type {import("dependency-cruiser").IForbiddenRuleType[]} */
const forbidden = [
  ...folders.slice(1).map((name, i) => ({
    name: `direction-${name}`,
    comment: `lib/${name} may import only from the folders below it: ${folders.slice(i + 2).join(", ") || "none"}.`,
    severity: /** @type {const} */ ("error"),
    from: { path: pathsOf([name]) },
    to: { path: pathsOf(folders.slice(0, i + 1)) },
  })),
  {
    name: "base-imports-nothing",
    comment: "lib/random.ts, lib/checks.ts and lib/numbers.ts stand below all folders, so they import none of them.",
    severity: "error",
    from: { path: pathsOf(base) },
    to: { path: pathsOf(folders) },
  },
  ...standalone.map((folder) => ({
    name: `standalone-${folder.split("/").at(-1)}`,
    comment: `${folder} imports nothing from the rest of the project.`,
    severity: /** @type {const} */ ("error"),
    from: { path: `^${folder}/` },
    to: { path: projectFolders, pathNot: `^${folder}/` },
  })),
  {
    name: "engine-entrance",
    comment: "Outside lib/engine, import from lib/engine/index.ts only; tests may look inside.",
    severity: "error",
    from: { pathNot: "^(lib/engine|test)/" },
    to: { path: "^lib/engine/.*[.](ts|cjs)$", pathNot: "^lib/engine/index[.]ts$" },
  },
  {
    name: "lib-stands-alone",
    comment: "lib/ never imports commands, set-up, benchmarks, studies, examples or tests.",
    severity: "error",
    from: { path: "^lib/" },
    to: { path: "^(commands|setup|bench|studies|examples|test)/" },
  },
  {
    name: "lib-not-through-its-index",
    comment: "Files in lib/ import the file that defines a name; lib/index.ts is for users.",
    severity: "error",
    from: { path: "^lib/" },
    to: { path: "^lib/index[.]ts$" },
  },
  {
    name: "no-cycles",
    comment: "No file may import itself through others.",
    severity: "error",
    from: {},
    to: { circular: true },
  },
  {
    name: "no-unresolvable",
    comment: "An import must lead to a file or to an installed package.",
    severity: "error",
    from: {},
    to: { couldNotResolve: true, pathNot: "^worker-source$" }, // which bundling makes
  },
  {
    name: "no-unused-module",
    comment:
      "Each file of lib/ is used by the public API, the notebooks, the kernel, a command, a benchmark or a study.",
    severity: "error",
    from: { path: entrances },
    to: { path: "^lib/", pathNot: entrances, reachable: false },
  },
];

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden,
  options: {
    doNotFollow: { path: "^node_modules/" },
    exclude: { path: "^([.]setup|docs|results|models|reports|sweeps|test/artefacts)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "require", "node", "default"] },
  },
};
