// Shows figures, tables and text below a cell. Each output has several forms of the same content, of which Jupyter shows
// the best that is possible: an interactive figure, a static SVG, or text.
import { randomBytes } from "node:crypto";
import { type Table, tableHtml, tableText } from "../evaluation/table";
import type { Drawing } from "../figures/architecture";
import { type CloseUps, closeUpsHtml } from "../figures/close-ups";
import type { Figure } from "../figures/figure";
import { type PictureGrid, pictureGridHtml } from "../figures/picture-grid";
import { staticImage, staticSvg } from "../figures/static-svg";

/** Without its types: they would bring a whole TypeScript into the check of each notebook. */
const jupyter: { lastWriteDisplayData?: (content: object, update: boolean) => void } = require("tslab/dist/jupyter");

/** The forms of an output: MIME type -> content. */
export type Output = Record<string, unknown>;

/** An output below the cell that can be replaced. */
export interface Display {
  update(output: Output): void;
  /** Shows it below the cell that runs now as well: updates reach both places. */
  showAgain(): void;
}

/** @throws {Error} outside a notebook's kernel */
export function show(output: Output): Display {
  const transient = { display_id: randomBytes(8).toString("hex") };
  const send = (data: Output, update: boolean) => {
    if (!jupyter.lastWriteDisplayData)
      throw new Error("this shows an output below a notebook's cell: run it in a notebook with our kernel");
    jupyter.lastWriteDisplayData({ data, metadata: {}, transient }, update);
  };
  let latest = output;
  send(latest, false);
  return {
    update(data) {
      latest = data;
      send(latest, true);
    },
    showAgain: () => send(latest, false),
  };
}

function htmlOf(figure: PictureGrid | CloseUps | Drawing): string {
  if ("closeUps" in figure) return closeUpsHtml(figure);
  return "rows" in figure ? pictureGridHtml(figure) : staticImage(figure);
}

/**
 * A figure's forms: interactive, a static SVG, an alternative text; those of a picture grid, of close-ups and of a drawing:
 * HTML, a static SVG, that text.
 */
export function figureOutput(figure: Figure | PictureGrid | CloseUps | Drawing): Output {
  if (!("data" in figure))
    return { "text/html": htmlOf(figure), "image/svg+xml": staticSvg(figure), "text/plain": figure.alt };
  const { data, layout, alt } = figure;
  const config = { displaylogo: false, responsive: true };
  return {
    "application/vnd.plotly.v1+json": { data, layout, config },
    "text/html": staticImage(figure),
    "text/plain": alt,
  };
}

export const tableOutput = (table: Table): Output => ({
  "text/html": tableHtml(table),
  "text/plain": tableText(table),
});

/**
 * Shows a figure, a picture grid or close-ups below the cell: figures interactive, or as a static SVG where no script runs.
 * @example
 * ```ts no-run
 * import { trainingCurves } from "../lib"; // in a cell of a notebook
 * import { showFigure } from "../lib/notebook";
 * const epoch = { epoch: 1, loss: 0.02, valLoss: 0.03, learningRate: 0.001, seconds: 6 };
 * showFigure(trainingCurves([epoch], "Loss of the U-Net"));
 * ```
 */
export function showFigure(figure: Figure | PictureGrid | CloseUps | Drawing): void {
  show(figureOutput(figure));
}

/**
 * Shows a table below the cell.
 * @example
 * ```ts no-run
 * import { showTable } from "../lib/notebook"; // in a cell of a notebook
 * showTable({ columns: ["method", "PSNR, dB"], rows: [["mean 3x3", "15.39"]] });
 * ```
 */
export function showTable(table: Table): void {
  show(tableOutput(table));
}

/**
 * Shows text below the cell.
 * @param text Markdown
 * @example
 * ```ts no-run
 * import { showText } from "../lib/notebook"; // in a cell of a notebook
 * showText("The U-Net is **better** than the autoencoder.");
 * ```
 */
export function showText(text: string): void {
  show({ "text/markdown": text, "text/plain": text });
}
