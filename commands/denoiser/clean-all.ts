// Cleans pictures one after the other, and reports: what failed is listed at the end, what is there is not done again.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { shownPath } from "../../lib/data/image-file";
import { type CleanOptions, cleanPicture, type Models } from "./clean";
import { type Job, type Plan, standard } from "./plan";

/** Where a command reads and writes. */
export interface Streams {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { isTTY?: boolean };
}

export interface CleanAllOptions extends CleanOptions {
  readonly overwrite?: boolean;
  /** Writes an object for each picture to standard output, one a line. */
  readonly json?: boolean;
  /** Writes only warnings and errors. */
  readonly quiet?: boolean;
}

type Outcome = "cleaned" | "skipped" | "failed";

/** @returns the exit code: 0, 1 when pictures failed, 130 when it was stopped */
export async function cleanAll(
  { jobs, problems, leftOut }: Plan,
  models: Models,
  streams: Streams,
  { overwrite = false, json = false, quiet = false, sigma, signal }: CleanAllOptions = {},
): Promise<number> {
  const { stdout, stderr } = streams;
  const progress = progressLine(stderr, quiet);
  const say = (text: string) => {
    progress.clear();
    stderr.write(`${text}\n`);
  };
  const failed: string[] = [...problems];
  const count: Record<Outcome, number> = { cleaned: 0, skipped: 0, failed: 0 };
  const finish = (job: Job, status: Outcome, more: { model?: string; notes?: readonly string[]; reason?: string }) => {
    count[status]++;
    const { input, output } = job;
    if (json) stdout.write(`${JSON.stringify({ input, output, status, ...more })}\n`);
  };
  for (const problem of problems) if (json) stdout.write(`${JSON.stringify({ status: "failed", reason: problem })}\n`);

  for (const [index, job] of jobs.entries()) {
    if (signal?.aborted) break;
    const name = shownPath(job.input);
    if (!overwrite && isThere(job.output)) {
      finish(job, "skipped", { reason: "the result exists" });
      continue;
    }
    try {
      const onProgress = (share: number) => progress.show(`${index + 1} of ${jobs.length}: ${name}`, share);
      const { model, notes } = await clean(job, models, streams, { sigma, signal, onProgress });
      if (!quiet) say(`${name} → ${shownPath(job.output)} (${model})`);
      for (const note of notes) if (!quiet || !note.startsWith("chosen: ")) say(`  ${quiet ? `${name}: ` : ""}${note}`);
      finish(job, "cleaned", { model, notes });
    } catch (error) {
      if (signal?.aborted) break;
      const reason = error instanceof Error ? error.message : String(error);
      if (!quiet) say(`${name} failed`);
      failed.push(about(name, reason));
      finish(job, "failed", { reason });
    }
  }

  const pictures = (n: number) => `${n} ${n === 1 ? "picture" : "pictures"}`;
  if (!quiet) {
    const parts = [`${pictures(count.cleaned)} cleaned`];
    if (count.skipped > 0)
      parts.push(`${count.skipped} skipped, whose results exist already (--overwrite replaces them)`);
    if (failed.length > 0) parts.push(`${failed.length} failed`);
    if (leftOut > 0) parts.push(`${leftOut} ${leftOut === 1 ? "file" : "files"} not named like pictures left out`);
    say(`${parts.join("; ")}.`);
  }
  if (failed.length > 0)
    say(["Failed:", ...failed.map((sentence) => `  ${sentence.replaceAll("\n", "\n    ")}`)].join("\n"));
  const left = jobs.length - count.cleaned - count.skipped - count.failed;
  if (left > 0) {
    say(`Stopped with ${pictures(left)} left. No result is half-written; the same command goes on with the rest.`);
    return 130;
  }
  return failed.length > 0 ? 1 : 0;
}

/** Also links that lead nowhere. Where nothing can be looked at, reading or writing says why. */
function isThere(output: string): boolean {
  try {
    return output !== standard && fs.lstatSync(output, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

/** A sentence that names the picture. */
export const about = (name: string, reason: string): string => (reason.includes(name) ? reason : `${name}: ${reason}`);

async function clean({ input, output }: Job, models: Models, { stdin, stdout }: Streams, options: CleanOptions) {
  const source = input === standard ? await buffer(stdin) : input;
  if (output !== standard) return cleanPicture(source, output, models, options);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "image-denoiser-output-"));
  try {
    let file = "";
    const name = ({ format }: { format: string }) => {
      file = path.join(folder, `picture.${format}`);
      return file;
    };
    const cleaned = await cleanPicture(source, name, models, options);
    await pipeline(fs.createReadStream(file), stdout, { end: false });
    return cleaned;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** On a terminal, a line that is rewritten in place. */
function progressLine(stream: Streams["stderr"], quiet: boolean) {
  let shown = false;
  return {
    show(title: string, share: number) {
      if (quiet || !stream.isTTY) return;
      stream.write(`\r\x1b[2K${title}: ${Math.floor(100 * share)} %`);
      shown = true;
    },
    clear() {
      if (shown) stream.write("\r\x1b[2K");
      shown = false;
    },
  };
}
