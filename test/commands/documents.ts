// A copy of the README and docs/, for what commands write into them.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const root = path.resolve(__dirname, "../..");

export interface DocumentsCopy {
  readonly folder: string;
  /** @param file its path in the project */
  read(file: string): string;
  /** Of all files, by path. */
  contents(): Record<string, string>;
}

export function copyOfDocuments(): DocumentsCopy {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "documents "));
  for (const name of ["README.md", "docs"])
    fs.cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
  const read = (file: string) => fs.readFileSync(path.join(folder, file), "utf8");
  const contents = () => {
    const names = fs.readdirSync(folder, { recursive: true }) as string[];
    const files = names.filter((name) => fs.statSync(path.join(folder, name)).isFile());
    return Object.fromEntries(files.map((name) => [name, read(name)]));
  };
  return { folder, read, contents };
}
