// What a result was made from, with and by: enough to make it again, and to see whether another one is comparable.
import path from "node:path";
import { formatMinutes } from "../training/duration";
import type { Results } from "./results";
import { commandOf, parameterText } from "./runs";
import type { Table } from "./table";

/** More files than these are named in the results file only. */
const mostDigests = 8;

/**
 * A table of a run's parameters, data, versions, machine and times, and of the command that makes it again.
 * @example
 * ```ts no-run
 * import { loadResults, provenanceTable, tableText } from "image-denoiser";
 * const results = loadResults("unet"); // after `npm start`
 * if (results) console.log(tableText(provenanceTable(results)));
 * ```
 */
export function provenanceTable(results: Results): Table {
  const { notebook, versions, data, seconds, machine, date, history, trainedBefore } = results;
  const { folder, epochs } = results.parameters; // where it is, is nobody's business who reads the report
  const parameters = { ...results.parameters, ...(folder && { folder: `…/${path.basename(String(folder))}` }) };
  const trained = history.length < Number(epochs) ? ` (${history.length} of ${epochs} epochs)` : "";
  const before = trainedBefore
    ? `, after ${trainedBefore} ${trainedBefore === 1 ? "epoch" : "epochs"} in an earlier training of the same model`
    : "";
  const digests = Object.entries(data.digests).map(([name, digest]) => `${name}: ${digest.slice(0, 16)}…`);
  const more = digests.length - mostDigests;
  const named = [...digests.slice(0, mostDigests), ...(more > 0 ? [`${more} more in the results file`] : [])];
  const listed = (values: object) =>
    Object.entries(values)
      .map(([name, value]) => `${name} ${value === "" ? '""' : parameterText(value)}`)
      .join(", ");
  return {
    columns: ["provenance", "of this run"],
    align: "left",
    rows: [
      ["command", commandOf(notebook, parameters)],
      ["parameters", listed(parameters)],
      ["data", `${data.train} for training, ${data.validation} for validation, ${data.test} for testing`],
      ["SHA-256 of the data", named.join(", ")],
      ["versions", listed(versions)],
      ...(machine ? [["machine", `${machine.cpu}, ${machine.cores} cores, ${machine.os}`]] : []),
      [
        "duration",
        `training ${formatMinutes(seconds.training)}${trained}${before}, everything ${formatMinutes(seconds.total)}`,
      ],
      ...(date ? [["date", `${date.slice(0, 16).replace("T", " ")} UTC`]] : []),
    ],
  };
}
