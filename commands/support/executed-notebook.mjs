// What an executed notebook holds for the documents: its figures, and itself, fit to be committed.
import fs from "node:fs";
import { staticSvgs } from "./library.mjs";

/** @typedef {{ data?: { "application/vnd.plotly.v1+json"?: any, "image/svg+xml"?: string | string[], "text/plain"?: string | string[] } }} Output */

/** @param {string} file an executed notebook */
export function readExecuted(file) {
  const notebook = JSON.parse(fs.readFileSync(file, "utf8"));
  return {
    /**
     * The figures and picture grids below a cell, as SVG.
     * @param {string} id the cell's
     * @returns {string[]}
     */
    figures(id) {
      /** @type {Output[]} */
      const outputs = notebook.cells.find((/** @type {{ id: string }} */ cell) => cell.id === id)?.outputs ?? [];
      return outputs.flatMap(({ data = {} }) => {
        const figure = data["application/vnd.plotly.v1+json"];
        const alt = [data["text/plain"] ?? ""].flat().join("");
        if (figure) return [staticSvgs().staticSvg({ data: figure.data, layout: figure.layout, alt })];
        const svg = data["image/svg+xml"];
        return svg ? [[svg].flat().join("")] : [];
      });
    },
    /** The notebook without what papermill wrote into it: times and paths of this machine. */
    withoutTracesOfPapermill() {
      delete notebook.metadata.papermill;
      for (const cell of notebook.cells) {
        delete cell.metadata.papermill;
        delete cell.metadata.execution;
        if (cell.metadata.tags?.length === 0) delete cell.metadata.tags;
      }
      return `${JSON.stringify(notebook, null, 1)}\n`;
    },
  };
}
