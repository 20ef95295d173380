// Tables of what goes into a training: its settings, and how many images are used for what.
import type { ImageFolder, PictureSet } from "../data/image-folder";
import type { Images } from "../data/images";
import { formatNumber, formatShortest } from "../numbers";
import type { Table } from "./table";

/**
 * Settings and their values; "batchSize" becomes "batch size". An SSIM of weight 0 is left out, in the loss's name too.
 * @example
 * ```ts
 * import { settingsTable } from "image-denoiser";
 * settingsTable({ batchSize: 128, validationShare: 1 / 60 }).rows // [ [ 'batch size', '128' ], [ 'validation share', '0.01667' ] ]
 * ```
 */
export function settingsTable(settings: object): Table {
  const { ssimWeight, ...others } = settings as { ssimWeight?: number; loss?: string };
  const named = ssimWeight === 0 ? { ...others, loss: others.loss?.replace(" and SSIM", "") } : settings;
  return {
    columns: ["setting", "value"],
    rows: Object.entries(named).map(([name, value]) => [
      name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replace(/^ssim /, "SSIM "),
      typeof value === "number" ? formatShortest(value, 4) : [value].flat().join(", "),
    ]),
  };
}

/**
 * How many images are used for training, validation and test: digits, or pictures in files, with their names; and which
 * files of a folder are left out, because they cannot be read or are copies.
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
  unreadable = [],
  copies = [],
}: Readonly<Record<"train" | "validation" | "test", Images | PictureSet>> &
  Partial<Pick<ImageFolder, "unreadable" | "copies">>): Table {
  const sets = Object.entries({ training: train, validation, test });
  const number = (count: number) => count.toLocaleString("en-US");
  if ("shape" in train)
    return {
      columns: ["digits for", "number"],
      rows: sets.map(([use, set]) => [use, number((set as Images).shape[0])]),
    };
  const listed = (files: readonly { readonly name: string }[]) => {
    const names = files.slice(0, mostNames).map(({ name }) => name);
    const more = files.length - names.length;
    return `${names.join(", ")}${more > 0 ? ` and ${number(more)} more` : ""}`;
  };
  const leftOut = Object.entries({ "left out, cannot be read": unreadable, "left out, copies": copies });
  return {
    columns: ["pictures for", "number", "megapixels", "names"],
    rows: [
      ...sets.map(([use, set]) => {
        const { pictures } = set as PictureSet;
        const megapixels = pictures.reduce((sum, { height, width }) => sum + height * width, 0) / 1e6;
        return [use, number(pictures.length), formatNumber(megapixels, megapixels < 0.05 ? 4 : 1), listed(pictures)];
      }),
      ...leftOut
        .filter(([, files]) => files.length > 0)
        .map(([use, files]) => [use, number(files.length), "", listed(files)]),
    ],
  };
}

/** More would not fit into a line. */
const mostNames = 9;
