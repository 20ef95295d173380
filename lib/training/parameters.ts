// The allowed values of a training's parameters, so that a wrong one is refused by name before anything runs.
import { checkChoice, checkNumber, type NumberRange } from "../checks";
import type { UnetOptions } from "../models/unet";
import { noiseKinds } from "../noise/kinds";

const ranges = {
  sigma: { least: 0, most: 10 },
  seed: { least: 0, most: 2 ** 31 - 1, whole: true },
  filters: { least: 1, most: 512, whole: true },
  epochs: { least: 1, most: 10_000, whole: true },
  batchSize: { least: 1, most: 10_000, whole: true },
  learningRate: { least: 1e-7, most: 1 },
  ssimWeight: { least: 0, most: 100 },
  validationShare: { least: 1e-4, most: 0.9 },
  patchSize: { least: 8, most: 4096, whole: true },
  patchesPerEpoch: { least: 1, most: 1e9, whole: true },
} satisfies Record<string, NumberRange>;

export const choices = {
  dataset: ["full", "quick"],
  channels: [1, 3],
  resume: [true, false],
  schedule: ["plateau", "warm-up and decay"],
  loss: ["mean squared error", "log-MSE and SSIM"],
  noise: ["fixed", "online"],
  noiseKind: noiseKinds,
  attention: ["none", "layer", "transformer"] satisfies UnetOptions["attention"][],
  supervision: ["clean", "noise2noise", "noise2self", "noise2void", "sure"],
} as const;

/** One of the values that a parameter may have. */
export type Choice<Name extends keyof typeof choices> = (typeof choices)[Name][number];

/** The parameters that are checked. Each number of a list is checked; undefined is allowed. */
export type CheckedParameters = {
  readonly [Name in keyof typeof ranges]?: number | readonly number[] | undefined;
} & { readonly [Name in keyof typeof choices]?: Choice<Name> };

/**
 * Checks a training's parameters, those of the notebooks included.
 * @throws {RangeError} that names the parameter, what it may be, and what it is
 * @example
 * ```ts
 * import { checkParameters } from "image-denoiser";
 *
 * checkParameters({ sigma: 0.5, filters: [16, 32, 64], dataset: "quick" });
 * ```
 */
export function checkParameters(parameters: CheckedParameters): void {
  for (const [name, range] of Object.entries(ranges)) {
    const given: unknown = parameters[name as keyof typeof ranges];
    for (const value of given === undefined ? [] : [given].flat()) checkNumber(name, value, range);
  }
  for (const [name, allowed] of Object.entries(choices)) {
    const value = parameters[name as keyof typeof choices];
    if (value !== undefined) checkChoice(name, value, allowed);
  }
}
