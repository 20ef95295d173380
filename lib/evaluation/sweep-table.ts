// A hyperparameter sweep as a table for the terminal and the sweep's page, as sentences, and as a record for programs.
import { formatNumber } from "../numbers";
import type { Epoch } from "../training/training-run";
import type { Results } from "./results";
import { formatInterval } from "./score-tables";
import { advice, bestEpoch, type RankedRun, rankRuns, type Sweep, varying } from "./sweep";
import { tableText } from "./table";

export interface Cell {
  readonly text: string;
  /** The value to sort by, where that is not the text. */
  readonly sort?: number;
}
/** What a column is made of. */
type TableRun = Pick<RankedRun, "results" | "best">;
export interface Column {
  readonly name: string;
  readonly cell: (run: TableRun) => Cell;
}

/** A column that is empty for runs without results. */
const column = (name: string, cell: (results: Results, run: TableRun) => Cell): Column => ({
  name,
  cell: (run) => (run.results ? cell(run.results, run) : { text: "" }),
});

/** A column of the epoch with the lowest validation loss: empty for a training that was stopped in its first epoch. */
const ofBestEpoch = (name: string, cell: (best: Epoch, results: Results, run: TableRun) => Cell): Column =>
  column(name, (results, run) => (results.history.length > 0 ? cell(bestEpoch(results), results, run) : { text: "" }));

const minutes = (seconds: number) => (seconds / 60).toFixed(1);

/** The columns that follow those of the varying parameters. */
export const columns: readonly Column[] = [
  ofBestEpoch("lowest validation loss", ({ valLoss }, _, { best }) => ({
    text: `${best ? "★ " : ""}${formatNumber(valLoss, 5)}`,
    sort: valLoss,
  })),
  ofBestEpoch("in epoch", ({ epoch }, { history, parameters: { epochs } }) => ({
    text: `${epoch} of ${history.length}${history.length < Number(epochs) ? ` (${epochs} were set)` : ""}`,
    sort: epoch,
  })),
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

/** The table for a terminal, and how to read it. */
export function sweepText(sweep: Sweep): string {
  const names = varying(sweep);
  const rows = rankRuns(sweep).map((run) => [
    ...names.map((name) => String(run.parameters[name])),
    ...columns.map(({ cell }) => cell(run).text),
    run.status,
  ]);
  const table = tableText({ columns: [...names, ...columns.map(({ name }) => name), "status"], rows });
  return `${table}\n\n${advice(sweep)}`;
}

/** A finished run in one sentence, for the terminal. */
export function summarySentence(results: Results): string {
  const { valLoss, epoch } = bestEpoch(results);
  const { psnr, ssim } = results.test.denoised;
  return `lowest validation loss ${formatNumber(valLoss, 5)} in epoch ${epoch}; test digits: PSNR ${formatNumber(psnr.mean, 2)} dB, SSIM ${formatNumber(ssim.mean, 4)}; trained for ${minutes(results.seconds.training)} minutes`;
}

/** The sweep for programs, in the table's order. Each run's full results are in the folder that has its name. */
export function sweepRecord(sweep: Sweep): object {
  const runs = rankRuns(sweep).map(({ name, parameters, status, best, error, results }) => ({
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
