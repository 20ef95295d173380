// Edit a file in lib/, rerun the import cell, and the change is there: modules whose file changed since they were
// loaded, and all modules that import them, are dropped from Node's cache.
import fs from "node:fs";
import path from "node:path";

const loadedAt = new Map<string, number>();

/**
 * Call before each cell.
 * @param root only modules below this folder, and outside node_modules and the kernel itself, are reloaded
 */
export function reloadChangedModules(root: string): void {
  const own = Object.values(require.cache).filter(
    (loaded): loaded is NodeModule =>
      loaded?.filename.startsWith(root + path.sep) === true &&
      !loaded.filename.includes("node_modules") &&
      !loaded.filename.startsWith(__dirname),
  );
  const stale = new Set<NodeModule>();
  for (const loaded of own) {
    const modified = fs.statSync(loaded.filename, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    const known = loadedAt.get(loaded.filename);
    if (known !== undefined && known !== modified) stale.add(loaded);
    loadedAt.set(loaded.filename, modified);
  }
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
    loadedAt.delete(filename);
  }
}
