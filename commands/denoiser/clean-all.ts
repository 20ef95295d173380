// Cleans pictures one after the other, and reports: what failed is listed at the end, what is there is not done again.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { checkReadable, shownPath } from "../../lib/data/image-file";
import type { CleanOptions, cleanPicture, Models } from "./clean";
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

/** What became of a picture. */
export interface Outcome {
  readonly status: "cleaned" | "skipped" | "failed";
  readonly model?: string;
  readonly notes?: readonly string[];
  readonly reason?: string;
}

/** What cleans pictures. */
export interface Cleaner {
  readonly models: Models;
  readonly cleanPicture: typeof cleanPicture;
}

/**
 * @param load gives what cleans pictures. It takes seconds, and is called when there is a picture that can be read
 * @returns the exit code: 0, 1 when pictures failed, 130 when it was stopped
 */
export async function cleanAll(
  plan: Plan,
  load: () => Cleaner,
  streams: Streams,
  options: CleanAllOptions = {},
): Promise<number> {
  const { jobs } = plan;
  const { overwrite = false, sigma, signal } = options;
  const report = reportOn(plan, streams, options);
  let cleaner: Cleaner | undefined;
  for (const [index, job] of jobs.entries()) {
    if (signal?.aborted) break;
    if (!overwrite && isThere(job.output)) {
      report.ended(job, { status: "skipped", reason: "the result exists" });
      continue;
    }
    try {
      if (job.input !== standard) await checkReadable(job.input);
      cleaner ??= load();
      const title = `${index + 1} of ${jobs.length}: ${shownPath(job.input)}`;
      const onProgress = (share: number) => report.progress(title, share);
      const { model, notes } = await clean(job, cleaner, streams, { sigma, signal, onProgress });
      report.ended(job, { status: "cleaned", model, notes });
    } catch (error) {
      if (signal?.aborted) break;
      report.ended(job, { status: "failed", reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return report.finish();
}

/** Tells of each picture as it ends, and at the end of all. */
export function reportOn(
  { jobs, problems, leftOut }: Plan,
  { stdout, stderr }: Pick<Streams, "stdout" | "stderr">,
  { json = false, quiet = false }: Pick<CleanAllOptions, "json" | "quiet">,
) {
  const progress = progressLine(stderr, quiet);
  const say = (text: string) => {
    progress.clear();
    stderr.write(`${text}\n`);
  };
  const failed: string[] = [...problems];
  const count: Record<Outcome["status"], number> = { cleaned: 0, skipped: 0, failed: 0 };
  for (const problem of problems) if (json) stdout.write(`${JSON.stringify({ status: "failed", reason: problem })}\n`);
  const pictures = (n: number) => `${n} ${n === 1 ? "picture" : "pictures"}`;
  return {
    progress: progress.show,
    ended({ input, output }: Job, outcome: Outcome): void {
      const { status, model, notes = [], reason = "" } = outcome;
      count[status]++;
      if (json) stdout.write(`${JSON.stringify({ input, output, ...outcome })}\n`);
      const name = shownPath(input);
      if (status === "cleaned" && !quiet) say(`${name} → ${shownPath(output)} (${model})`);
      for (const note of notes) if (!quiet || !note.startsWith("chosen: ")) say(`  ${quiet ? `${name}: ` : ""}${note}`);
      if (status !== "failed") return;
      if (!quiet) say(`${name} failed`);
      failed.push(about(name, reason));
    },
    /** @returns the exit code */
    finish(): number {
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
    },
  };
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

async function clean({ input, output }: Job, cleaner: Cleaner, { stdin, stdout }: Streams, options: CleanOptions) {
  const { models, cleanPicture } = cleaner;
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
