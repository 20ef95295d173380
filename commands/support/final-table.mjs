// The table at the end of `npm start` and in the README: scores of runs of both notebooks. What stands in one table was
// measured on the same noisy images.
import { machines, scoreTables, tables, tasks, testImages } from "./library.mjs";

/** @typedef {import("../../lib/evaluation/results.js").Results} Results */
/** @typedef {import("../../lib/evaluation/table.js").Table} Table */
/** @typedef {import("../../lib/evaluation/score-tables.js").ScoreRow} ScoreRow */

/**
 * The models, with what the README of the Keras original says of its own (no intervals; validated on the test set), and
 * the images that they are scored on.
 * @type {Record<string, { name: string, images: string, original?: string }>}
 */
const models = {
  "simple-autoencoder": { name: "simple autoencoder", images: "test digits", original: "19.75 / 0.8637" },
  unet: { name: "U-Net", images: "test digits", original: "20.96 / 0.8371" },
  noise: { name: "U-Net for all levels", images: "test digits, noise not clipped" },
  photos: { name: "U-Net", images: "test pictures" },
};

/**
 * The tables for the terminal, and what is to be known about them.
 * @param {Results[]} runs at least one
 * @param {Results[]} [others] that stand beside them where they were scored on the same noisy images
 */
export function finalText(runs, others = []) {
  const comparable = (/** @type {Results} */ other) => runs.some((run) => testImages().sameTestImages(run, other));
  const found = finalTables([...runs, ...others.filter(comparable)]);
  const kinds = new Set(runs.map(kindOf));
  const leftOut = others
    .filter((other) => !comparable(other) && kinds.has(kindOf(other)))
    .map(
      (other) =>
        `The ${models[other.notebook].name}'s last run (${noiseOf(other)}) is left out: it was scored on other noisy images.`,
    );
  const caution =
    found.length > kinds.size
      ? ["Scores of different tables are not comparable: they were measured on different noisy images."]
      : [];
  return [...found.map(tables().tableText), ...caution, ...leftOut].join("\n\n");
}

/** @param {Results} results @returns {string} of the images that were scored */
const kindOf = ({ notebook }) => models[notebook].images;

/**
 * @param {Results[]} runs at least one
 * @returns {Table[]} one for each set of noisy images
 */
export function finalTables(runs) {
  const order = Object.keys(models);
  const inOrder = [...runs].sort((a, b) => order.indexOf(a.notebook) - order.indexOf(b.notebook));
  const groups = testImages().groupByTestImages(inOrder, (run) => run);
  return groups.map((group) => {
    const others = groups.filter(([first]) => kindOf(first) === kindOf(group[0]));
    return tableOf(group, others.length > 1 ? `, ${noiseOf(group[0])}` : "");
  });
}

/** @param {Results} results @returns {string} what tells its noisy images from others */
function noiseOf({ parameters, seed, date }) {
  return [`sigma ${parameters.sigma}`, `seed ${seed}`, ...(date ? [`run on ${date.slice(0, 10)}`] : [])].join(", ");
}

/**
 * @param {Results[]} runs on the same noisy images
 * @param {string} noise for the heading, where there are several tables
 * @returns {Table}
 */
function tableOf(runs, noise) {
  const { formatInterval } = scoreTables();
  const methods = runs.flatMap(({ test }) => test.methods ?? []);
  const newest = runs[runs.length - 1].parameters;
  const trained = runs.map((results) => {
    const { name, original } = models[results.notebook];
    const { sigma, noiseKind = "gaussian" } = results.parameters;
    const asOriginal = sigma === 0.5 && noiseKind === "gaussian"; // its scores say nothing of other noise
    return {
      name: tasks().nameBeside(name, results.parameters, newest),
      original: asOriginal ? original : "",
      results,
    };
  });
  const untrained = [
    { name: "noisy", scores: runs[0].test.noisy },
    ...methods.filter(({ name }) => name !== "noisy" && trained.every((model) => model.name !== name)),
  ];
  const cores = machines().commonCores(runs);
  /**
   * Only the last notebook measures accuracies, and it may have done so with another model of that name: then the PSNR
   * differs by more than rounding does.
   * @param {ScoreRow} row
   * @returns {string} in percent
   */
  const accuracyOf = ({ name, scores }) => {
    const same = (/** @type {ScoreRow} */ method) => Math.abs(method.scores.psnr.mean - scores.psnr.mean) < 1e-4;
    const measured = methods.find((method) => method.name === name && same(method));
    return measured?.accuracy ? (100 * measured.accuracy.mean).toFixed(1) : "";
  };
  /** @param {ScoreRow} row */
  const cells = ({ scores: { psnr, ssim } }) => [formatInterval(psnr, 2), formatInterval(ssim, 4)];
  /** @param {Results} results */
  const time = ({ seconds, machine }) =>
    `${(seconds.training / 60).toFixed(1)} min${machine && cores === undefined ? `, ${machine.cores} cores` : ""}`;
  const images = runs[0].test.pictures ? picturesOf(runs[0]) : kindOf(runs[0]);
  const columns = [
    `${runs[0].data.test.toLocaleString("en-US")} ${images}${noise}`,
    "PSNR, dB (95 % interval)",
    "SSIM (95 % interval)",
    "classifier accuracy, %",
    cores === undefined ? "training" : `training, ${cores} cores`,
    "the Keras original",
  ];
  const rows = [
    ...untrained.map((row) => [row.name, ...cells(row), accuracyOf(row), "", ""]),
    ...trained.map(({ name, original = "", results }) => {
      const row = { name, scores: results.test.denoised };
      return [name, ...cells(row), accuracyOf(row), time(results), original];
    }),
  ];
  // in the other notebooks nothing is classified; the original has no such models, or other noise
  const digits = kindOf(runs[0]) === "test digits";
  const used = columns.map((_, column) => (digits && column < 5) || rows.some((row) => row[column] !== ""));
  const shown = (/** @type {string[]} */ row) => row.filter((_, column) => used[column]);
  return { columns: shown(columns), rows: rows.map(shown) };
}

/** @param {Results} results @returns {string} */
function picturesOf({ parameters: { channels, sigma } }) {
  return `test pictures, ${channels === 1 ? "grey" : "colour"}, sigma ${Math.round(255 * Number(sigma) * 100) / 100}/255`;
}
