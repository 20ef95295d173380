// Configures Jupyter in the project's Python environment: our kernel and language server, how JupyterLab shows figures,
// and the template and settings that make every HTML export one file that works offline. Files are written only where
// they differ.
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { kernelDisplayName, kernelName, pythonFolder, root } from "./layout.mjs";
import { bundlePlayground } from "./playground.mjs";
import { step } from "./terminal.mjs";

const share = path.join(pythonFolder, "share", "jupyter");
const etc = path.join(pythonFolder, "etc", "jupyter");
const template = "image-denoiser";
const templateFolder = path.join(share, "nbconvert", "templates", template);

/** The Plotly that goes into pages that must work offline. */
export const plotlyFile = path.join(templateFolder, "plotly.min.js");

const labExtension = path.join(share, "labextensions", "image-denoiser");
const plotlyOfLab = path.join(labExtension, "static", "plotly.min.js");

/** @param {string} file @param {string | Buffer} content */
function write(file, content) {
  if (fs.existsSync(file) && fs.readFileSync(file).equals(Buffer.from(content))) return;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(`${file}.part`, content);
  fs.renameSync(`${file}.part`, file);
}

/** @param {unknown} value */
const json = (value) => `${JSON.stringify(value, null, 2)}\n`;

function kernelSpecification() {
  const engine = path.join(root, "lib", "engine", "node-util-shim.cjs");
  const notebook = path.join(root, "lib", "notebook");
  const launcher = path.join(notebook, "kernel", "launch.cjs");
  const specification = {
    argv: [process.execPath, "--require", engine, launcher, "{connection_file}", path.join(notebook, "values.ts")],
    display_name: kernelDisplayName,
    language: "typescript",
    interrupt_mode: "signal",
  };
  write(path.join(share, "kernels", kernelName, "kernel.json"), json(specification));
}

/** Our language server underlines errors in cells; no other one that is installed on the machine is started. */
const languageServer = () => ({
  autodetect: false,
  language_servers: {
    [kernelName]: {
      version: 2,
      argv: [
        process.execPath,
        "--require",
        path.join(root, "node_modules", "ts-node", "register"),
        path.join(root, "lib", "notebook", "kernel", "language-server", "main.ts"),
      ],
      display_name: kernelDisplayName,
      languages: ["typescript"],
      mime_types: ["text/typescript"],
      requires_documents_on_disk: false, // what it is sent has the notebook's own path, so that "../lib" is found
    },
  },
});

/** JupyterLab's export menu reads the server's configuration, `jupyter nbconvert` its own: both get the same. */
function exportConfiguration() {
  const priority = [
    "application/vnd.image-denoiser.playground+json",
    "application/vnd.plotly.v1+json",
    "text/html",
    "text/markdown",
    "image/svg+xml",
    "text/latex",
    "image/png",
    "image/jpeg",
    "text/plain",
  ];
  const settings = {
    HTMLExporter: { template_name: template, embed_images: true },
    NbConvertBase: { display_data_priority: priority },
  };
  write(path.join(etc, "jupyter_nbconvert_config.json"), json(settings));
  write(path.join(etc, "jupyter_server_config.json"), json({ ...settings, LanguageServerManager: languageServer() }));
  const sanitizer = fs.readFileSync(path.join(root, "setup", "jupyter_config.py"));
  write(path.join(etc, "jupyter_nbconvert_config.py"), sanitizer);
  write(path.join(etc, "jupyter_server_config.py"), sanitizer);
  const source = path.join(root, "lib", "report", "template");
  for (const name of fs.readdirSync(source))
    write(path.join(templateFolder, name), fs.readFileSync(path.join(source, name)));
}

/**
 * JupyterLab starts without asking whether it may fetch news, and without looking for updates. It keeps all cells in the
 * page: where it only guesses the heights of those that are out of sight, links within a notebook lead to the wrong place.
 */
function labSettings() {
  write(
    path.join(share, "lab", "settings", "overrides.json"),
    json({
      "@jupyterlab/apputils-extension:notification": { fetchNews: "false", checkForUpdates: false },
      "@jupyterlab/notebook-extension:tracker": { windowingMode: "none" },
    }),
  );
}

/** Of what jupyterlab-lsp brings, only the underlined errors: completion and help are the kernel's, as without it. */
function onlyDiagnostics() {
  const others = [
    "completion",
    "highlights",
    "hover",
    "jump_to",
    "rename",
    "signature",
    "symbol",
    "syntax_highlighting",
  ];
  const disabledExtensions = {
    ...Object.fromEntries(others.map((name) => [`@jupyter-lsp/jupyterlab-lsp:${name}`, true])),
    "@jupyterlab/completer-extension:base-service": false, // which jupyterlab-lsp replaces by its own
  };
  write(path.join(etc, "labconfig", "page_config.json"), json({ disabledExtensions }));
}

/** A prebuilt extension of JupyterLab; the Plotly in it is written by `minifiedPlotly`. */
function figuresInJupyterLab() {
  const jupyterlab = { _build: { load: "static/figures.js", mimeExtension: "./figures" }, extension: false };
  write(path.join(labExtension, "package.json"), json({ name: "image-denoiser", version: "0.1.0", jupyterlab }));
  const sources = [
    ["notebook", "jupyterlab", "figures.js"],
    ["report", "template", "draw-figure.js"],
  ];
  for (const source of sources)
    write(path.join(labExtension, "static", source.at(-1) ?? ""), fs.readFileSync(path.join(root, "lib", ...source)));
}

/** plotly.js-dist is 10 MB as published; minified it is half of that, and reports carry it. */
async function minifiedPlotly() {
  const packaged = path.join(root, "node_modules", "plotly.js-dist");
  const { version } = JSON.parse(fs.readFileSync(path.join(packaged, "package.json"), "utf8"));
  const stamp = path.join(templateFolder, "plotly.version");
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, "utf8") === version && fs.existsSync(plotlyOfLab)) return;
  const line = step("Plotly for reports and JupyterLab");
  const esbuild = await import("esbuild");
  const { code } = await esbuild.transform(fs.readFileSync(path.join(packaged, "plotly.js"), "utf8"), {
    minify: true,
    legalComments: "inline",
  });
  write(plotlyFile, code);
  write(plotlyOfLab, code);
  write(stamp, version);
  line.done();
}

/** The playground's script, for reports and for JupyterLab; made again when one of the files that it was made of changes. */
async function playground() {
  const files = [templateFolder, path.join(labExtension, "static")].map((folder) => path.join(folder, "playground.js"));
  const stamp = path.join(templateFolder, "playground.inputs.json");
  /** @param {string[]} inputs */
  const state = (inputs) => {
    const hash = createHash("sha256");
    for (const input of inputs)
      hash.update(fs.existsSync(path.join(root, input)) ? fs.readFileSync(path.join(root, input)) : "");
    return json({ digest: hash.digest("hex"), inputs });
  };
  if (files.every((file) => fs.existsSync(file)) && fs.existsSync(stamp)) {
    const written = fs.readFileSync(stamp, "utf8");
    if (written === state(JSON.parse(written).inputs)) return;
  }
  const line = step("Playground for reports and JupyterLab");
  const { code, inputs } = await bundlePlayground();
  for (const file of files) write(file, code);
  write(stamp, state([...inputs, "setup/playground.mjs"]));
  line.done();
}

export async function jupyter() {
  kernelSpecification();
  exportConfiguration();
  labSettings();
  onlyDiagnostics();
  figuresInJupyterLab();
  await minifiedPlotly();
  await playground();
}
