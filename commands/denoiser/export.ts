// Exports a saved model for other programs.
import path from "node:path";
import { shownPath } from "../../lib/data/image-file";
import "../../lib/engine"; // runs the model on the test images
import { type ExportOptions, exportModel } from "../../lib/models/export/export-model";
import { loadModelAndCard } from "../../lib/models/files";

/** @returns the files, as they are shown to people */
export async function exportSavedModel(
  folder: string,
  out: string,
  options: Pick<ExportOptions, "to" | "overwrite">,
): Promise<string[]> {
  const { model, card } = await loadModelAndCard(folder);
  const names = await exportModel(model, out, { ...options, card });
  return names.map((name) => shownPath(path.join(out, name)));
}
