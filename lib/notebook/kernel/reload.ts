// Makes edits of lib/ take effect when the importing cell is run again: modules whose files have changed since they were
// loaded, and all modules that import them, are removed from Node's cache.
import fs from "node:fs";
import path from "node:path";

/** For each loaded module, the modification time of its file. */
const versions = new Map<string, number>();

const modified = (file: string) => fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** The loaded modules in the folder `root`, without node_modules and the kernel itself. */
const modulesOf = (root: string): NodeModule[] =>
  Object.values(require.cache).filter(
    (loaded): loaded is NodeModule =>
      loaded?.filename.startsWith(root + path.sep) === true &&
      !loaded.filename.includes("node_modules") &&
      !loaded.filename.startsWith(__dirname),
  );

/** Call after each cell: remembers the modules that it loaded. */
export function rememberModules(root: string): void {
  for (const { filename } of modulesOf(root)) if (!versions.has(filename)) versions.set(filename, modified(filename));
}

/** Call before each cell: removes the modules that were edited since, and those that import them. */
export function reloadChangedModules(root: string): void {
  const own = modulesOf(root);
  const stale = new Set(own.filter(({ filename }) => versions.get(filename) !== modified(filename)));
  for (let grew = stale.size > 0; grew; ) {
    grew = false;
    for (const loaded of own)
      if (!stale.has(loaded) && loaded.children.some((child) => stale.has(child))) {
        stale.add(loaded);
        grew = true;
      }
  }
  for (const { filename } of stale) {
    delete require.cache[filename];
    versions.delete(filename);
  }
}
