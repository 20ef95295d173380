// The TypeScript modules of the command line. Each is compiled and loaded when it is first needed, so that help and mistakes
// are answered without TensorFlow.
import { createRequire } from "node:module";
import { root } from "../../setup/layout.mjs";

const requireHere = createRequire(import.meta.url);

/** @param {string} module @returns {any} */
function require(module) {
  if (!(Symbol.for("ts-node.register.instance") in process)) requireHere("ts-node").register({ cwd: root });
  return requireHere(module);
}

/** @returns {typeof import("./plan.js")} */
export const plans = () => require("./plan");
/** @returns {typeof import("./models.js")} */
export const savedModels = () => require("./models");
/** Loads TensorFlow. @returns {typeof import("./clean.js")} */
export const cleaning = () => require("./clean");
/** @returns {typeof import("./clean-all.js")} */
export const cleaningAll = () => require("./clean-all");
/** @returns {typeof import("./evaluate.js")} */
export const evaluation = () => require("./evaluate");
