// Runs notebooks with papermill, shows the training in the terminal, and exports reports with nbconvert.
import { spawn } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { jupyterEnvironment, python, root } from "../setup/layout.mjs";
import { run } from "../setup/run.mjs";
import { SetupError } from "../setup/terminal.mjs";

/** In the order in which they run: the second compares itself with the first. */
export const notebooks = ["simple-autoencoder", "unet"];

/** As in lib/report/results: where reports, results and models are written. */
export const output = process.env.IMAGE_DENOISER_OUTPUT ?? root;
const reports = path.join(output, "reports");

/** @param {string} name @returns {string} the executed copy of that notebook */
export const executed = (name) => path.join(reports, `${name}.ipynb`);

/**
 * Runs a notebook top to bottom into `reports/<name>.ipynb`.
 * @param {string} name
 * @param {[string, string][]} parameters names and values for its parameters cell
 * @throws {SetupError} that names the failing cell
 */
export async function execute(name, parameters) {
  fs.mkdirSync(reports, { recursive: true });
  const set = parameters.flatMap(([parameter, value]) => ["-p", parameter, value]);
  const args = [
    "-m",
    "papermill",
    "--no-progress-bar",
    "--cwd",
    path.join(root, "notebooks"),
    ...set,
    path.join(root, "notebooks", `${name}.ipynb`),
    executed(name),
  ];
  const child = spawn(python, args, {
    cwd: root,
    env: { ...jupyterEnvironment(), IMAGE_DENOISER_PROGRESS: "1" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const show = trainingDisplay();
  let printed = "";
  let rest = "";
  child.stderr.on("data", (/** @type {Buffer} */ chunk) => {
    const lines = (rest + chunk.toString()).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const at = line.indexOf("\x1e");
      if (at >= 0) show.event(JSON.parse(line.slice(at + 1)));
      else printed = `${printed}${line}\n`.slice(-20_000);
    }
  });
  let stopped = false;
  const stop = () => {
    stopped = true;
    child.kill("SIGINT");
  };
  process.once("SIGINT", stop);
  const code = await new Promise((resolve) => {
    child.on("close", resolve);
    child.on("error", () => resolve(null));
  });
  process.off("SIGINT", stop);
  show.end();
  if (stopped) throw new SetupError(`Stopped. The notebook as far as it ran: ${path.relative(root, executed(name))}`);
  if (code !== 0) throw new SetupError(failureOf(name, printed));
}

/**
 * papermill prints which cell failed and why; its own stack is of no interest.
 * @param {string} name
 * @param {string} printed
 */
function failureOf(name, printed) {
  const where = /Exception encountered at "(In \[\d+\])"/.exec(printed)?.[1];
  const from = printed.indexOf("-".repeat(40));
  const why =
    from >= 0 ? printed.slice(from).replace(/^-+\n/, "").trim() : printed.trim().split("\n").slice(-12).join("\n");
  return `notebooks/${name}.ipynb failed${where ? ` in cell ${where}` : ""}:\n${why}\nThe notebook as far as it ran: ${path.relative(root, executed(name))}`;
}

/** The display that scripts have: a bar on a terminal, and a line an epoch. */
function trainingDisplay() {
  const require = createRequire(import.meta.url);
  require("ts-node").register({ cwd: root });
  const { progressDisplay } = /** @type {typeof import("../lib/training/terminal-progress.js")} */ (
    require("../lib/training/terminal-progress")
  );
  const display = progressDisplay(process.stdout);
  return {
    /** @param {any} event what lib/notebook/live-training reports */
    event: ({ ended, ...now }) => (ended ? display.epoch(ended) : display.batch(now)),
    end: display.end,
  };
}

/**
 * Exports an executed notebook to one HTML file.
 * @param {string} source the notebook file
 * @param {string} name of the report
 * @returns {Promise<string>} the report's path
 */
export async function exportReport(source, name) {
  fs.mkdirSync(reports, { recursive: true });
  const report = path.join(reports, `${name}.html`);
  const unfinished = path.join(reports, `${name}.part.html`);
  const { code, output } = await run(python, ["-m", "nbconvert", "--to", "html", "--output", unfinished, source], {
    cwd: root,
    env: jupyterEnvironment(),
  });
  if (code !== 0)
    throw new SetupError(
      `${path.relative(root, source)} could not be exported:\n${output.trim().split("\n").slice(-8).join("\n")}`,
    );
  fs.renameSync(unfinished, report);
  return report;
}

/**
 * @param {string} file an executed notebook
 */
export function readNotebook(file) {
  const notebook = JSON.parse(fs.readFileSync(file, "utf8"));
  return {
    /**
     * The still pictures below a cell, as SVG.
     * @param {string} id the cell's
     * @returns {string[]}
     */
    stills(id) {
      /** @type {{ data?: Record<string, string | string[]> }[]} */
      const outputs = notebook.cells.find((/** @type {{ id: string }} */ cell) => cell.id === id)?.outputs ?? [];
      return outputs.flatMap(({ data }) => {
        const html = [data?.["text/html"] ?? ""].flat().join("");
        const encoded = /data:image\/svg\+xml;base64,([^"]+)/.exec(html)?.[1];
        return encoded ? [Buffer.from(encoded, "base64").toString()] : [];
      });
    },
    /** The notebook without what papermill wrote into it: times and paths of this machine. */
    withoutRunnersTraces() {
      delete notebook.metadata.papermill;
      for (const cell of notebook.cells) {
        delete cell.metadata.papermill;
        delete cell.metadata.execution;
        if (cell.metadata.tags?.length === 0) delete cell.metadata.tags;
      }
      return `${JSON.stringify(notebook, null, 1)}\n`;
    },
  };
}
