// All runs for a page: those that were scored on the same noisy images together, the best first, with the parameters in
// which they differ.
import type { Parameters, Results } from "./results";
import type { Run } from "./runs";
import { conditionsOf } from "./sweep";
import { groupByTestImages } from "./test-images";

export interface FinishedRun extends Run {
  readonly results: Results;
}

/** Runs that were scored on the same noisy images. */
export interface ComparableRuns<Item extends FinishedRun = FinishedRun> {
  /** "10,000 test digits, sigma 0.5, seed 42" */
  readonly heading: string;
  /** By falling PSNR of the test images. */
  readonly runs: readonly Item[];
  /** Names of the parameters in which runs of the same notebook differ. */
  readonly varying: readonly string[];
}

/** @param runs the newest first: the group with the newest run is the first group */
export function comparableRuns<Item extends FinishedRun>(runs: readonly Item[]): ComparableRuns<Item>[] {
  const groups = groupByTestImages(runs, ({ results }) => results);
  const headings = groups.map(([{ results }]) => headingOf(results));
  return groups.map((group, i) => {
    const [{ began }] = group;
    const again = headings.indexOf(headings[i]) !== headings.lastIndexOf(headings[i]);
    return {
      heading: again ? `${headings[i]}, last run on ${began.slice(0, 10)}` : headings[i],
      runs: [...group].sort((a, b) => psnrOf(b) - psnrOf(a)),
      varying: varyingOf(group),
    };
  });
}

const psnrOf = ({ results }: FinishedRun) => results.test.denoised.psnr.mean;

function headingOf({ data, test, parameters, seed }: Results): string {
  const { channels, sigma } = parameters;
  const kind = test.pictures ? "pictures" : "digits";
  return [
    `${data.test.toLocaleString("en-US")} test ${kind}`,
    ...(channels === undefined ? [] : [channels === 1 ? "grey" : "colour"]),
    ...(sigma === undefined ? [] : [`sigma ${Math.round(Number(sigma) * 1e4) / 1e4}`]),
    `seed ${seed}`,
  ].join(", ");
}

/** A parameter's value as text; nothing where a run does not have it. */
export function parameterText(parameters: Parameters, name: string): string {
  const value = parameters[name];
  return Array.isArray(value) ? value.join(", ") : String(value ?? "");
}

function varyingOf(runs: readonly FinishedRun[]): string[] {
  const names = new Set(runs.flatMap(({ results }) => Object.keys(results.parameters)));
  const differs = (name: string) =>
    [...grouped(runs, ({ notebook }) => notebook).values()].some(
      (own) => new Set(own.map(({ results }) => parameterText(results.parameters, name))).size > 1,
    );
  return [...names].filter((name) => name !== "resume" && differs(name));
}

/** Runs with losses, in groups whose losses are comparable: of one notebook, with the same data, noise and loss function. */
export const comparableLosses = <Item extends FinishedRun>(runs: readonly Item[]): Item[][] => [
  ...grouped(
    runs.filter(({ results }) => results.history.length > 0),
    ({ notebook, results }) => `${notebook} ${conditionsOf(results)}`,
  ).values(),
];

function grouped<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
