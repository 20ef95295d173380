// What people write after -p: read in papermill's form and in ours, and checked against a notebook's parameters cell
// before anything runs.
import fs from "node:fs";
import path from "node:path";
import { UserError } from "../../setup/terminal.mjs";
import { ArgumentError, listed } from "./arguments.mjs";
import { parameterChecks } from "./library.mjs";
import { notebookFile } from "./paths.mjs";

/** @typedef {number | boolean | string} Value */

/** What --quick stands for besides the small data set, in those notebooks that need other values than the rest. */
const quickOf = /** @type {Record<string, Record<string, string>>} */ ({
  noise: {
    ...{ epochs: "1", batchSize: "6", digits: "600", testDigits: "80", tuningDigits: "2" },
    kinds: "salt-and-pepper",
  },
  unet: { epochs: "1", batchSize: "16" },
  photos: { epochs: "2", batchSize: "4" },
});

/**
 * What --quick stands for: a notebook in about a minute.
 * @param {string} notebook
 * @returns {[string, string][]}
 */
export const quick = (notebook) => [
  ["dataset", "quick"],
  // small batches are more steps from fewer images: batch normalization's statistics need some hundred
  ...Object.entries(quickOf[notebook] ?? { epochs: "2", batchSize: "32" }),
];

/**
 * papermill's "-p name value" as "-p name=value", which parseArgs understands.
 * @param {string[]} args
 */
export function joinParameters(args) {
  const rest = [...args];
  /** @type {string[]} */
  const joined = [];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    joined.push(arg);
    if (arg === "-p" && rest.length > 1 && !rest[0].includes("=")) joined.push(`${rest.shift()}=${rest.shift()}`);
  }
  return joined;
}

/**
 * @param {string[] | undefined} pairs "name=value"
 * @throws {ArgumentError} when there is no value
 */
export function splitPairs(pairs = []) {
  const given = pairs.map((pair) => /** @type {[string, string]} */ (pair.split(/=(.*)/s).slice(0, 2)));
  const bad = given.find(([name, value]) => !name || !value);
  if (bad) throw new ArgumentError(`parameter ${bad[0]} has no value: write -p ${bad[0]} VALUE`);
  return given;
}

/**
 * The parameters that a notebook has, and what each may be, as its parameters cell declares it: "number | undefined".
 * @param {string} notebook
 * @returns {Promise<Map<string, string>>}
 */
export async function parametersOf(notebook) {
  const declared = await declarationsOf(notebook);
  return new Map(declared.map(({ name, type, value }) => [name, type ?? typeOf(value)]));
}

/**
 * The values that a run has: those that are given, and those of the notebook's parameters cell. Of the cell, only numbers,
 * texts, true and false are read, not what must be worked out.
 * @param {string} notebook
 * @param {[name: string, value: Value][]} given
 * @returns {Promise<Record<string, Value>>}
 */
export async function valuesOf(notebook, given) {
  const declared = await declarationsOf(notebook);
  const read = declared.flatMap(({ name, type, value }) => {
    const found = parsed(type ?? typeOf(value), value.replace(/^(["'`])(.*)\1$/, "$2"));
    return found === undefined ? [] : [[name, found]];
  });
  return Object.fromEntries([...read, ...given]);
}

/** @param {string} notebook @returns {Promise<{ name: string, type: string | undefined, value: string }[]>} */
async function declarationsOf(notebook) {
  const { default: ts } = await import("typescript");
  const { cells } = JSON.parse(fs.readFileSync(notebookFile(notebook), "utf8"));
  const cell = cells.find((/** @type {any} */ { metadata }) => metadata.tags?.includes("parameters"));
  const source = ts.createSourceFile("cell.ts", [cell.source].flat().join(""), ts.ScriptTarget.Latest);
  return source.statements
    .filter(ts.isVariableStatement)
    .flatMap((statement) => [...statement.declarationList.declarations])
    .map(({ name, type, initializer }) => ({
      name: name.getText(source),
      type: type?.getText(source),
      value: initializer?.getText(source) ?? "",
    }));
}

/** @param {string} value as it stands in the parameters cell */
const typeOf = (value) => (/^(true|false)$/.test(value) ? "boolean" : /^["'`]/.test(value) ? "string" : "number");

/**
 * @param {string} notebook
 * @param {[name: string, text: string][]} given
 * @returns {Promise<[name: string, value: Value][]>}
 * @throws {UserError} when the notebook has no parameter of that name, or a value is not of its kind or out of range
 */
export async function readParameters(notebook, given) {
  const types = await parametersOf(notebook);
  return given.map(([name, text]) => {
    const type = types.get(name);
    if (type === undefined)
      throw new UserError(
        `notebooks/${notebook}.ipynb has no parameter "${name}"; it has ${listed([...types.keys()], "and")}.`,
      );
    const value = parsed(type, text);
    if (value === undefined)
      throw new UserError(`${name} must be ${listed(alternatives(type).map(inWords), "or")}, not "${text}".`);
    checkRange(name, value);
    return [name, name === "folder" ? fromHere(String(value)) : value];
  });
}

/**
 * Checks a parameter as the notebooks do when they run.
 * @param {string} name
 * @param {Value} value
 * @throws {UserError} when it is out of range
 */
function checkRange(name, value) {
  try {
    parameterChecks().checkParameters({ [name]: value });
  } catch (error) {
    throw new UserError(`${/** @type {Error} */ (error).message}.`);
  }
}

/** @param {string} folder as people name it where they type; notebooks run in another folder */
const fromHere = (folder) => path.resolve(process.env.INIT_CWD ?? process.cwd(), folder);

/** @param {string} type one that may be given: nobody can write undefined after -p */
const alternatives = (type) =>
  type
    .split("|")
    .map((one) => one.trim())
    .filter((one) => one !== "undefined");

/** @param {string} type @returns {string} */
const inWords = (type) => ({ number: "a number", boolean: "true or false", string: "a text" })[type] ?? type;

/**
 * @param {string} type
 * @param {string} text
 * @returns {Value | undefined} undefined when the text is nothing of that type
 */
function parsed(type, text) {
  for (const one of alternatives(type)) {
    if (one === "number" || /^\d/.test(one)) {
      const value = numberOf(text);
      if (value !== undefined && (one === "number" || value === Number(one))) return value;
    } else if (one === "boolean") {
      if (/^(true|false)$/i.test(text)) return text.toLowerCase() === "true";
    } else if (!/^["'`]/.test(one) || one.slice(1, -1) === text) return text;
  }
  return undefined;
}

/** @param {string} text a number, or a fraction such as 25/255 @returns {number | undefined} */
function numberOf(text) {
  const parts = text.split("/").map((part) => part.trim());
  const value = parts.length === 2 ? Number(parts[0]) / Number(parts[1]) : Number(text);
  return parts.length <= 2 && parts.every((part) => part !== "") && Number.isFinite(value) ? value : undefined;
}
