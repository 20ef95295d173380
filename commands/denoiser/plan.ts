// Which pictures are to be cleaned, and which file each result goes to. Nothing is read but folders.
import fs from "node:fs";
import path from "node:path";
import { globSync } from "tinyglobby";
import { filesBelow, hasPictureName, shownPath } from "../../lib/data/image-file";

/** Standard input or output. */
export const standard = "-";

export interface Job {
  readonly input: string;
  readonly output: string;
}

export interface Plan {
  readonly jobs: readonly Job[];
  /** Arguments that name no picture, as sentences. */
  readonly problems: readonly string[];
  /** How many files in folders are not named like pictures. */
  readonly leftOut: number;
}

/** A mistake in the arguments: nothing has been done. */
export class PlanError extends Error {}

/** A file, and its name: its path below the folder or the fixed part of the pattern that named it. */
interface Found {
  readonly file: string;
  readonly name: string;
}

/**
 * @param inputs files, folders, patterns, "-"
 * @param out a folder; a file for a single picture; "-"
 * @throws {PlanError} when results would collide with each other or with inputs
 */
export function planOf(inputs: readonly string[], out: string): Plan {
  const toFile = out === standard || isFile(out);
  const one = inputs.length === 1 && !isFolder(inputs[0]) && !isPattern(inputs[0]);
  if (toFile && !one)
    throw new PlanError(
      out === standard
        ? "standard output (-o -) takes one picture: name a folder after -o for several"
        : `${shownPath(out)} is named like a picture and would take one: name a folder after -o for several`,
    );
  if (!toFile && inputs.includes(standard))
    throw new PlanError(
      "a picture from standard input (-) has no name: name a file after -o, or - for standard output",
    );
  if (!toFile && fs.existsSync(out) && !isFolder(out))
    throw new PlanError(`${shownPath(out)} is a file, not a folder: name another folder after -o`);
  if (toFile) return { jobs: separate([{ input: inputs[0], output: out }]), problems: [], leftOut: 0 };

  const { found, problems, leftOut } = picturesOf(inputs, out);
  return {
    jobs: separate(found.map(({ file, name }) => ({ input: file, output: path.join(out, name) }))),
    problems,
    leftOut,
  };
}

/**
 * The files that arguments name. Those of folders and patterns are sorted.
 * @param out the folder of results, which may be in one of these folders and is not an input
 */
export function picturesOf(inputs: readonly string[], out?: string) {
  const own = out === undefined || !fs.existsSync(out) ? undefined : fs.realpathSync(out);
  const found: Found[] = [];
  const problems: string[] = [];
  let leftOut = 0;
  for (const input of inputs) {
    const files = isFolder(input) ? filesIn(input) : isPattern(input) ? matches(input) : undefined;
    if (!files) {
      found.push({ file: input, name: path.basename(input) });
      continue;
    }
    const others = files.filter(({ file }) => !isResult(file, own, input));
    const pictures = others.filter(({ name }) => hasPictureName(name));
    leftOut += others.length - pictures.length;
    if (pictures.length === 0)
      problems.push(
        isFolder(input)
          ? `${shownPath(input)} holds no pictures that are named .png, .jpg, .jpeg, .webp, .tif or .tiff`
          : `${shownPath(input)}: no picture has such a name`,
      );
    found.push(...pictures);
  }
  return { found, problems, leftOut };
}

/** Whether results go to a file of this name, not into a folder. */
export const isFile = (out: string): boolean => hasPictureName(out) && !isFolder(out) && !out.endsWith("/");

/** @returns undefined where there is nothing that can be looked at */
function statOf(file: string): fs.Stats | undefined {
  try {
    return fs.statSync(file);
  } catch {
    return undefined;
  }
}

const isFolder = (name: string): boolean => statOf(name)?.isDirectory() ?? false;

/** Whether a name is a pattern. Where a file has this very name, it is meant. */
const isPattern = (name: string): boolean => /[*?{[]/.test(name) && statOf(name) === undefined;

/** Whether a file is in the folder of results, where that is within the input, and not the input itself. */
function isResult(file: string, own: string | undefined, input: string): boolean {
  if (own === undefined || (isFolder(input) && fs.realpathSync(input) === own)) return false;
  const folder = fs.realpathSync(path.dirname(file));
  return folder === own || folder.startsWith(own + path.sep);
}

/** Hidden files and folders, and links to folders, are left out. */
const filesIn = (folder: string): Found[] =>
  filesBelow(folder)
    .filter((name) => hasPictureName(name) || !isFolder(path.join(folder, name)))
    .map((name) => ({ name, file: path.join(folder, name) }));

function matches(pattern: string): Found[] {
  const parts = pattern.split("/");
  const fixed = parts.findIndex((part) => /[*?{[]/.test(part));
  const base = parts.slice(0, fixed).join("/") || (pattern.startsWith("/") ? "/" : ".");
  if (!isFolder(base)) return [];
  const names = globSync(parts.slice(fixed).join("/"), { cwd: base, followSymbolicLinks: false });
  return names.sort().map((name) => ({ name, file: path.join(base, name) }));
}

/**
 * The jobs, each once.
 * @throws {PlanError} when two inputs have the same output, or an output is an input
 */
function separate(jobs: readonly Job[]): Job[] {
  const identity = (file: string) => {
    const stat = file === standard ? undefined : statOf(file);
    return stat && `${stat.dev}:${stat.ino}`;
  };
  const isInput = new Map(jobs.map(({ input }) => [identity(input), input] as const));
  isInput.delete(undefined);
  const byOutput = new Map<string, Job>();
  for (const job of jobs) {
    const overwritten = isInput.get(identity(job.output));
    if (overwritten !== undefined)
      throw new PlanError(
        `the result of ${shownPath(job.input)} would replace the picture ${shownPath(overwritten)}: choose another place after -o`,
      );
    const output = path.resolve(job.output);
    const other = byOutput.get(output);
    if (other && path.resolve(other.input) !== path.resolve(job.input))
      throw new PlanError(
        `${shownPath(other.input)} and ${shownPath(job.input)} would both become ${shownPath(job.output)}: clean them one after the other, with two folders after -o`,
      );
    byOutput.set(output, other ?? job);
  }
  return [...byOutput.values()];
}
