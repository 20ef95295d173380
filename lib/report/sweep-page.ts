// The page of a hyperparameter sweep.
import { escapeMarkup } from "../evaluation/markup";
import { advice, type RankedRun, rankRuns, type Sweep, varying } from "../evaluation/sweep";
import { columns } from "../evaluation/sweep-table";
import { linkTo, type PageRow, resultsPage, type Scripts } from "./results-page";

export function sweepPage(sweep: Sweep, scripts: Scripts): string {
  const names = varying(sweep);
  const runs = rankRuns(sweep);
  const rows = runs.map(
    (run): PageRow => ({
      name: run.title,
      heads: names.map((name) => ({ text: String(run.parameters[name]) })),
      cells: [...columns.map(({ cell }) => cell(run)), status(run)],
      best: run.best,
    }),
  );
  const trainings = runs.flatMap(({ results }, i) => (results ? [{ row: rows[i], epochs: results.history }] : []));
  const section = {
    columns: [...names, ...columns.map(({ name }) => name), "status"],
    rows,
    note: advice(sweep),
    curves: [{ title: "Loss curves", trainings }],
  };
  const title = `Sweep of ${sweep.notebook}`;
  return resultsPage({ title, introduction: introduction(sweep), sections: [section], end: failures(runs) }, scripts);
}

function introduction(sweep: Sweep): string {
  const vary = varying(sweep);
  const fixed = Object.entries(sweep.runs[0]?.parameters ?? {}).filter(([name]) => !vary.includes(name));
  const same = fixed.map(([name, value]) => `${name} ${value}`).join(", ");
  const number = sweep.runs.length === 1 ? "One run" : `${sweep.runs.length} runs`;
  return `${number} of notebooks/${sweep.notebook}.ipynb${same ? `, all with ${same}` : ""}. All other parameters have the notebook's values.`;
}

const status = ({ status, report }: RankedRun) =>
  status === "finished" && report ? { text: "report", link: linkTo(report) } : { text: status };

function failures(runs: readonly RankedRun[]): string {
  const failed = runs.filter(({ error }) => error !== undefined);
  if (failed.length === 0) return "";
  const each = failed.map(
    ({ title, error }) => `<h3>${escapeMarkup(title)}</h3><pre tabindex="0">${escapeMarkup(error ?? "")}</pre>`,
  );
  return `<h2>Failed runs</h2>${each.join("")}`;
}
