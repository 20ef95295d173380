// Tables of what goes into a training: its settings, and how many images are used for what.
import type { PictureSet } from "../data/image-folder";
import type { Images } from "../data/images";
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
 * How many images are used for training, validation and test: digits, or pictures in files, with their names.
 * @example
 * ```ts
 * import { dataTable, loadMnist, loadPhotographs } from "image-denoiser";
 * dataTable(loadMnist({ dataset: "quick" })).rows[2] // [ 'test', '10,000' ]
 * dataTable(loadPhotographs({ channels: 3 })).rows[2] // [ 'test', '2', '0.4', 'astronaut, chelsea' ]
 * ```
 */
export function dataTable({
  train,
  validation,
  test,
}: Readonly<Record<"train" | "validation" | "test", Images | PictureSet>>): Table {
  const sets = Object.entries({ training: train, validation, test });
  const number = (count: number) => count.toLocaleString("en-US");
  if ("shape" in train)
    return {
      columns: ["digits for", "number"],
      rows: sets.map(([use, set]) => [use, number((set as Images).shape[0])]),
    };
  return {
    columns: ["pictures for", "number", "megapixels", "names"],
    rows: sets.map(([use, set]) => {
      const { pictures } = set as PictureSet;
      const pixels = pictures.reduce((sum, { height, width }) => sum + height * width, 0);
      const names = pictures.slice(0, mostNames).map(({ name }) => name);
      const more = pictures.length - names.length;
      return [
        use,
        number(pictures.length),
        (pixels / 1e6).toFixed(1),
        `${names.join(", ")}${more > 0 ? ` and ${number(more)} more` : ""}`,
      ];
    }),
  };
}

/** More would not fit into a line. */
const mostNames = 9;
