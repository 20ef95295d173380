// Small tables, as data, as text for the terminal and as HTML for a notebook.

import type { Mnist } from "../data/mnist";
import { escapeMarkup } from "../figures/markup";
import type { Interval } from "../metrics/bootstrap";
import type { Scores } from "../metrics/scores";

export interface Table {
  readonly columns: string[];
  readonly rows: string[][];
}

/** The first column is a row's name, the others hold numbers. */
export function tableHtml({ columns, rows }: Table): string {
  const cell = (tag: "th" | "td", text: string, column: number, wrap: string) =>
    `<${tag} style="text-align: ${column === 0 ? "left" : "right"}${wrap}">${escapeMarkup(text)}</${tag}>`;
  const head = columns.map((name, column) => cell("th", name, column, "")).join("");
  const whole = "; white-space: nowrap";
  const body = rows.map(
    (row) => `<tr>${row.map((text, i) => cell(i === 0 ? "th" : "td", text, i, whole)).join("")}</tr>`,
  );
  return `<table><thead><tr>${head}</tr></thead><tbody>${body.join("")}</tbody></table>`;
}

export function tableText({ columns, rows }: Table): string {
  const widths = columns.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i].length)));
  const line = (cells: string[]) =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join("   ")
      .trimEnd();
  return [line(columns), widths.map((width) => "─".repeat(width)).join("───"), ...rows.map(line)].join("\n");
}

export function tableMarkdown({ columns, rows }: Table): string {
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  return [line(columns), line(columns.map((_, i) => (i === 0 ? "---" : "--:"))), ...rows.map(line)].join("\n");
}

/** "20.96 (20.94 to 20.98)"; "∞" for the PSNR of perfect images */
export const formatInterval = ({ mean, low, high }: Interval, digits: number): string =>
  low === Number.POSITIVE_INFINITY
    ? "∞"
    : `${mean.toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;

/** "+1.13 (1.11 to 1.15)", "−0.02 (−0.03 to 0.00)", with a true minus sign */
export function formatDifference({ mean, low, high }: Interval, digits: number): string {
  const number = (value: number) => `${Number(value.toFixed(digits)) < 0 ? "−" : ""}${Math.abs(value).toFixed(digits)}`;
  const plus = Number(mean.toFixed(digits)) > 0 ? "+" : "";
  return `${plus}${number(mean)} (${number(low)} to ${number(high)})`;
}

/** A model (or a digit) and its marks. */
export interface ScoreRow {
  readonly name: string;
  readonly scores: Scores;
  /** Share of digits that a classifier recognizes, 0 to 1; a row may be without. */
  readonly accuracy?: Interval;
}

/** One row a model (or a digit): mean scores with their 95 % intervals. */
export const scoreTable = (rows: readonly ScoreRow[]): Table => tableOf("", rows, formatInterval);

/**
 * One row a pair of models: mean differences on the same images with their 95 % intervals.
 * @param rows differences: scores from `pairedDifferences`, accuracy from `pairedDifference`
 */
export const differenceTable = (rows: readonly ScoreRow[]): Table => tableOf("difference", rows, formatDifference);

function tableOf(corner: string, rows: readonly ScoreRow[], format: typeof formatInterval): Table {
  const recognized = rows.some(({ accuracy }) => accuracy);
  const percent = ({ mean, low, high }: Interval) => ({ mean: 100 * mean, low: 100 * low, high: 100 * high });
  return {
    columns: [
      corner,
      "PSNR, dB (95 % interval)",
      "SSIM, 7x7 sliding (95 % interval)",
      "SSIM, image-ssim (95 % interval)",
      ...(recognized ? ["digits recognized, % (95 % interval)"] : []),
    ],
    rows: rows.map(({ name, scores, accuracy }) => [
      name,
      format(scores.psnr, 2),
      format(scores.ssim, 4),
      format(scores.imageSsim, 4),
      ...(recognized ? [accuracy ? format(percent(accuracy), 2) : ""] : []),
    ]),
  };
}

/** Scores of each digit that was tested, from `summarizeByDigit`. */
export const digitTable = (perDigit: readonly (Scores | undefined)[]): Table =>
  scoreTable(perDigit.flatMap((scores, digit) => (scores ? [{ name: `digit ${digit}`, scores }] : [])));

/** Settings and their values: "batchSize" becomes "batch size". */
export const settingsTable = (settings: object): Table => ({
  columns: ["setting", "value"],
  rows: Object.entries(settings).map(([name, value]) => [
    name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`),
    typeof value === "number" ? String(Number(value.toPrecision(4))) : [value].flat().join(", "),
  ]),
});

/** How many digits are used for what. */
export const dataTable = ({ train, validation, test }: Mnist): Table => ({
  columns: ["digits for", "number"],
  rows: Object.entries({ training: train, validation, test }).map(([use, { shape }]) => [
    use,
    shape[0].toLocaleString("en-US"),
  ]),
});
