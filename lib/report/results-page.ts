// A page that compares runs, as one HTML file that works offline: sortable tables, the loss curves of many runs in one
// figure, and the same digits by each. Boxes choose which runs the figures show. Without scripts all of them are shown.
import fs from "node:fs";
import path from "node:path";
import { escapeMarkup } from "../evaluation/markup";
import type { Cell } from "../evaluation/sweep-table";
import { staticImage } from "../figures/static-svg";
import { sweepCurves, trainingStyle } from "../figures/sweep-curves";
import type { Epoch } from "../training/training-run";

/** The source text of the libraries that a page contains. */
export interface Scripts {
  readonly plotly: string;
  readonly sortable: string;
}

export interface PageCell extends Cell {
  /** Relative to the page. */
  readonly link?: string;
}

export interface PageRow {
  /** Of its curve and its digits. */
  readonly name: string;
  /** What tells the row from others: its name, or its parameters. */
  readonly heads: readonly PageCell[];
  readonly cells: readonly PageCell[];
  readonly best?: boolean;
}

/** The losses of some rows of a table. */
export interface Curves {
  readonly title: string;
  readonly trainings: readonly { readonly row: PageRow; readonly epochs: readonly Epoch[] }[];
}

/** The same images by each. */
export interface Pictures {
  readonly title: string;
  readonly rows: readonly {
    /** Undefined of the originals and the noisy images, which are always shown. */
    readonly row?: PageRow | undefined;
    readonly name: string;
    /** Data URIs. */
    readonly pictures: readonly string[];
    readonly numbers?: { readonly are: string; readonly texts: readonly string[] } | undefined;
  }[];
  /** What is not shown, in a sentence. */
  readonly note?: string | undefined;
}

export interface PageSection {
  readonly heading?: string;
  /** Names of the columns: those of the rows' heads, then those of their cells. */
  readonly columns: readonly string[];
  readonly rows: readonly PageRow[];
  readonly note: string;
  readonly curves: readonly Curves[];
  readonly pictures?: Pictures | undefined;
}

export interface ResultsPage {
  readonly title: string;
  readonly introduction: string;
  readonly sections: readonly PageSection[];
  /** HTML. */
  readonly end?: string;
}

export function resultsPage({ title, introduction, sections, end = "" }: ResultsPage, scripts: Scripts): string {
  const read = (...names: string[]) => fs.readFileSync(path.join(__dirname, ...names), "utf8");
  const code = [scripts.plotly, read("template", "draw-figure.js"), scripts.sortable];
  const ids = new Map(sections.flatMap(({ rows }) => rows).map((row, i) => [row, i]));
  const parts: Record<string, string> = {
    title: escapeMarkup(title),
    heading: `<h1>${escapeMarkup(title)}</h1><p>${escapeMarkup(introduction)}</p>`,
    sections: sections.map((section) => sectionElement(section, ids)).join("\n"),
    end,
    libraries: code.map((text) => `<script>${text.replaceAll("</script", "<\\/script")}</script>`).join("\n"),
  };
  return read("results-page.html").replace(/<!-- (\w+) -->/g, (_, name: string) => parts[name]);
}

type Ids = ReadonlyMap<PageRow, number>;

function sectionElement(section: PageSection, ids: Ids): string {
  const { heading, note, curves, pictures } = section;
  return [
    "<section>",
    heading ? `<h2>${escapeMarkup(heading)}</h2>` : "",
    tableElement(section, ids),
    `<p>${escapeMarkup(note)}</p>`,
    ...curves.map((each) => curvesElement(each, ids)),
    pictures ? picturesElement(pictures, ids) : "",
    "</section>",
  ].join("");
}

