// The page of all runs on this machine, side by side where they were scored on the same noisy images.
import {
  type ComparableRuns,
  comparableLosses,
  comparableRuns,
  type FinishedRun,
  parameterText,
} from "../evaluation/all-runs";
import { type ExampleImages, readExamples } from "../evaluation/example-images";
import { escapeMarkup } from "../evaluation/markup";
import type { Run } from "../evaluation/runs";
import { columns } from "../evaluation/sweep-table";
import { comparisonGrid } from "../figures/comparison-grid";
import { linkTo, type PageRow, type PageSection, type Pictures, resultsPage, type Scripts } from "./results-page";

/** A run, and where its files are, relative to the page. */
export type ListedRun = Run & {
  /** Undefined when it has none, as runs in JupyterLab. */
  readonly report?: string | undefined;
};
type Finished = ListedRun & FinishedRun;

/** @param runs the newest first */
export function runsPage(runs: readonly ListedRun[], scripts: Scripts): string {
  const finished = runs.filter((run): run is Finished => run.results !== undefined);
  const unfinished = runs.filter(({ results }) => !results);
  const introduction =
    runs.length === 0
      ? "There are no runs yet: npm start runs the notebooks."
      : "Every run of the notebooks on this machine. A table holds what was scored on the same noisy images, the highest PSNR first; scores of different tables are not comparable.";
  const sections = comparableRuns(finished).map(sectionOf);
  return resultsPage({ title: "All runs", introduction, sections, end: unfinishedList(unfinished) }, scripts);
}

function sectionOf({ heading, runs, varying }: ComparableRuns<Finished>): PageSection {
  const rows = runs.map(
    ({ name, results, report }): PageRow => ({
      name,
      heads: [{ text: name }],
      cells: [
        ...varying.map((parameter) => ({ text: parameterText(results.parameters, parameter) })),
        ...columns.map(({ cell }) => cell({ results, best: false })),
        report ? { text: "report", link: linkTo(report) } : { text: "none" },
      ],
    }),
  );
  const rowOf = (run: Finished) => rows[runs.indexOf(run)];
  return {
    heading,
    columns: ["run", ...varying, ...columns.map(({ name }) => name), "report"],
    rows,
    note: "The best of many test scores is partly luck: choose among the runs of a notebook by the validation loss, where they have the same loss function and data.",
    curves: comparableLosses(runs).map((own) => ({
      title: lossTitle(own[0]),
      trainings: own.map((run) => ({ row: rowOf(run), epochs: run.results.history })),
    })),
    pictures: picturesOf(runs, rowOf),
  };
}

function lossTitle({ notebook, results: { parameters } }: Finished): string {
  const told = ["dataset", "loss"].filter((name) => parameters[name] !== undefined);
  const values = told.map((name) => `${name} ${parameterText(parameters, name)}`).join(", ");
  return `Losses of ${notebook}${values && ` (${values})`}`;
}

function picturesOf(runs: readonly Finished[], rowOf: (run: Finished) => PageRow): Pictures | undefined {
  const examples = runs.map((run) => ({ run, images: readExamples(run) }));
  const kept = examples.filter((each): each is { run: Finished; images: ExampleImages } => each.images !== undefined);
  if (kept.length === 0) return undefined;
  const [{ images: first }] = kept;
  const denoised = kept.map(({ run, images }) => ({ name: run.name, images: images.denoised }));
  const { rows } = comparisonGrid(first.clean, [{ name: "noisy", images: first.noisy }, ...denoised], "");
  const missing = examples.filter(({ images }) => !images).map(({ run }) => run.name);
  return {
    title: "The same digits by each",
    rows: rows.map((row, i) => ({ ...row, row: i < 2 ? undefined : rowOf(kept[i - 2].run) })),
    note:
      missing.length > 0
        ? `Not kept by runs of older versions, and not of photographs: ${missing.join("; ")}.`
        : undefined,
  };
}

function unfinishedList(runs: readonly ListedRun[]): string {
  if (runs.length === 0) return "";
  const items = runs.map(({ name }) => `<li>${escapeMarkup(name)}</li>`);
  return `<h2>Unfinished runs</h2><p>They failed, were stopped, or are still running.</p><ul>${items.join("")}</ul>`;
}
