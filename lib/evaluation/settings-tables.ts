// Tables of what goes into a training: its settings, and how many images are used for what.
import type { Mnist } from "../data/mnist";
import { formatShortest } from "../numbers";
import type { Table } from "./table";

/**
 * Settings and their values; "batchSize" becomes "batch size".
 * @example
 * ```ts
 * import { settingsTable } from "image-denoiser";
 * settingsTable({ batchSize: 128, validationShare: 1 / 60 }).rows // [ [ 'batch size', '128' ], [ 'validation share', '0.01667' ] ]
 * ```
 */
export const settingsTable = (settings: object): Table => ({
  columns: ["setting", "value"],
  rows: Object.entries(settings).map(([name, value]) => [
    name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replace(/^ssim /, "SSIM "),
    typeof value === "number" ? formatShortest(value, 4) : [value].flat().join(", "),
  ]),
});

/**
 * How many digits are used for training, validation and test.
 * @example
 * ```ts
 * import { dataTable, loadMnist } from "image-denoiser";
 * dataTable(loadMnist({ dataset: "quick" })).rows[2] // [ 'test', '10,000' ]
 * ```
 */
export const dataTable = ({ train, validation, test }: Pick<Mnist, "train" | "validation" | "test">): Table => ({
  columns: ["digits for", "number"],
  rows: Object.entries({ training: train, validation, test }).map(([use, { shape }]) => [
    use,
    shape[0].toLocaleString("en-US"),
  ]),
});
