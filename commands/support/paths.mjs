// Which notebooks there are, and where their reports, results and models go.
import path from "node:path";
import { root } from "../../setup/layout.mjs";

/** In the order in which they run: the second compares itself with the first. */
export const digitNotebooks = ["simple-autoencoder", "unet"];

export const notebooks = [...digitNotebooks, "noise", "photos"];

/** As in lib/evaluation/results: where reports, results and models are written. */
export const output = path.resolve(process.env.IMAGE_DENOISER_OUTPUT ?? root);

/** @param {string} name of a notebook @returns {string} its file */
export const notebookFile = (name) => path.join(root, "notebooks", `${name}.ipynb`);

/** @param {string} name of a notebook @param {string} folder @returns {string} the executed copy of it */
export const executedFile = (name, folder) => path.join(folder, "reports", `${name}.ipynb`);

/** @param {string} name of a report @param {string} folder */
export const reportFile = (name, folder) => path.join(folder, "reports", `${name}.html`);

/** @param {string} name of a notebook @param {string} folder */
export const resultsFile = (name, folder) => path.join(folder, "results", `${name}.json`);
