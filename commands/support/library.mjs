// The modules of lib/ and studies/ that commands use.
import { typescriptOf } from "./typescript.mjs";

const require = typescriptOf(import.meta.url);

/** @returns {typeof import("../../lib/evaluation/machine.js")} */
export const machines = () => require("../../lib/evaluation/machine");
/** @returns {typeof import("../../lib/evaluation/runs.js")} */
export const runModule = () => require("../../lib/evaluation/runs");
/** @returns {typeof import("../../lib/evaluation/score-tables.js")} */
export const scoreTables = () => require("../../lib/evaluation/score-tables");
/** @returns {typeof import("../../lib/evaluation/sweep.js")} */
export const sweeps = () => require("../../lib/evaluation/sweep");
/** @returns {typeof import("../../lib/evaluation/sweep-table.js")} */
export const sweepTables = () => require("../../lib/evaluation/sweep-table");
/** @returns {typeof import("../../lib/evaluation/table.js")} */
export const tables = () => require("../../lib/evaluation/table");
/** @returns {typeof import("../../lib/evaluation/task.js")} */
export const tasks = () => require("../../lib/evaluation/task");
/** @returns {typeof import("../../lib/evaluation/test-images.js")} */
export const testImages = () => require("../../lib/evaluation/test-images");
/** @returns {typeof import("../../lib/figures/static-svg.js")} */
export const staticSvgs = () => require("../../lib/figures/static-svg");
/** @returns {typeof import("../../lib/metrics/bootstrap.js")} */
export const bootstraps = () => require("../../lib/metrics/bootstrap");
/** @returns {typeof import("../../lib/report/runs-page.js")} */
export const runsPages = () => require("../../lib/report/runs-page");
/** @returns {typeof import("../../lib/report/sweep-page.js")} */
export const sweepPages = () => require("../../lib/report/sweep-page");
/** @returns {typeof import("../../lib/training/parameters.js")} */
export const parameterChecks = () => require("../../lib/training/parameters");
/** @returns {typeof import("../../lib/training/terminal-progress.js")} */
export const terminalProgress = () => require("../../lib/training/terminal-progress");

/** @typedef {import("../../studies/study.js").StudyAnswer} StudyAnswer */

/** @type {Record<string, () => Promise<StudyAnswer>>} */
export const studies = {
  ablation: () => require("../../studies/ablation").ablation(),
  "noise-levels": () => require("../../studies/noise-levels").noiseLevels(),
  supervision: () => require("../../studies/supervision").supervisionStudy(),
  "noise-models": () => require("../../studies/noise-models").noiseModels(),
  networks: () => require("../../studies/networks").networksStudy(),
  default: () => require("../../studies/recipe").recipeStudy("default"),
  original: () => require("../../studies/recipe").recipeStudy("original"),
  best: () => require("../../studies/recipe").recipeStudy("best"),
  "live-display": () => require("../../studies/live-display").liveDisplay(),
  playground: () => require("../../studies/playground").playgroundStudy(),
};
