// The grid of a sweep: every combination of the values given, each with a name that says what it is.

/** @typedef {import("../parameters.mjs").Value} Value */
/** @typedef {[name: string, value: Value][]} Parameters */

/**
 * "learningRate=0.001,0.003" stands for two values; so does giving a parameter twice.
 * @param {[name: string, values: string][]} given
 * @returns {[name: string, text: string][]} one pair a value
 */
export const splitValues = (given) =>
  given.flatMap(([name, values]) => values.split(",").map((text) => /** @type {[string, string]} */ ([name, text])));

/**
 * @param {Parameters} pairs one a value
 * @param {string[]} order of the parameters; the last changes fastest
 * @returns {Parameters[]} one element a run, none twice
 */
export function combinations(pairs, order) {
  const names = order.filter((name) => pairs.some(([given]) => given === name));
  return names.reduce(
    (runs, name) => {
      const values = new Set(pairs.filter(([given]) => given === name).map(([, value]) => value));
      return runs.flatMap((run) => [...values].map((value) => /** @type {Parameters} */ ([...run, [name, value]])));
    },
    /** @type {Parameters[]} */ ([[]]),
  );
}

/**
 * A run's name, which is its folder's too: equal parameters, equal name, and no character that a file system refuses.
 * @param {Parameters} parameters
 */
export const nameOf = (parameters) =>
  parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join(",") || "as-it-is";
