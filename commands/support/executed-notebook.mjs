// What an executed notebook holds for the documents: its static figures, and itself, fit to be committed.
import fs from "node:fs";

/** @param {string} file an executed notebook */
export function readExecuted(file) {
  const notebook = JSON.parse(fs.readFileSync(file, "utf8"));
  return {
    /**
     * The static figures below a cell, as SVG.
     * @param {string} id the cell's
     * @returns {string[]}
     */
    staticFigures(id) {
      /** @type {{ data?: Record<string, string | string[]> }[]} */
      const outputs = notebook.cells.find((/** @type {{ id: string }} */ cell) => cell.id === id)?.outputs ?? [];
      return outputs.flatMap(({ data }) => {
        const html = [data?.["text/html"] ?? ""].flat().join("");
        const encoded = /data:image\/svg\+xml;base64,([^"]+)/.exec(html)?.[1];
        return encoded ? [Buffer.from(encoded, "base64").toString()] : [];
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
