// The runs in runs/, for people: a list, two side by side, and what deleting means.
import fs from "node:fs";
import path from "node:path";
import { UserError } from "../../setup/terminal.mjs";
import { listed } from "./arguments.mjs";
import { bootstraps, runModule, scoreTables, tables, testImages } from "./library.mjs";
import { executedFile, notebooks, reportFile } from "./paths.mjs";

/** @typedef {import("../../lib/evaluation/runs.js").Run} Run */
/** @typedef {import("../../lib/evaluation/results.js").Results} Results */

/**
 * @param {string} name or a part of it
 * @param {Run[]} runs
 * @returns {Run}
 * @throws {UserError} when there is no such run, or more than one
 */
export function namedRun(name, runs) {
  const exact = runs.find((run) => run.name === name);
  const found = exact ? [exact] : runs.filter((run) => run.name.includes(name));
  if (found.length === 1) return found[0];
  if (found.length === 0) throw new UserError(`There is no run "${name}" in runs/; \`npm run runs\` lists them.`);
  throw new UserError(`"${name}" is part of several runs' names:\n  ${found.map((run) => run.name).join("\n  ")}`);
}

/** @param {Run[]} runs the newest first @param {string} output the folder of runs/ and results/ */
export function listText(runs, output) {
  if (runs.length === 0) return "There are no runs yet: `npm start` runs the notebooks.";
  const copied = notebooks.map((name) => runModule().resultsIn(output, name)?.run);
  const rows = runs.map((run) => {
    const { results, name } = run;
    const size = megabytes(sizeOf(run.folder));
    if (!results) return [name, "", "", "", size, "unfinished"];
    const { psnr, ssim } = results.test.denoised;
    const minutes = (results.seconds.total / 60).toFixed(1);
    const state = [copied.includes(name) ? "in results/" : "", lacksReport(run) ? "no report" : ""];
    return [name, psnr.mean.toFixed(2), ssim.mean.toFixed(4), minutes, size, state.filter(Boolean).join(", ")];
  });
  const table = tables().tableText({ columns: ["run", "PSNR, dB", "SSIM", "minutes", "size", "state"], rows });
  const total = megabytes(runs.reduce((sum, { folder }) => sum + sizeOf(folder), 0));
  return `${table}\n\n${counted(runs)}, ${total}. Compare, copy to results/ or delete: npm run runs -- --help`;
}

/**
 * Whether `npm start` was ended between the notebook and its report.
 * @param {Run} run
 */
const lacksReport = ({ folder, notebook }) =>
  fs.existsSync(executedFile(notebook, folder)) && !fs.existsSync(reportFile(notebook, folder));

/** @param {Run[]} runs */
const counted = (runs) => (runs.length === 1 ? "1 run" : `${runs.length} runs`);

/** @param {number} bytes */
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

/** @param {string} folder @returns {number} bytes of its files */
function sizeOf(folder) {
  const names = /** @type {string[]} */ (fs.readdirSync(folder, { recursive: true }));
  const sizes = names.map((name) => fs.statSync(path.join(folder, name), { throwIfNoEntry: false })?.size ?? 0);
  return sizes.reduce((sum, size) => sum + size, 0);
}

/**
 * Two runs side by side: the parameters that differ, and the scores; differences image by image only where both were
 * scored on the same noisy images.
 * @param {Run} a
 * @param {Run} b
 */
export function comparisonText(a, b) {
  const [first, second] = [a, b].map(({ name, results }) => {
    if (!results) throw new UserError(`"${name}" is unfinished: it has no results to compare.`);
    return results;
  });
  const same = testImages().sameTestImages(first, second);
  const table = tables().tableText({
    columns: ["what differs, and scores", "A", "B"],
    rows: [...differentParameters(first, second), ...scoreRows(first, second)],
  });
  return [`A: ${a.name}\nB: ${b.name}`, table, same ? pairedText(a, b) : differentImages].join("\n\n");
}

const differentImages =
  "A and B were scored on different noisy images: their scores are not comparable, and there are no differences image by image.";

/** @param {Results} a @param {Results} b @returns {string[][]} */
function differentParameters(a, b) {
  const names = new Set([...Object.keys(a.parameters), ...Object.keys(b.parameters)]);
  return [...names]
    .map((name) => [name, String(a.parameters[name] ?? ""), String(b.parameters[name] ?? "")])
    .filter(([, own, other]) => own !== other);
}

/** @param {Results} a @param {Results} b @returns {string[][]} */
function scoreRows(a, b) {
  const { formatInterval } = scoreTables();
  /** @type {[string, (results: Results) => string][]} */
  const rows = [
    ["noisy images: PSNR, dB", ({ test }) => formatInterval(test.noisy.psnr, 2)],
    ["PSNR, dB (95 % interval)", ({ test }) => formatInterval(test.denoised.psnr, 2)],
    ["SSIM (95 % interval)", ({ test }) => formatInterval(test.denoised.ssim, 4)],
    ["weights", ({ modelParameters }) => modelParameters.toLocaleString("en-US")],
    ["epochs trained", ({ history }) => String(history.length)],
    ["training, minutes", ({ seconds }) => (seconds.training / 60).toFixed(1)],
    ["machine", ({ machine }) => (machine ? `${machine.cores} cores, ${machine.cpu}` : "")],
  ];
  return rows.map(([name, value]) => [name, value(a), value(b)]);
}

/** @param {Run} a @param {Run} b both scored on the same noisy images */
function pairedText(a, b) {
  const [own, other] = [a, b].map(runModule().readImageScores);
  if (!own || !other) return "The scores of each image were not kept in both runs: no differences image by image.";
  const { pairedDifference } = bootstraps();
  const difference = (/** @type {"psnr" | "ssim" | "imageSsim"} */ metric) =>
    pairedDifference(other[metric], own[metric]);
  const scores = { psnr: difference("psnr"), ssim: difference("ssim"), imageSsim: difference("imageSsim") };
  const table = tables().tableText(scoreTables().differenceTable([{ name: "B − A", scores }]));
  return `${table}\n\nMean differences on the same noisy images. Where an interval excludes 0, one of the two models is better.`;
}

/**
 * What goes and what stays, in sentences.
 * @param {Run[]} chosen
 * @param {Run[]} runs all of them
 * @param {string} output the folder of runs/ and results/
 */
export function whatDeletingMeans(chosen, runs, output) {
  const lines = chosen.flatMap(({ name, folder, notebook, results }) => {
    const usedBy = runs.filter(
      (run) =>
        !chosen.some((one) => one.name === run.name) && run.results?.test.methods?.some((row) => row.run === name),
    );
    return [
      `${name} (${megabytes(sizeOf(folder))}${results ? "" : ", unfinished: it may still be running"})`,
      ...(usedBy.length > 0
        ? [
            `  ${listed(
              usedBy.map((run) => `"${run.name}"`),
              "and",
            )} compared its model with this one's, and keeps the scores.`,
          ]
        : []),
      ...(runModule().resultsIn(output, notebook)?.run === name
        ? ["  reports/, models/ and results/ hold a copy, which stays."]
        : []),
    ];
  });
  return lines.join("\n");
}

/** @param {Run[]} runs each is gone for the list at once, whatever happens while its files are removed */
export function deleteRuns(runs) {
  for (const { folder, name } of runs) {
    const leaving = path.join(path.dirname(folder), `.deleted ${name}`);
    fs.rmSync(leaving, { recursive: true, force: true }); // of an earlier, interrupted attempt
    fs.renameSync(folder, leaving);
    fs.rmSync(leaving, { recursive: true });
  }
}
