// Ranks the runs of a hyperparameter sweep: a notebook run several times with different parameters. Runs are chosen by
// validation loss, which is comparable only between runs with the same validation digits, noise and loss function.
import type { Epoch } from "../training/training-run";
import type { Parameters, Results } from "./results";
import { sameTestImages } from "./test-images";

export interface SweepRun {
  readonly name: string;
  /** Those that the sweep sets; the others have the notebook's values. */
  readonly parameters: Parameters;
  /** Undefined when the run has failed, or has not been done yet. */
  readonly results?: Results | undefined;
  /** Why it failed. */
  readonly error?: string | undefined;
  /** The path of its own report, relative to the sweep's page. */
  readonly report?: string | undefined;
}

export interface Sweep {
  readonly notebook: string;
  /** All runs set the same parameters. */
  readonly runs: readonly SweepRun[];
}

/** Besides the model, what a validation loss depends on. */
const conditions = ["dataset", "validationShare", "seed", "sigma", "loss", "ssimWeight"];

/** Equal where the validation losses of one notebook's runs are comparable. */
export const conditionsOf = ({ parameters }: Results): string =>
  conditions.map((name) => String(parameters[name])).join();

/** The parameters that differ between runs; of a single run, all that were set. */
export function varying({ runs }: Sweep): string[] {
  const names = Object.keys(runs[0]?.parameters ?? {});
  return runs.length < 2
    ? names
    : names.filter((name) => runs.some(({ parameters }) => parameters[name] !== runs[0].parameters[name]));
}

/** A run's varying parameters: "learningRate 0.001, sigma 0.3" */
export function titleOf(sweep: Sweep, name: string): string {
  const parameters = sweep.runs.find((run) => run.name === name)?.parameters ?? {};
  return varying(sweep)
    .map((parameter) => `${parameter} ${parameters[parameter]}`)
    .join(", ");
}

/** The epoch with the lowest validation loss. */
export const bestEpoch = ({ history }: Results): Epoch => history.reduce((a, b) => (b.valLoss < a.valLoss ? b : a));

export interface RankedRun extends SweepRun {
  readonly title: string;
  readonly status: "finished" | "failed" | "not run yet";
  /** Whether its validation loss is the lowest of several that are comparable. */
  readonly best: boolean;
}

/** Finished runs first: comparable ones next to each other, by rising validation loss. The others follow. */
export function rankRuns(sweep: Sweep): RankedRun[] {
  const finished = sweep.runs.filter(({ results }) => results);
  const groups = new Map<string, SweepRun[]>();
  for (const run of finished) {
    const key = conditionsOf(run.results!);
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  const ordered = [...groups.values()].flatMap((group) =>
    group
      .sort((a, b) => bestEpoch(a.results!).valLoss - bestEpoch(b.results!).valLoss)
      .map((run, i) => ({ ...run, best: i === 0 && group.length > 1 })),
  );
  const others = sweep.runs.filter(({ results }) => !results).map((run) => ({ ...run, best: false }));
  return [...ordered, ...others].map((run) => ({
    ...run,
    title: titleOf(sweep, run.name),
    status: run.results ? "finished" : run.error === undefined ? "not run yet" : "failed",
  }));
}

/** How to read the table of runs, in a few sentences. */
export function advice(sweep: Sweep): string {
  const finished = sweep.runs.flatMap(({ results }) => results ?? []);
  const differs = (name: string) => new Set(finished.map(({ parameters }) => parameters[name])).size > 1;
  const different = conditions.filter(differs);
  const stars = rankRuns(sweep).some(({ best }) => best) ? ", marked ★" : "";
  return [
    `Choose the run with the lowest validation loss${stars}: it is measured on digits that are used neither for training nor for the test.`,
    ...(different.length > 0
      ? [`Compare validation losses only between runs with the same ${different.join(" and ")}.`]
      : []),
    "The test scores tell how good the chosen run is. They are not for choosing: the best of many test scores is partly luck.",
    ...(finished.every((results) => sameTestImages(results, finished[0]))
      ? []
      : [
          `The test scores of runs with different ${["sigma", "seed"].filter(differs).join(" or ")} are on different noisy images, and not comparable.`,
        ]),
    ...(finished.some((results) => bestEpoch(results) !== results.history.at(-1))
      ? [
          "A model has the weights of its last epoch, unless its recipe keeps those of the best: note where the loss was lowest.",
        ]
      : []),
  ].join(" ");
}