function tableElement({ heading = "Runs", columns, rows, curves }: PageSection, ids: Ids): string {
  const samples = new Map(curves.flatMap(({ trainings }) => trainings.map(({ row }, i) => [row, swatch(i)])));
  const named = rows.every(({ heads }) => heads.length === 1) ? ' class="name"' : "";
  const head = columns.map((name, i) => `<th scope="col"${i === 0 ? named : ""}>${escapeMarkup(name)}</th>`);
  const body = rows.map((row) => {
    const heads = row.heads.map((cell) => `<th scope="row"${named}${sort(cell)}>${content(cell)}</th>`);
    const cells = row.cells.map((cell) => `<td${sort(cell)}>${content(cell)}</td>`);
    const sample = `<td class="curve">${samples.get(row) ?? ""}</td>`;
    const name = `data-run="${ids.get(row)}" data-name="${escapeMarkup(row.name)}"`;
    return `<tr${row.best ? ' class="best"' : ""} ${name}>${[sample, ...heads, ...cells].join("")}</tr>`;
  });
  const table = `<table class="sortable n-last asc"><thead><tr><th scope="col" class="no-sort">curve</th>${head.join("")}</tr></thead><tbody>${body.join("\n")}</tbody></table>`;
  return `<div class="scroll" tabindex="0" role="region" aria-label="${escapeMarkup(`Table: ${heading}`)}">${table}</div>`;
}

const sort = ({ sort }: PageCell) => (sort === undefined ? "" : ` data-sort="${sort}"`);

/** Where there is little space, a cell breaks before its interval, and nowhere else. */
function content({ text, link }: PageCell): string {
  if (link) return `<a href="${escapeMarkup(link)}">${escapeMarkup(text)}</a>`;
  const [value, interval] = text.split(/ (?=\()/);
  if (!interval) return escapeMarkup(text);
  return `<span class="parts">${escapeMarkup(value)} <span class="whole">${escapeMarkup(interval)}</span></span>`;
}

/** A sample of a run's line in its figure. */
function swatch(curve: number): string {
  const { color, dash } = trainingStyle(curve);
  const pattern = { solid: "", dot: "2 4", dash: "8 4", longdash: "14 4", dashdot: "8 4 2 4", longdashdot: "14 4 2 4" }[
    dash as string
  ];
  return `<svg width="36" height="10" aria-hidden="true"><path d="M1 5H35" stroke="${color}" stroke-width="3" stroke-dasharray="${pattern}"/></svg>`;
}

function curvesElement({ title, trainings }: Curves, ids: Ids): string {
  const named = trainings.map(({ row, epochs }) => ({ name: row.name, epochs }));
  const { data, layout, alt } = sweepCurves(named, title);
  const runs = trainings.map(({ row }) => ids.get(row));
  const json = JSON.stringify({ data, layout, runs }).replaceAll("<", "\\u003c");
  return `<div class="curves"><div class="figure">${staticImage({ data, layout, alt })}</div><script type="application/json">${json}</script></div>`;
}

function picturesElement({ title, rows, note }: Pictures, ids: Ids): string {
  const figure = ({ row, name, pictures, numbers }: Pictures["rows"][number]) => {
    const image = (source: string, i: number) =>
      `<span><img alt="${i === 0 ? `${pictures.length} images: ${escapeMarkup(name)}` : ""}" src="${source}">${numbers?.texts[i] ?? ""}</span>`;
    const caption = [`<b>${escapeMarkup(name)}</b>`, ...(numbers ? [escapeMarkup(numbers.are)] : [])].join(" ");
    const run = row ? ` data-run="${ids.get(row)}"` : "";
    return `<figure${run}><figcaption>${caption}</figcaption><div class="pictures">${pictures.map(image).join("")}</div></figure>`;
  };
  return `<h3>${escapeMarkup(title)}</h3>${rows.map(figure).join("")}${note ? `<p>${escapeMarkup(note)}</p>` : ""}`;
}

/** A path as a link, with whatever letters it has. */
export const linkTo = (file: string): string => file.split("/").map(encodeURIComponent).join("/");
