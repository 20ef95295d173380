// Runs: each time a notebook is run, its report, model and results get a folder of their own in `runs/`, laid out like the
// project's: `reports/`, `models/`, `results/`. The project's own hold a copy of the newest.
import { randomUUID } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import writeFileAtomic from "write-file-atomic";
import type { ImageScores } from "../metrics/scores";
import { formatLevel } from "../numbers";
import type { Parameters, Results } from "./results";

/** One notebook, run once. */
export interface Run {
  /** Of its folder in `runs/`: "2026-11-27T22-40-05 unet sigma=0.3". */
  readonly name: string;
  readonly folder: string;
  readonly notebook: string;
  /** ISO 8601, in UTC. */
  readonly began: string;
  /** Undefined when it has not come to its end. */
  readonly results: Results | undefined;
}

const projectFolder = path.resolve(__dirname, "../..");
const runsFolder = (output: string) => path.join(output, "runs");
const resultsFile = (folder: string, notebook: string) => path.join(folder, "results", `${notebook}.json`);
const modelFolder = (folder: string, notebook: string) => path.join(folder, "models", notebook);

/** @returns undefined when there is no such file, or not all of it */
function readJson<Content>(file: string): Content | undefined {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/**
 * A notebook's results in a folder's `results/`.
 * @returns undefined when there are none, or they cannot be read
 */
export function resultsIn(folder: string, notebook: string): Results | undefined {
  const results = readJson<Results>(resultsFile(folder, notebook));
  return results?.schema === 1 ? results : undefined;
}

/**
 * Makes the folder of a run that begins. Until there are results in it, the run is unfinished.
 * @param output the folder of `runs/`
 * @param parameters the run's name tells those that differ from the notebook's defaults
 */
export function createRun(output: string, notebook: string, parameters: Parameters, began = new Date()): Run {
  const runs = runsFolder(output);
  const incomplete = path.join(runs, `.${randomUUID()}`);
  fs.mkdirSync(incomplete, { recursive: true });
  const content = { schema: 1, notebook, began: began.toISOString(), parameters };
  writeFileAtomic.sync(path.join(incomplete, "run.json"), `${JSON.stringify(content, null, 2)}\n`);
  const name = runName(notebook, parameters, began);
  for (let number = 1; ; number++) {
    const numbered = number === 1 ? name : `${name} ${number}`;
    const folder = path.join(runs, numbered);
    if (fs.existsSync(folder)) continue;
    fs.renameSync(incomplete, folder);
    return { name: numbered, folder, notebook, began: content.began, results: undefined };
  }
}

/** Letters that every file system takes, few enough that a path can hold them; the time is local, to the second. */
function runName(notebook: string, parameters: Parameters, began: Date): string {
  const local = new Date(began.getTime() - 60_000 * began.getTimezoneOffset());
  const time = local.toISOString().slice(0, 19).replaceAll(":", "-");
  const values = Object.entries(differences(notebook, parameters)).map(
    ([name, value]) => `${name}=${typeof value === "number" ? Number(value.toPrecision(4)) : value}`,
  );
  const safe = [path.basename(notebook), ...values].join(" ").replace(/[^\w .=+-]+/g, "-");
  return `${time} ${safe}`.slice(0, 120).replace(/[ .]+$/, "");
}

/** The parameters that differ from the notebook's defaults, which are those of the run that is kept in docs/results. */
function differences(notebook: string, parameters: Parameters): Parameters {
  const defaults = resultsIn(path.join(projectFolder, "docs"), notebook)?.parameters ?? {};
  const differs = ([name, value]: [string, unknown]) => name !== "resume" && String(value) !== String(defaults[name]);
  return Object.fromEntries(Object.entries(parameters).filter(differs));
}

/** The command that runs a notebook with these parameters. */
export function commandOf(notebook: string, parameters: Parameters): string {
  const values = Object.entries(differences(notebook, parameters)).map(
    ([name, value]) => `-p ${name} ${/^[\w./-]+$/.test(String(value)) ? parameterText(value) : JSON.stringify(value)}`,
  );
  return ["npm start --", `--notebook ${notebook}`, ...values].join(" ");
}

/** A parameter as people write it after -p: 25/255 for 0.09803921568627451, which is read as the same number. */
export function parameterText(value: Parameters[string]): string {
  if (typeof value !== "number") return String(value);
  const level = formatLevel(value);
  const [numerator, denominator = "1"] = level.split("/");
  return Number(numerator) / Number(denominator) === value ? level : String(value);
}

/**
 * All runs, the newest first.
 * @param output the folder of `runs/`
 */
export function listRuns(output: string): Run[] {
  const runs = runsFolder(output);
  const names = fs.existsSync(runs) ? fs.readdirSync(runs).filter((name) => !name.startsWith(".")) : [];
  return names
    .flatMap((name) => {
      const folder = path.join(runs, name);
      const begun = readJson<{ notebook: string; began: string }>(path.join(folder, "run.json"));
      if (!begun) return [];
      const { notebook, began } = begun;
      return { name, folder, notebook, began, results: resultsIn(folder, notebook) };
    })
    .sort((a, b) => (a.began < b.began ? 1 : -1));
}

/**
 * The run of a notebook to compare with: the newest with the same data set, noise and seed, or else with the same data set
 * and noise, or else the one in `models/` and `results/`.
 * @param output the folder of `runs/`, `models/` and `results/`
 * @returns the folder in whose `models/` its model is
 */
export function findTrained(
  output: string,
  notebook: string,
  parameters: Parameters,
): { folder: string; results: Results } | undefined {
  const copy = { folder: output, notebook, results: resultsIn(output, notebook) };
  const trained = [...listRuns(output), copy].flatMap(({ folder, notebook: own, results }) =>
    own === notebook && results && fs.existsSync(modelFolder(folder, notebook)) ? [{ folder, results }] : [],
  );
  // earlier runs do not say the kind of their noise
  const valueIn = (given: Parameters, name: string) =>
    String(given[name] ?? (name === "noiseKind" ? "gaussian" : undefined));
  const withSame = (...names: string[]) =>
    trained.find(({ results }) =>
      names.every((name) => valueIn(results.parameters, name) === valueIn(parameters, name)),
    );
  return (
    withSame("dataset", "sigma", "noiseKind", "seed") ??
    withSame("dataset", "sigma", "noiseKind") ??
    trained.find(({ folder }) => folder === output) ??
    trained[0]
  );
}

const isQuick = ({ parameters }: Results) => parameters.dataset === "quick";

/**
 * The results that stay in `results/` although this run is newer: a quick run does not replace a full one.
 * @param output the folder of `results/`
 */
export function fullRunKept(output: string, { notebook, results }: Run): Results | undefined {
  const there = resultsIn(output, notebook);
  return there && results && isQuick(results) && !isQuick(there) ? there : undefined;
}

/**
 * Copies a finished run to `reports/`, `models/` and `results/`. There is a whole file and a whole model at every moment.
 * They are copies and not links, because JupyterLab and nbconvert write into existing files; where the file system can, the
 * copies share their blocks.
 * @param output the folder of these
 */
export function publishRun(output: string, { folder, notebook }: Run): void {
  for (const type of ["html", "ipynb"]) copy(folder, output, path.join("reports", `${notebook}.${type}`));
  const model = path.join("models", notebook);
  const isWeights = (name: string) => /^weights-.*\.bin$/.test(name);
  const weights = filesIn(path.join(folder, model)).filter(isWeights);
  for (const name of [...weights, "model.json"]) copy(folder, output, path.join(model, name));
  const card = path.join(model, "card.json");
  if (fs.existsSync(path.join(folder, card))) copy(folder, output, card);
  else fs.rmSync(path.join(output, card), { force: true });
  for (const name of filesIn(path.join(output, model)))
    if (isWeights(name) && !weights.includes(name)) fs.rmSync(path.join(output, model, name));
  copy(folder, output, path.join("results", `${notebook}.json`));
}

const filesIn = (folder: string) => (fs.existsSync(folder) ? fs.readdirSync(folder) : []);

/** Copies a file, if there is one, to the same path in another folder. */
function copy(from: string, to: string, name: string): void {
  const source = path.join(from, name);
  const target = path.join(to, name);
  if (!fs.existsSync(source)) return;
  fs.mkdirSync(path.dirname(target), { recursive: true });
  fs.copyFileSync(source, `${target}.part`, fs.constants.COPYFILE_FICLONE);
  fs.renameSync(`${target}.part`, target);
}

const imageScoresFile = (folder: string, notebook: string) => path.join(folder, "results", `${notebook}-images.json`);

/** Keeps the scores of each image beside a run's results, in seven digits, so that runs can be compared image by image. */
export function writeImageScores(folder: string, notebook: string, { psnr, ssim, imageSsim }: ImageScores): void {
  const seven = (scores: Float64Array) => Array.from(scores, (score) => Number(score.toPrecision(7)));
  const file = imageScoresFile(folder, notebook);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const rounded = { psnr: seven(psnr), ssim: seven(ssim), imageSsim: seven(imageSsim) };
  writeFileAtomic.sync(file, `${JSON.stringify(rounded)}\n`);
}

/** @returns undefined when they were not kept */
export function readImageScores({ folder, notebook }: Run): ImageScores | undefined {
  const kept = readJson<Record<keyof ImageScores, (number | null)[]>>(imageScoresFile(folder, notebook));
  if (!kept) return undefined;
  // JSON has no infinity, which is the PSNR of identical images
  const all = (scores: (number | null)[]) => Float64Array.from(scores, (score) => score ?? Number.POSITIVE_INFINITY);
  return { psnr: all(kept.psnr), ssim: all(kept.ssim), imageSsim: all(kept.imageSsim) };
}
