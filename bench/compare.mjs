// Runs a benchmark: ours and the peers in turns, round after round, so that a machine that becomes slower or faster
// affects all of them equally; then medians and their ratio.
import { setTimeout as sleep } from "node:timers/promises";
import { perBase } from "./benchmarks.mjs";
import { peers as allPeers, startWorker } from "./peers.mjs";

/** @typedef {import("./benchmarks.mjs").Benchmark} Benchmark */
/** @typedef {import("./peers.mjs").Answer} Answer */

/**
 * @typedef {object} Comparison medians, and the quartiles around them
 * @property {string} name the benchmark's
 * @property {string} peer
 * @property {number} ours
 * @property {number} theirs
 * @property {string} unit
 * @property {number} ratio ours / theirs
 * @property {number} rounds
 * @property {string} [instructions] that everybody computed with: "AVX-512"
 * @property {[number, number]} oursRange
 * @property {[number, number]} theirsRange
 * @property {{ ours: Quality, theirs: Quality }} [quality] of trained models
 */

/** @typedef {{ psnr: number, ssim: number }} Quality */

/**
 * @typedef {object} Options
 * @property {number} rounds
 * @property {(text: string) => void} [say] told what is going on
 * @property {(name: string) => ReturnType<typeof startWorker>} [start] starts a peer
 * @property {number} [pause] milliseconds after which threads that wait in a loop for more work have gone to sleep
 */

/** @param {number[]} values @param {number} share @returns {number} linear between the two nearest */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)];
  return below + (at % 1) * ((sorted[Math.ceil(at)] ?? below) - below);
}

/**
 * @param {Benchmark} benchmark
 * @param {string[]} peers those that take part
 * @param {Options} options
 * @returns {Promise<{ answers: Map<string, Answer[]>, failures: { peer: string, reason: string }[] }>}
 */
export async function measure(benchmark, peers, options) {
  const { rounds, say, start = (name) => startWorker(allPeers[name]), pause = 250 } = options;
  const { task, newProcess, fromStart, scored } = benchmark;
  /** @type {Map<string, ReturnType<typeof startWorker>>} */
  const workers = new Map();
  /** @type {Map<string, Answer[]>} */
  const answers = new Map(["ours", ...peers].map((name) => [name, []]));
  /** @type {{ peer: string, reason: string }[]} */
  const failures = [];

  /** @param {string} name */
  const stop = async (name) => {
    await workers.get(name)?.stop();
    workers.delete(name);
  };
  /** @param {string} name @returns {Promise<Answer>} */
  const once = async (name) => {
    const began = performance.now();
    const worker = workers.get(name) ?? start(name);
    workers.set(name, worker);
    const answer = await worker.ask(task);
    if (!fromStart) return answer;
    const value = (performance.now() - began) / 1000;
    return { ...answer, ...(scored ? await worker.ask({ task: "score" }) : {}), value };
  };

  try {
    for (let round = 1; round <= rounds; round++)
      for (const [name, series] of answers) {
        say?.(`${benchmark.name}: round ${round} of ${rounds}, ${name}`);
        try {
          series.push(await once(name));
          if (newProcess) await stop(name);
        } catch (error) {
          failures.push({ peer: name, reason: /** @type {Error} */ (error).message });
          answers.delete(name);
          await stop(name);
        }
        await sleep(pause);
      }
  } finally {
    for (const name of workers.keys()) await stop(name);
  }
  return { answers, failures };
}

/**
 * @param {Benchmark} benchmark
 * @param {Map<string, Answer[]>} answers
 * @returns {Comparison[]} one for each peer that answered; none without our own answers
 */
export function comparisons({ name, unit }, answers) {
  const [ours, ...theirs] = [...answers].map(([who, series]) => {
    /** @param {string} key @param {number} share */
    const at = (key, share) =>
      quantile(
        series.map((answer) => answer[key]),
        share,
      );
    /** @param {number} share */
    const value = (share) => Number((at("value", share) * perBase[unit]).toPrecision(4));
    /** @type {[number, number]} */
    const range = [value(0.25), value(0.75)];
    const quality = "psnr" in series[0] ? { psnr: at("psnr", 0.5), ssim: at("ssim", 0.5) } : undefined;
    return { who, median: value(0.5), range, quality, rounds: series.length };
  });
  if (ours?.who !== "ours") return [];
  return theirs.map(({ who, median, range, quality, rounds }) => ({
    name,
    peer: who,
    ours: ours.median,
    theirs: median,
    unit,
    ratio: ours.median / median,
    rounds,
    oursRange: ours.range,
    theirsRange: range,
    ...(ours.quality && quality ? { quality: { ours: ours.quality, theirs: quality } } : {}),
  }));
}
