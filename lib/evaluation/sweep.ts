// Several runs of a notebook with different parameters, put into order. One chooses by validation loss, so that comes
// first; but losses are comparable only where runs had the same validation digits, noise and loss function.

import type { Epoch } from "../training/fit";
import type { Parameters, Results } from "./results";
import { formatInterval, tableText } from "./table";

export interface SweepRun {
  readonly name: string;
  /** Those that were given; the others are as in the notebook. */
  readonly parameters: Parameters;
  /** Undefined when it has failed, or not been run yet. */
  readonly results?: Results | undefined;
  /** Why it failed. */
  readonly error?: string | undefined;
  /** Its own report's place, relative to the sweep's page. */
  readonly report?: string | undefined;
}

export interface Sweep {
  readonly notebook: string;
  /** With the same parameters given in each. */
  readonly runs: readonly SweepRun[];
}

/** On what a validation loss depends, besides the model. */
const conditions = ["dataset", "validationShare", "seed", "sigma", "loss", "ssimWeight"];

const conditionsOf = ({ parameters }: Results) => conditions.map((name) => String(parameters[name])).join();

/** The parameters that are not the same in all runs; all that were given when there is but one run. */
export function varying({ runs }: Sweep): string[] {
  const names = Object.keys(runs[0]?.parameters ?? {});
  return runs.length < 2
    ? names
    : names.filter((name) => runs.some(({ parameters }) => parameters[name] !== runs[0].parameters[name]));
}

/** "learningRate 0.001, sigma 0.3" */
export function titleOf(sweep: Sweep, name: string): string {
  const parameters = sweep.runs.find((run) => run.name === name)?.parameters ?? {};
  return varying(sweep)
    .map((parameter) => `${parameter} ${parameters[parameter]}`)
    .join(", ");
}

export const bestEpoch = ({ history }: Results): Epoch => history.reduce((a, b) => (b.valLoss < a.valLoss ? b : a));

export interface RankedRun extends SweepRun {
  readonly title: string;
  readonly status: "finished" | "failed" | "not run yet";
  /** Whether its validation loss is the lowest of several that are comparable. */
  readonly best: boolean;
}

/** Finished runs first, comparable ones together, and among them the lowest validation loss first. */
export function ranked(sweep: Sweep): RankedRun[] {
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

/** How to read the table. */
export function advice(sweep: Sweep): string {
  const finished = sweep.runs.flatMap(({ results }) => results ?? []);
  const different = conditions.filter((name) => new Set(finished.map(({ parameters }) => parameters[name])).size > 1);
  const stars = ranked(sweep).some(({ best }) => best) ? ", marked ★" : "";
  return [
    `Choose by the lowest validation loss${stars}: it is measured on digits kept apart from both training and test.`,
    ...(different.length > 0 ? [`It compares only runs of the same ${different.join(" and ")}.`] : []),
    "The test scores say how good the chosen run is; they are not for choosing, for the best of many is partly luck.",
    ...(finished.some((results) => bestEpoch(results) !== results.history.at(-1))
      ? [
          "A model has the weights of its last epoch, unless its recipe keeps the best: look at where the lowest loss was.",
        ]
      : []),
  ].join(" ");
}

export interface Cell {
  readonly text: string;
  /** What a table is sorted by, where that is not the text. */
  readonly sort?: number;
}
export interface Column {
  readonly name: string;
  readonly cell: (run: RankedRun) => Cell;
}

/** A column that is empty for runs without results. */
const column = (name: string, cell: (results: Results, run: RankedRun) => Cell): Column => ({
  name,
  cell: (run) => (run.results ? cell(run.results, run) : { text: "" }),
});

/** What the table shows of each run, after the varying parameters. */
export const columns: readonly Column[] = [
  column("lowest validation loss", (results, { best }) => {
    const { valLoss } = bestEpoch(results);
    return { text: `${best ? "★ " : ""}${valLoss.toFixed(5)}`, sort: valLoss };
  }),
  column("in epoch", (results) => {
    const { epoch } = bestEpoch(results);
    return { text: `${epoch} of ${results.history.length}`, sort: epoch };
  }),
  column("test PSNR, dB (95 % interval)", ({ test }) => ({
    text: formatInterval(test.denoised.psnr, 2),
    sort: test.denoised.psnr.mean,
  })),
  column("test SSIM (95 % interval)", ({ test }) => ({
    text: formatInterval(test.denoised.ssim, 4),
    sort: test.denoised.ssim.mean,
  })),
  column("training, minutes", ({ seconds }) => ({ text: minutes(seconds.training), sort: seconds.training })),
];

const minutes = (seconds: number) => (seconds / 60).toFixed(1);

/** The table for a terminal, and how to read it. */
export function sweepText(sweep: Sweep): string {
  const names = varying(sweep);
  const rows = ranked(sweep).map((run) => [
    ...names.map((name) => String(run.parameters[name])),
    ...columns.map(({ cell }) => cell(run).text),
    run.status,
  ]);
  const table = tableText({ columns: [...names, ...columns.map(({ name }) => name), "status"], rows });
  return `${table}\n\n${advice(sweep)}`;
}

/** What a terminal says of a run that has ended. */
export function summarySentence(results: Results): string {
  const { valLoss, epoch } = bestEpoch(results);
  const { psnr, ssim } = results.test.denoised;
  return `lowest validation loss ${valLoss.toFixed(5)} in epoch ${epoch}; test digits: PSNR ${psnr.mean.toFixed(2)} dB, SSIM ${ssim.mean.toFixed(4)}; trained for ${minutes(results.seconds.training)} minutes`;
}

/** The sweep for programs, in the table's order. Each run's full results lie in its folder, which has its name. */
export function sweepRecord(sweep: Sweep): object {
  const runs = ranked(sweep).map(({ name, parameters, status, best, error, results }) => ({
    name,
    parameters,
    status,
    ...(error !== undefined && { error }),
    ...(results && {
      lowestOfComparable: best,
      validationLoss: bestEpoch(results).valLoss,
      epoch: bestEpoch(results).epoch,
      epochs: results.history.length,
      test: results.test.denoised,
      seconds: results.seconds,
    }),
  }));
  return { schema: 1, notebook: sweep.notebook, runs };
}
