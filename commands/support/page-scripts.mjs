// The libraries that pages which compare runs contain, so that they work offline.
import fs from "node:fs";
import { createRequire } from "node:module";
import { plotlyFile } from "../../setup/jupyter.mjs";

const require = createRequire(import.meta.url);
const sortable = ["sortable.auto.min.js", "sortable.a11y.min.js"];

/** @returns {import("../../lib/report/results-page.js").Scripts} */
export const pageScripts = () => ({
  plotly: fs.readFileSync(plotlyFile, "utf8"),
  sortable: sortable
    .map((file) => fs.readFileSync(require.resolve(`sortable-tablesort/dist/${file}`), "utf8"))
    .join("\n"),
});
