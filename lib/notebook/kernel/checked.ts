// Remembers which files of the project have no type errors, also for the next kernel: with all that they import, they need
// not be checked again until one of these changes.
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import ts from "typescript";
import { sync as writeFileAtomic } from "write-file-atomic";
import type { Project } from "./project";

/** So many files are remembered: old versions of files are forgotten. */
const remembered = 2000;

export interface FileChecks {
  /** Whether all of the files are known to have no type errors. */
  areFine(files: readonly string[]): boolean;
  /** Type errors in files of the project. */
  errors(files: readonly string[]): ts.Diagnostic[];
  /** Checks one of the files, if there is one that has not been checked. @returns whether there was */
  checkNext(files: readonly string[]): boolean;
}

/** @param root the project's folder */
export function createFileChecks(root: string, project: Project): FileChecks {
  const store = path.join(root, "node_modules", ".cache", "notebook-kernel", "checked.json");
  /** Keys of files without errors; other kernels write to the store too. */
  const fine = new Set<string>();
  let unsaved = false;
  let readAt = "";
  /** Files that have errors, by key. */
  const failed = new Set<string>();
  const surroundings = [
    ts.version,
    JSON.stringify(project.options),
    modified(path.join(root, "node_modules", ".package-lock.json")),
  ];

  /** Of each file's text. */
  const digests = new Map<string, { text: string; digest: string }>();
  function digestOf(file: string): string {
    const text = project.text(file);
    const known = digests.get(file);
    if (known?.text === text) return known.digest;
    const digest = hash([text]);
    digests.set(file, { text, digest });
    return digest;
  }

  /** Stands for a file and all that it imports: equal keys, equal type errors. */
  function keyOf(file: string): string {
    const files = [file, ...project.imports(file).sort()];
    return hash([...surroundings, ...files.flatMap((name) => [name, digestOf(name)])]);
  }

  function check(file: string, key: string): readonly ts.Diagnostic[] {
    const { service } = project;
    const errors = [...service.getSyntacticDiagnostics(file), ...service.getSemanticDiagnostics(file)];
    (errors.length === 0 ? fine : failed).add(key);
    unsaved ||= errors.length === 0;
    return errors;
  }

  function load(): void {
    const version = modified(store);
    if (version === readAt) return;
    readAt = version;
    for (const key of read(store)) fine.add(key);
  }

  function save(): void {
    if (!unsaved) return;
    unsaved = false;
    load();
    try {
      fs.mkdirSync(path.dirname(store), { recursive: true });
      writeFileAtomic(store, JSON.stringify([...fine].slice(-remembered)));
    } catch {} // a folder that may not be written to: the next kernel checks again
  }

  return {
    areFine(files) {
      load();
      return files.every((file) => fine.has(keyOf(file)));
    },
    errors(files) {
      load();
      const unknown = files.map((file) => ({ file, key: keyOf(file) })).filter(({ key }) => !fine.has(key));
      const errors = unknown.flatMap(({ file, key }) => check(file, key));
      save();
      return errors;
    },
    checkNext(files) {
      load();
      for (const file of files) {
        const key = keyOf(file);
        if (fine.has(key) || failed.has(key)) continue;
        check(file, key);
        return true;
      }
      save();
      return false;
    },
  };
}

function read(file: string): string[] {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8"));
  } catch {
    return [];
  }
}

const modified = (file: string) => String(fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs);

function hash(texts: readonly string[]): string {
  const digest = createHash("sha256");
  for (const text of texts) digest.update(`${text.length}:${text}`);
  return digest.digest("base64url");
}
