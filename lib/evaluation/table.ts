// A table as plain data, and its three renderings: HTML for notebooks, text for the terminal, Markdown for the README.
import { escapeMarkup } from "./markup";

/** The first column names each row. */
export interface Table {
  /** Headings. None is empty: a screen reader reads them out with each cell. */
  readonly columns: string[];
  /** Cells, row by row, as many in each row as there are columns. */
  readonly rows: string[][];
  /** How all columns but the first are aligned; if not given, to the right, as numbers are. */
  readonly align?: "left" | "right";
}

/**
 * An HTML table whose headings and row names are marked as such for screen readers. Where there is little space, cells
 * break before a parenthesis or a minus between two names, then the table scrolls within itself.
 * @example
 * ```ts
 * import { tableHtml } from "image-denoiser";
 * const html = tableHtml({ columns: ["method", "PSNR, dB"], rows: [["mean 3x3", "15.39"]] });
 * html.includes('<th scope="row" style="text-align: left; white-space: nowrap">mean 3x3</th>') // true
 * ```
 */
export function tableHtml({ columns, rows, align: ofOthers = "right" }: Table): string {
  const align = (column: number) => `text-align: ${column === 0 ? "left" : ofOthers}`;
  const nowrap = "white-space: nowrap";
  const element = (open: string, text: string, column: number) => {
    const parts = text.split(/ (?=\(|− )/).map(escapeMarkup);
    const [close] = open.split(" ");
    return parts.length === 1
      ? `<${open} style="${align(column)}; ${nowrap}">${parts}</${close}>`
      : `<${open} style="${align(column)}">${parts.map((part) => `<span style="${nowrap}">${part}</span>`).join(" ")}</${close}>`;
  };
  const heading = (name: string, column: number) => element('th scope="col"', name, column);
  const cell = (text: string, column: number) => element(column === 0 ? 'th scope="row"' : "td", text, column);
  const body = rows.map((row) => `<tr>${row.map(cell).join("")}</tr>`);
  return `<div style="overflow: auto"><table><thead><tr>${columns.map(heading).join("")}</tr></thead><tbody>${body.join("")}</tbody></table></div>`;
}

/**
 * A table for the terminal, with aligned columns.
 * @example
 * ```ts
 * import { tableText } from "image-denoiser";
 * const text = tableText({ columns: ["method", "PSNR, dB"], rows: [["mean 3x3", "15.39"]] });
 * text.split("\n") // [ 'method     PSNR, dB', '───────────────────', 'mean 3x3      15.39' ]
 * ```
 */
export function tableText({ columns, rows, align }: Table): string {
  const widths = columns.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i].length)));
  const line = (cells: string[]) =>
    cells
      .map((cell, i) => (i === 0 || align === "left" ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join("   ")
      .trimEnd();
  return [line(columns), widths.map((width) => "─".repeat(width)).join("───"), ...rows.map(line)].join("\n");
}

/**
 * A table in Markdown.
 * @example
 * ```ts
 * import { tableMarkdown } from "image-denoiser";
 * const markdown = tableMarkdown({ columns: ["method", "PSNR, dB"], rows: [["mean 3x3", "15.39"]] });
 * markdown.split("\n") // [ '| method | PSNR, dB |', '| --- | --: |', '| mean 3x3 | 15.39 |' ]
 * ```
 */
export function tableMarkdown({ columns, rows, align }: Table): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const rule = align === "left" ? ":--" : "--:";
  return [line(columns), line(columns.map((_, i) => (i === 0 ? "---" : rule))), ...rows.map(line)].join("\n");
}
