// The TypeScript modules of the command line, each loaded when it is first needed.
import { typescriptOf } from "../support/typescript.mjs";

const require = typescriptOf(import.meta.url);

/** @returns {typeof import("./plan.js")} */
export const plans = () => require("./plan");
/** @returns {typeof import("../../lib/models/saved-models.js")} */
export const savedModels = () => require("../../lib/models/saved-models");
/** @returns {typeof import("./models.js")} */
export const descriptions = () => require("./models");
/** Loads TensorFlow. @returns {typeof import("./clean.js")} */
export const cleaning = () => require("./clean");
/**
 * What `cleanAll` loads when it needs it.
 * @param {ConstructorParameters<typeof import("./clean.js").Models>} models
 * @returns {() => import("./clean-all.js").Cleaner}
 */
export const cleaner =
  (...models) =>
  () => ({ models: new (cleaning().Models)(...models), cleanPicture: cleaning().cleanPicture });
/** @returns {typeof import("./clean-all.js")} */
export const cleaningAll = () => require("./clean-all");
/** @returns {typeof import("../../lib/training/photograph-recipe.js")} */
export const photographRecipes = () => require("../../lib/training/photograph-recipe");
/** @returns {typeof import("../../lib/noise/kinds.js")} */
export const kindsOfNoise = () => require("../../lib/noise/kinds");
/** Loads TensorFlow. @returns {typeof import("./train.js")} */
export const training = () => require("./train");
/** @returns {typeof import("./evaluate.js")} */
export const evaluation = () => require("./evaluate");
/** Loads TensorFlow. @returns {typeof import("./export.js")} */
export const exporting = () => require("./export");
