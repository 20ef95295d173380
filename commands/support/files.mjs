// Replaces several files together: nothing is replaced unless all of them could be written.
import fs from "node:fs";
import path from "node:path";

/**
 * Writes every file beside its place first, then moves each there. A reader finds an old file or a new one, never a part.
 * @param {string} folder
 * @param {Map<string, string>} files contents by path in that folder
 */
export function replaceTogether(folder, files) {
  const written = [...files].map(([name, content]) => {
    const file = path.join(folder, name);
    return { file, unfinished: `${file}.part`, content };
  });
  try {
    for (const { unfinished, content } of written) {
      fs.mkdirSync(path.dirname(unfinished), { recursive: true });
      fs.writeFileSync(unfinished, content, { flush: true });
    }
  } catch (error) {
    for (const { unfinished } of written) fs.rmSync(unfinished, { force: true });
    throw error;
  }
  for (const { file, unfinished } of written) fs.renameSync(unfinished, file);
}
