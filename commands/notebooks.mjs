// Runs notebooks with papermill, shows the training in the terminal, and exports reports with nbconvert.
import { spawn } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { jupyterEnvironment, python, root } from "../setup/layout.mjs";
import { run } from "../setup/run.mjs";
import { UserError } from "../setup/terminal.mjs";

/** @typedef {import("./parameters.mjs").Value} Value */

/** In the order in which they run: the second compares itself with the first. */
export const notebooks = ["simple-autoencoder", "unet"];

/** As in lib/evaluation/results: where reports, results and models are written. */
export const output = path.resolve(process.env.IMAGE_DENOISER_OUTPUT ?? root);

/** @param {string} folder */
const reportsIn = (folder) => path.join(folder, "reports");

/** @param {string} name @param {string} [folder] @returns {string} the executed copy of that notebook */
export const executed = (name, folder = output) => path.join(reportsIn(folder), `${name}.ipynb`);

/** Somebody pressed Ctrl-C. */
export class Stopped extends UserError {}

/**
 * Runs a notebook top to bottom into `reports/<name>.ipynb`.
 * @param {string} name
 * @param {[string, Value][]} parameters names and values for its parameters cell
 * @param {string} [folder] where reports, results and models go
 * @throws {UserError} that names the failing cell
 */
export async function execute(name, parameters, folder = output) {
  fs.mkdirSync(reportsIn(folder), { recursive: true });
  const set = parameters.flatMap(([parameter, value]) => ["-p", parameter, asPython(value)]);
  const args = [
    "-m",
    "papermill",
    "--no-progress-bar",
    "--cwd",
    path.join(root, "notebooks"),
    ...set,
    path.join(root, "notebooks", `${name}.ipynb`),
    executed(name, folder),
  ];
  const child = spawn(python, args, {
    cwd: root,
    env: { ...jupyterEnvironment(), IMAGE_DENOISER_PROGRESS: "1", IMAGE_DENOISER_OUTPUT: folder },
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
  const asFarAsItRan = `The notebook as far as it ran: ${path.relative(root, executed(name, folder))}`;
  if (stopped) throw new Stopped(`Stopped. ${asFarAsItRan}`);
  if (code !== 0) throw new UserError(`${failureOf(name, printed)}\n${asFarAsItRan}`);
}

/** @param {Value} value as papermill reads it */
const asPython = (value) => (typeof value === "boolean" ? (value ? "True" : "False") : String(value));

/**
 * papermill prints which cell failed and why; its own stack is of no interest.
 * @param {string} name
 * @param {string} printed
 */
function failureOf(name, printed) {
  const where = /Exception encountered at "(In \[\d+\])"/.exec(printed)?.[1];
  const from = printed.indexOf("-".repeat(40));
  const why =
    from >= 0
      ? printed
          .slice(from)
          .replace(/^(-+|Exception encountered at .*)\n/gm, "")
          .trim()
      : printed.trim().split("\n").slice(-12).join("\n");
  return `notebooks/${name}.ipynb failed${where ? ` in cell ${where}` : ""}:\n${why}`;
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
 * @param {string} [folder] where reports go
 * @returns {Promise<string>} the report's path
 */
export async function exportReport(source, name, folder = output) {
  const reports = reportsIn(folder);
  fs.mkdirSync(reports, { recursive: true });
  const report = path.join(reports, `${name}.html`);
  const unfinished = path.join(reports, `${name}.part.html`);
  const { code, output: printed } = await run(
    python,
    ["-m", "nbconvert", "--to", "html", "--output", unfinished, source],
    {
      cwd: root,
      env: jupyterEnvironment(),
    },
  );
  if (code !== 0)
    throw new UserError(
      `${path.relative(root, source)} could not be exported:\n${printed.trim().split("\n").slice(-8).join("\n")}`,
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
