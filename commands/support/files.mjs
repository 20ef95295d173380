// Replaces several files together: nothing is replaced unless all of them could be written.
import fs from "node:fs";
import path from "node:path";

/**
 * Writes every file beside its place first, then moves each there. A reader finds an old file or a new one, never a part.
 * @param {string} folder
 * @param {Map<string, string>} files contents by path in that folder
 */
export function replaceTogether(folder, files) {
  const written = [];
  try {
    for (const [name, content] of files) {
      const file = path.join(folder, name);
      const unfinished = `${file}.part`;
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.rmSync(unfinished, { force: true }); // of an earlier, interrupted attempt
      written.push({ file, unfinished });
      fs.writeFileSync(unfinished, content, { flush: true });
    }
  } catch (error) {
    for (const { unfinished } of written) fs.rmSync(unfinished, { force: true });
    throw error;
  }
  for (const { file, unfinished } of written) fs.renameSync(unfinished, file);
}
