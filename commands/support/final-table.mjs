// The table at the end of `npm start` and in the README: scores of the last runs of both notebooks.
import { scoreTables } from "./library.mjs";

/** @typedef {import("../../lib/evaluation/results.js").Results} Results */
/** @typedef {import("../../lib/evaluation/table.js").Table} Table */
/** @typedef {import("../../lib/evaluation/score-tables.js").ScoreRow} ScoreRow */

/**
 * The models, with what the README of the Keras original says of its own (no intervals; validated on the test set).
 * @type {Record<string, { name: string, original: string }>}
 */
const models = {
  "simple-autoencoder": { name: "simple autoencoder", original: "19.75 / 0.8637" },
  unet: { name: "U-Net", original: "20.96 / 0.8371" },
};

/**
 * @param {Results[]} runs at least one
 * @returns {Table}
 */
export function finalTable(runs) {
  const { formatInterval } = scoreTables();
  const methods = runs.flatMap(({ test }) => test.methods ?? []);
  const trained = runs.map((results) => ({ ...models[results.notebook], results }));
  const untrained = [
    { name: "noisy", scores: runs[0].test.noisy },
    ...methods.filter(({ name }) => name !== "noisy" && Object.values(models).every((model) => model.name !== name)),
  ];
  /** @param {string} name @returns {string} in percent; only the last notebook measures it */
  const accuracyOf = (name) => {
    const accuracy = methods.find((method) => method.name === name)?.accuracy;
    return accuracy ? (100 * accuracy.mean).toFixed(1) : "";
  };
  /** @param {ScoreRow} row */
  const cells = ({ name, scores: { psnr, ssim } }) => [
    name,
    formatInterval(psnr, 2),
    formatInterval(ssim, 4),
    accuracyOf(name),
  ];
  return {
    columns: [
      "10,000 test digits",
      "PSNR, dB (95 % interval)",
      "SSIM (95 % interval)",
      "classifier accuracy, %",
      trainingColumn(runs),
      "the Keras original",
    ],
    rows: [
      ...untrained.map((row) => [...cells(row), "", ""]),
      ...trained.map(({ name, original, results }) => [
        ...cells({ name, scores: results.test.denoised }),
        `${(results.seconds.training / 60).toFixed(1)} min`,
        original,
      ]),
    ],
  };
}

/** @param {Results[]} runs @returns {string} with the cores of the machine that ran them, if it was the same for all */
function trainingColumn(runs) {
  const [cores, ...others] = new Set(runs.map(({ machine }) => machine?.cores));
  return cores !== undefined && others.length === 0 ? `training, ${cores} cores` : "training";
}
