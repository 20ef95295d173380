// The project as TypeScript's language service sees it: files on disk, its tsconfig.json, and beside the notebook the cells:
// each that was compiled is a module, `.cell-3.ts`, of which later ones import. None of these files is ever written.
import path from "node:path";
import ts from "typescript";

/** Which settings of tsconfig.json a cell needs otherwise. */
const cellOptions: ts.CompilerOptions = {
  module: ts.ModuleKind.ESNext, // top-level await
  moduleResolution: ts.ModuleResolutionKind.Bundler, // `import "../lib"`, and packages that are only ES modules
  noEmit: false,
  sourceMap: true,
  removeComments: true,
  preserveConstEnums: true, // a later cell uses the enum
  declaration: false,
  composite: false,
  incremental: false,
  isolatedModules: false,
  verbatimModuleSyntax: false,
  erasableSyntaxOnly: false,
  noUnusedLocals: false,
  noUnusedParameters: false,
  allowUnreachableCode: true,
  outDir: undefined,
  rootDir: undefined,
};

export interface Project {
  readonly service: ts.LanguageService;
  readonly options: ts.CompilerOptions;
  /** Gives a file beside the notebook a text. */
  write(name: string, text: string): void;
  /** The path of a file beside the notebook. */
  path(name: string): string;
  text(file: string): string;
  /** The files that a file imports, and those that these import, without packages and declaration files. */
  imports(file: string): string[];
  /** The same for a text beside the notebook. */
  importsOfText(text: string): string[];
}

/**
 * @param root the folder of tsconfig.json
 * @param folder the notebook's
 * @param roots files beside the notebook which the program consists of, with all that they import
 */
export function openProject(root: string, folder: string, roots: readonly string[]): Project {
  const options = settingsOfCells(root);
  const written = new Map<string, { text: string; version: number }>();
  const place = (name: string) => `${folder.replaceAll(path.sep, "/")}/${name}`;
  const isPackage = (file: string) => file.includes("/node_modules/");
  const resolutions = ts.createModuleResolutionCache(root, (name) => name, options);

  const fileExists = (file: string) => written.has(file) || ts.sys.fileExists(file);
  const readFile = (file: string) => written.get(file)?.text ?? ts.sys.readFile(file);
  function getScriptVersion(file: string): string {
    const version = written.get(file)?.version;
    if (version !== undefined) return String(version);
    return isPackage(file) ? "" : String(ts.sys.getModifiedTime?.(file)?.getTime());
  }
  /** For each cell TypeScript asks for all files, also for those that it has parsed. */
  const snapshots = new Map<string, { version: string; snapshot: ts.IScriptSnapshot }>();
  function getScriptSnapshot(file: string): ts.IScriptSnapshot | undefined {
    const version = getScriptVersion(file);
    const known = snapshots.get(file);
    if (known?.version === version) return known.snapshot;
    const text = readFile(file);
    if (text === undefined) return undefined;
    const snapshot = ts.ScriptSnapshot.fromString(text);
    snapshots.set(file, { version, snapshot });
    return snapshot;
  }
  const host: ts.LanguageServiceHost = {
    getCompilationSettings: () => options,
    getScriptFileNames: () => roots.map(place),
    getScriptVersion,
    getScriptSnapshot,
    getCurrentDirectory: () => root,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
    fileExists,
    readFile,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
    readDirectory: ts.sys.readDirectory,
    realpath: ts.sys.realpath,
  };

  /** Texts of files since the last change of a cell, and files of the project that they import. */
  const texts = new Map<string, string>();
  const imported = new Map<string, string[]>();
  /** Of each file's text, what it imports. */
  const specifiers = new Map<string, { text: string; imported: readonly string[] }>();
  function text(file: string): string {
    const read = texts.get(file) ?? readFile(file) ?? "";
    texts.set(file, read);
    return read;
  }
  function direct(file: string): string[] {
    const known = imported.get(file);
    if (known) return known;
    const read = text(file);
    let parsed = specifiers.get(file);
    if (parsed?.text !== read) {
      parsed = { text: read, imported: importedBy(read) };
      specifiers.set(file, parsed);
    }
    const files = parsed.imported.flatMap((specifier) => resolve(specifier, file));
    imported.set(file, files);
    return files;
  }
  function withImports(files: readonly string[]): string[] {
    const all = new Set(files);
    for (const file of all) for (const further of direct(file)) all.add(further);
    return [...all];
  }
  function resolve(specifier: string, from: string): string[] {
    if (!/^[./]/.test(specifier)) return [];
    const { resolvedModule } = ts.resolveModuleName(specifier, from, options, host, resolutions);
    const file = resolvedModule?.resolvedFileName;
    return file && /\.[cm]?tsx?$/.test(file) && !/\.d\.[cm]?ts$/.test(file) && !isPackage(file) ? [file] : [];
  }

  return {
    service: ts.createLanguageService(host),
    options,
    write(name, text) {
      const version = (written.get(place(name))?.version ?? 0) + 1;
      written.set(place(name), { text, version });
      texts.clear();
      imported.clear();
      resolutions.clear(); // files may have changed, or appeared
    },
    path: place,
    text,
    imports: (file) => withImports(direct(file)),
    importsOfText: (content) =>
      withImports(importedBy(content).flatMap((specifier) => resolve(specifier, place(".cell.ts")))),
  };
}

/** What a source imports. */
export const importedBy = (source: string): string[] =>
  ts.preProcessFile(source).importedFiles.map(({ fileName }) => fileName);

/** The settings of tsconfig.json, as cells need them. */
export function settingsOfCells(root: string): ts.CompilerOptions {
  const file = path.join(root, "tsconfig.json");
  const { config } = ts.readConfigFile(file, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, root, {}, file);
  return { ...options, ...cellOptions };
}
