// Shows things below a cell. Every output carries several forms of the same content, and Jupyter picks the best that a
// place can show: an interactive figure, a still picture, or words.
import { randomBytes } from "node:crypto";
import * as jupyter from "tslab/dist/jupyter";
import { type Table, tableHtml, tableText } from "../evaluation/table";
import type { Figure } from "../figures/figure";
import { staticImage } from "../figures/static-svg";

/** MIME type -> content. */
export type Output = Record<string, unknown>;

/** A place below the cell whose content can be replaced. */
export interface Place {
  update(output: Output): void;
}

/** @throws {Error} outside a notebook's kernel */
export function show(output: Output): Place {
  const transient = { display_id: randomBytes(8).toString("hex") };
  const send = (data: Output, update: boolean) => {
    if (!jupyter.lastWriteDisplayData)
      throw new Error("there is no notebook to show this in: run it in a cell of a notebook with our kernel");
    jupyter.lastWriteDisplayData(
      { data, metadata: {}, transient } as unknown as Parameters<typeof jupyter.lastWriteDisplayData>[0],
      update,
    );
  };
  send(output, false);
  return { update: (data) => send(data, true) };
}

export function figureOutput(figure: Figure): Output {
  const { data, layout, alt } = figure;
  const config = { displaylogo: false, responsive: true };
  return {
    "application/vnd.plotly.v1+json": { data, layout, config },
    "text/html": staticImage(figure),
    "text/plain": alt,
  };
}

export function showFigure(figure: Figure): void {
  show(figureOutput(figure));
}

export function showTable(table: Table): void {
  show({ "text/html": tableHtml(table), "text/plain": tableText(table) });
}

/** @param text Markdown */
export function showText(text: string): void {
  show({ "text/markdown": text, "text/plain": text });
}
