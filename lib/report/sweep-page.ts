// A hyperparameter sweep as one HTML file that works offline: a sortable table, and the loss curves of all runs in one
// figure.
import fs from "node:fs";
import path from "node:path";
import { escapeMarkup } from "../evaluation/markup";
import { advice, type RankedRun, rankRuns, type Sweep, varying } from "../evaluation/sweep";
import { columns } from "../evaluation/sweep-table";
import type { Figure } from "../figures/figure";
import { sweepCurves, trainingStyle } from "../figures/sweep-curves";

/** The source text of the libraries that the page contains. */
export interface Scripts {
  readonly plotly: string;
  readonly sortable: string;
}

export function sweepPage(sweep: Sweep, { plotly, sortable }: Scripts): string {
  const drawing = fs.readFileSync(path.join(__dirname, "template", "draw-figure.js"), "utf8");
  const runs = rankRuns(sweep);
  const trained = runs.filter(({ results }) => results);
  const figure = sweepCurves(
    trained.map(({ title, results }) => ({ name: title, epochs: results!.history })),
    "Loss curves",
  );
  const parts: Record<string, string> = {
    libraries: [plotly, drawing, sortable].map(scriptElement).join(""),
    heading: `<h1>Sweep of ${escapeMarkup(sweep.notebook)}</h1><p>${escapeMarkup(introduction(sweep))}</p>`,
    table: table(sweep, runs),
    advice: escapeMarkup(advice(sweep)),
    figure: figureElements(figure),
    failures: failures(runs),
  };
  const template = fs.readFileSync(path.join(__dirname, "sweep-page.html"), "utf8");
  return template.replace(/<!-- (\w+) -->/g, (_, name: string) => parts[name]);
}

const scriptElement = (code: string) => `<script>${code.replaceAll("</script", "<\\/script")}</script>`;

function figureElements({ data, layout, alt }: Figure): string {
  const json = JSON.stringify({ data, layout }).replaceAll("<", "\\u003c");
  return `<div id="curves" role="img" aria-label="${escapeMarkup(alt)}" style="height: ${layout.height}px"></div><script type="application/json" id="figure">${json}</script>`;
}

function introduction(sweep: Sweep): string {
  const vary = varying(sweep);
  const fixed = Object.entries(sweep.runs[0]?.parameters ?? {}).filter(([name]) => !vary.includes(name));
  const same = fixed.map(([name, value]) => `${name} ${value}`).join(", ");
  const number = sweep.runs.length === 1 ? "One run" : `${sweep.runs.length} runs`;
  return `${number} of notebooks/${sweep.notebook}.ipynb${same ? `, all with ${same}` : ""}. All other parameters have the notebook's values.`;
}

function table(sweep: Sweep, runs: readonly RankedRun[]): string {
  const names = varying(sweep);
  const sortable = [...names, ...columns.map(({ name }) => name), "status"];
  const head = [
    '<th scope="col" class="no-sort">curve</th>',
    ...sortable.map((name) => `<th scope="col">${escapeMarkup(name)}</th>`),
  ];
  let curves = 0;
  const rows = runs.map((run) => {
    const curve = run.results ? curves++ : undefined;
    const cells = [
      `<td>${curve === undefined ? "" : swatch(curve)}</td>`,
      ...names.map((name) => `<th scope="row">${escapeMarkup(String(run.parameters[name]))}</th>`),
      ...columns.map(({ cell }) => {
        const { text, sort } = cell(run);
        return `<td${sort === undefined ? "" : ` data-sort="${sort}"`}>${escapeMarkup(text)}</td>`;
      }),
      `<td>${status(run)}</td>`,
    ];
    const attributes = curve === undefined ? "" : ` data-curve="${curve}" tabindex="0"`;
    return `<tr class="${run.best ? "best" : ""}"${attributes}>${cells.join("")}</tr>`;
  });
  return `<table class="sortable n-last asc"><thead><tr>${head.join("")}</tr></thead><tbody>${rows.join("\n")}</tbody></table>`;
}

const link = (file: string) => file.split("/").map(encodeURIComponent).join("/");

const status = ({ status, report }: RankedRun) =>
  status === "finished" && report ? `<a href="${link(report)}">report</a>` : escapeMarkup(status);

/** A sample of a run's line in the figure. */
function swatch(curve: number): string {
  const { color, dash } = trainingStyle(curve);
  const pattern = { solid: "", dot: "2 4", dash: "8 4", longdash: "14 4", dashdot: "8 4 2 4", longdashdot: "14 4 2 4" }[
    dash as string
  ];
  return `<svg width="36" height="10" aria-hidden="true"><path d="M1 5H35" stroke="${color}" stroke-width="3" stroke-dasharray="${pattern}"/></svg>`;
}

function failures(runs: readonly RankedRun[]): string {
  const failed = runs.filter(({ error }) => error !== undefined);
  if (failed.length === 0) return "";
  const each = failed.map(
    ({ title, error }) => `<h3>${escapeMarkup(title)}</h3><pre>${escapeMarkup(error ?? "")}</pre>`,
  );
  return `<h2>Failed runs</h2>${each.join("")}`;
}
