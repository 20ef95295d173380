// What --keep does: puts results where readers find them, in docs/ and the README, all together or not at all.
import fs from "node:fs";
import path from "node:path";
import { documentText } from "../../bench/record.mjs";
import { UserError } from "../../setup/terminal.mjs";
import { documentWith } from "./documents.mjs";
import { readExecuted } from "./executed-notebook.mjs";
import { replaceTogether } from "./files.mjs";
import { finalTables } from "./final-table.mjs";
import { machines, runModule, tables } from "./library.mjs";
import { digitNotebooks, executedFile, resultsFile } from "./paths.mjs";
import { readResults } from "./results.mjs";

/** @typedef {import("../../bench/compare.mjs").Comparison} Comparison */
/** @typedef {import("../../bench/record.mjs").BenchRecord} BenchRecord */

/** @param {string} name */
const resultsPath = (name) => `docs/results/${name}.json`;
/** @param {string} name */
const imagePath = (name) => `docs/images/${name}.svg`;

/**
 * The cells whose figures are kept, of notebooks that have others than the rest.
 * @type {Record<string, string[]>}
 */
const figures = { noise: ["levels", "pictures", "residual"] };

/**
 * The committed notebooks, their figures and numbers, and the README's table come from full runs, by this.
 * @param {string[]} names of notebooks that have been run
 * @param {{ output: string, project: string }} folders where their results are; of docs/, notebooks/ and README.md
 */
export function publishNotebooks(names, { output, project }) {
  /** @type {Map<string, string>} */
  const files = new Map();
  for (const name of names) {
    const notebook = readExecuted(executedFile(name, output));
    files.set(resultsPath(name), fs.readFileSync(resultsFile(name, output), "utf8"));
    files.set(`notebooks/${name}.ipynb`, notebook.withoutTracesOfPapermill());
    for (const id of figures[name] ?? ["training", "pictures"]) {
      const [svg] = notebook.figures(id);
      if (!svg) throw new UserError(`notebooks/${name}.ipynb: no figure below its cell "${id}". Nothing was kept.`);
      files.set(imagePath(`${name}-${id}`), svg);
    }
  }
  const kept = (/** @type {string} */ name) => runModule().resultsIn(path.join(project, "docs"), name) ?? [];
  for (const [command, together] of /** @type {[string, string[]][]} */ ([
    ["npm start -- --keep", digitNotebooks],
    ["npm start -- --notebook noise --keep", ["noise"]],
    ["npm start -- --notebook photos --keep", ["photos"]],
  ])) {
    if (!together.some((name) => names.includes(name))) continue;
    const [table, ...others] = finalTables(
      together.flatMap((name) => (names.includes(name) ? readResults(name, output) : kept(name))),
    );
    if (others.length > 0)
      throw new UserError(
        "Nothing was kept: the results of the other notebook in docs/results were measured on other noisy images, and one table would compare them. `npm start -- --keep` runs both.",
      );
    files.set(...documentWith(project, command, tables().tableMarkdown(table)));
  }
  replaceTogether(project, files);
}

/**
 * @param {string} name of the study, and of its files
 * @param {import("../../studies/study.js").StudyAnswer} answer
 * @param {string} project the folder of docs/ and README.md
 */
export function publishStudy(name, { result, table, images = {} }, project) {
  const command = `npm run study -- ${name} --keep`;
  const files = new Map([[resultsPath(name), `${JSON.stringify({ ...about(command), ...result }, null, 1)}\n`]]);
  for (const [image, svg] of Object.entries(images)) files.set(imagePath(image), svg);
  files.set(...documentWith(project, command, tables().tableMarkdown(table)));
  replaceTogether(project, files);
}

/**
 * Results of one processor replace older ones of the same only. Those with all instructions that this processor has are
 * also the newest of the whole project.
 * @param {"bench" | "time-to-quality"} name
 * @param {string} command that remakes the results
 * @param {Comparison[]} comparisons
 * @param {{ versions: Record<string, string>, restricted: boolean }} measured versions of what was measured; whether with
 *   fewer instructions than the processor has
 * @param {string} project the folder of docs/ and README.md
 */
export function publishBench(name, command, comparisons, { versions, restricted }, project) {
  const measured = { ...about(command), versions };
  const records = comparisons.map((comparison) => ({ ...comparison, ...measured }));
  const own = `${benchFolder}/${processorName(records[0])}.json`;
  const files = new Map(restricted ? [] : [[resultsPath(name), benchText(records)]]);
  const others = benchRecords(own, project).filter((old) => !records.some((record) => record.name === old.name));
  const processors = new Map(benchFiles(project).map((file) => [file, benchRecords(file, project)]));
  processors.set(own, [...others, ...records]);
  files.set(own, benchText([...others, ...records]));
  const document = documentWith(project, "npm run bench -- --keep", (link) =>
    [...processors]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([file, all]) => documentText(all, link(file)))
      .join("\n\n"),
  );
  files.set(...document);
  replaceTogether(project, files);
}

/** A file for each processor and instruction set. */
const benchFolder = "docs/results/bench";

/** @param {string} project @returns {string[]} */
function benchFiles(project) {
  const folder = path.join(project, benchFolder);
  return fs.existsSync(folder) ? fs.readdirSync(folder).map((name) => `${benchFolder}/${name}`) : [];
}

/** @param {BenchRecord} record @returns {string} "2-cores-amd-epyc-processor-linux-avx2" */
const processorName = ({ machine, instructions = "" }) =>
  `${machine} ${instructions}`
    .replace(/\((R|TM)\)/gi, "")
    .toLowerCase()
    .match(/[a-z0-9.]+/g)
    ?.join("-") ?? "unknown";

/** @param {BenchRecord[]} records */
const benchText = (records) => `[\n${records.map((record) => JSON.stringify(record)).join(",\n")}\n]\n`;

/** @param {string} file @param {string} project @returns {BenchRecord[]} those kept before */
function benchRecords(file, project) {
  const kept = path.join(project, file);
  return fs.existsSync(kept) ? JSON.parse(fs.readFileSync(kept, "utf8")) : [];
}

/**
 * @param {string} command that remakes the results
 * @returns {{ command: string, date: string, machine: string }}
 */
function about(command) {
  const { cores, cpu, os } = machines().machine();
  return { command, date: new Date().toISOString().slice(0, 10), machine: `${cores} cores, ${cpu}, ${os}` };
}
