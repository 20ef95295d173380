// What the settings of a training may be: whatever is wrong is refused by name before anything runs.

/** Numbers: both ends are allowed. */
const ranges = {
  sigma: { least: 0, most: 10, whole: false },
  seed: { least: 0, most: 2 ** 31 - 1, whole: true },
  filters: { least: 1, most: 512, whole: true },
  epochs: { least: 1, most: 10_000, whole: true },
  batchSize: { least: 1, most: 10_000, whole: true },
  learningRate: { least: 1e-7, most: 1, whole: false },
  ssimWeight: { least: 0, most: 100, whole: false },
  validationShare: { least: 1e-4, most: 0.9, whole: false },
} as const;

const choices = { dataset: ["full", "quick"], resume: [true, false] } as const;

/** Those known by name; lists of numbers are checked number by number, and what is undefined is fine. */
export type CheckedParameters = {
  readonly [Name in keyof typeof ranges]?: number | readonly number[] | undefined;
} & { readonly [Name in keyof typeof choices]?: (typeof choices)[Name][number] };

/** @throws {RangeError} that names the parameter, what it may be, and what it is */
export function checkParameters(parameters: CheckedParameters): void {
  for (const [name, { least, most, whole }] of Object.entries(ranges)) {
    const given: unknown = parameters[name as keyof typeof ranges];
    for (const value of given === undefined ? [] : [given].flat())
      if (!(typeof value === "number" && value >= least && value <= most && (!whole || Number.isInteger(value))))
        throw new RangeError(
          `${name} must be a ${whole ? "whole " : ""}number from ${least} to ${most}, not ${typeof value === "string" ? JSON.stringify(value) : value}`,
        );
  }
  for (const [name, allowed] of Object.entries(choices)) {
    const value = parameters[name as keyof typeof choices];
    if (value !== undefined && !(allowed as readonly unknown[]).includes(value))
      throw new RangeError(
        `${name} must be ${allowed.map((one) => JSON.stringify(one)).join(" or ")}, not ${JSON.stringify(value)}`,
      );
  }
}
