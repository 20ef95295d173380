// What a cell can import: CommonJS and TypeScript by `require`, packages that are only ES modules by Node's `import()`.
import fs from "node:fs";
import Module, { createRequire, isBuiltin } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

type Namespace = Record<string, unknown>;

/** The parameters of a cell's JavaScript, without `exports`. */
export interface CellModules {
  require(specifier: string): unknown;
  /** What `import()` is in a cell. */
  importModule(specifier: unknown): Promise<unknown>;
  readonly importMeta: { readonly url: string; readonly dirname: string; readonly filename: string };
  readonly __dirname: string;
  readonly __filename: string;
}

/** @param folder cells import from it */
export function createModules(folder: string): CellModules & {
  /** Loads those of a cell's imports that are ES modules, which `require` then returns. */
  preload(specifiers: readonly string[]): Promise<void>;
} {
  const filename = path.join(folder, ".cell.ts");
  const plainRequire = createRequire(filename);
  const importNative = nativeImport(filename);
  const loaded = new Map<string, Namespace>();

  function isEsModule(specifier: string): boolean {
    if (isBuiltin(specifier)) return false;
    try {
      return isEsFile(plainRequire.resolve(specifier));
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === "ERR_PACKAGE_PATH_NOT_EXPORTED"; // to `import` alone
    }
  }

  const require = Object.assign((specifier: string) => loaded.get(specifier) ?? plainRequire(specifier), plainRequire);
  return {
    require,
    async preload(specifiers) {
      for (const specifier of specifiers)
        if (!loaded.has(specifier) && isEsModule(specifier))
          loaded.set(specifier, asCommonJs(await importNative(specifier)));
    },
    async importModule(given) {
      const specifier = String(given);
      if (isBuiltin(specifier) || /^(data|file):/.test(specifier) || isEsModule(specifier))
        return importNative(specifier);
      const required = plainRequire(specifier);
      return required?.__esModule ? required : { ...required, default: required };
    },
    importMeta: { url: pathToFileURL(filename).href, dirname: folder, filename },
    __dirname: folder,
    __filename: filename,
  };
}

/** `import()` of a module in that place. TypeScript's `import()` would be one of this file. */
function nativeImport(filename: string): (specifier: string) => Promise<Namespace> {
  const module = new Module(filename) as Module & { _compile(code: string, filename: string): void };
  module._compile("module.exports = (specifier) => import(specifier);", filename);
  return module.exports;
}

function isEsFile(file: string): boolean {
  if (file.endsWith(".mjs")) return true;
  if (!file.endsWith(".js")) return false;
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    const description = path.join(folder, "package.json");
    if (fs.existsSync(description)) return JSON.parse(fs.readFileSync(description, "utf8")).type === "module";
    if (folder === path.dirname(folder)) return false;
  }
}

/** An ES module in the form that compiled `import` statements expect of `require`: with its exports as they are now. */
function asCommonJs(namespace: Namespace): Namespace {
  const copy: Namespace = {};
  Object.defineProperty(copy, "__esModule", { value: true });
  for (const name of Object.keys(namespace))
    Object.defineProperty(copy, name, { get: () => namespace[name], enumerable: true });
  return copy;
}
