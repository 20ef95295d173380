// A method beside others, on the same noisy images: tables, and sentences that are made from the numbers and change when
// they do.

import { type Interval, pairedDifference } from "../metrics/bootstrap";
import { type ImageScores, pairedDifferences } from "../metrics/scores";
import type { Parameters, Results } from "./results";
import { differenceTable, formatInterval, type Table } from "./table";

/** A method and its scores of the test images. */
export interface Contender {
  readonly name: string;
  readonly scores: ImageScores;
  /** Which digits a classifier recognized, one an image, from `accuracy`. */
  readonly recognized?: Float64Array;
  /** Parameters of its training, if it was trained. */
  readonly training?: Parameters;
}

export interface Comparison {
  /** Mean paired differences: the first contender less each other one. */
  readonly differences: Table;
  /** Markdown. */
  readonly text: string;
}

/**
 * @param advanced the one that should be better
 * @param others at least one, all with scores of the same images
 * @throws {RangeError} when numbers of images differ
 */
export function compare(advanced: Contender, others: readonly Contender[]): Comparison {
  const rows = others.map((other) => ({
    name: `${advanced.name} − ${other.name}`,
    scores: pairedDifferences(advanced.scores, other.scores),
    ...(advanced.recognized &&
      other.recognized && { accuracy: pairedDifference(advanced.recognized, other.recognized) }),
  }));
  const trained = others.flatMap((other, i) => (other.training ? [{ other, ...rows[i] }] : []));
  const untrained = others.flatMap((other, i) => (other.training ? [] : [{ other, ...rows[i] }]));
  const text = [
    ...trained.flatMap(({ other, scores }) => [
      `${verdicts(advanced, other, scores)} ${meaning(advanced, other, scores)}`,
      ...caveats(advanced, other),
    ]),
    ...untrained
      .sort((a, b) => a.scores.psnr.mean - b.scores.psnr.mean)
      .slice(0, 1)
      .map(
        ({ other, scores }) =>
          `Of the methods that learn nothing, ${other.name} comes nearest. ${verdicts(advanced, other, scores)}`,
      ),
  ];
  return { differences: differenceTable(rows), text: text.join("\n\n") };
}

/** What can be said of a difference: an interval on one side of 0 tells which is better. */
type Sign = "better" | "worse" | "even";
const signOf = ({ low, high }: Interval): Sign => (low > 0 ? "better" : high < 0 ? "worse" : "even");

function verdicts(advanced: Contender, other: Contender, { psnr, ssim }: { psnr: Interval; ssim: Interval }): string {
  const share = advanced.scores.psnr.filter((value, i) => value > other.scores.psnr[i]).length;
  const percent = ((100 * share) / advanced.scores.psnr.length).toFixed(1);
  const error = (10 ** (-psnr.mean / 10)).toFixed(2);
  return [
    verdict(advanced.name, other.name, psnr, (gain) => `${gain.toFixed(2)} dB in PSNR`, 2),
    `It is the closer one on ${percent} % of the images, and its squared error is ${error} times the other's (geometric mean).`,
    verdict(advanced.name, other.name, ssim, (gain) => `${gain.toFixed(4)} in SSIM`, 4),
  ].join(" ");
}

function verdict(
  advanced: string,
  other: string,
  difference: Interval,
  amount: (gain: number) => string,
  digits: number,
): string {
  const sign = signOf(difference);
  const [low, high] = [difference.low, difference.high].map((bound) => bound.toFixed(digits).replace("-", "−"));
  const interval = `95 % interval of the difference: ${low} to ${high}`;
  if (sign === "even")
    return `The ${advanced} and ${articled(other)} **cannot be told apart** by ${amount(Math.abs(difference.mean)).replace(/^\S+ (dB )?in /, "")} (${interval}).`;
  return `The ${advanced} is **${amount(Math.abs(difference.mean))} ${sign}** than ${articled(other)} (${interval}).`;
}

/** Models are called "the simple autoencoder", methods "total variation". */
const articled = (name: string) => (/autoencoder|net\b/i.test(name) ? `the ${name}` : name);

function meaning(advanced: Contender, other: Contender, { psnr, ssim }: { psnr: Interval; ssim: Interval }): string {
  const [error, structure] = [signOf(psnr), signOf(ssim)];
  if (error === "better" && structure === "worse")
    return "The two metrics disagree. PSNR counts squared error, and there the finer detail pays. SSIM looks at each 7x7 window by itself, and where the original is black it punishes even a faint haze, which the eye hardly sees: a background of 0.02 instead of 0 costs a window much of its score.";
  if (error === "worse" && structure === "better")
    return "The two metrics disagree: the structure is closer to the original, the brightness is not. Longer training usually mends that.";
  if (error === "better" && structure === "better")
    return `Both metrics agree: the ${advanced.name} keeps more detail and leaves less noise and haze behind.`;
  if (error === "worse" && structure === "worse")
    return `Both metrics prefer ${articled(other.name)}: the ${advanced.name} has more to learn and needs more training than it had.`;
  return "One of the two metrics does not decide between them: more test images or more training would tell.";
}

/** Settings that make a training easier or harder. */
const decisive = ["dataset", "sigma"];

function caveats(advanced: Contender, other: Contender): string[] {
  const [own, others] = [advanced.training ?? {}, other.training ?? {}];
  const different = decisive.filter((name) => own[name] !== others[name]);
  if (different.length === 0) return [];
  const settings = different.map((name) => `${name} ${others[name]} and ${own[name]}`).join(", ");
  return [
    `**Not the same training:** the ${other.name} and the ${advanced.name} were trained with ${settings}. Run both notebooks with equal settings before drawing conclusions.`,
  ];
}

/** What two trainings took and gave, side by side. */
export function trainingTable(contenders: readonly { name: string; results: Results }[]): Table {
  const row = (name: string, value: (results: Results) => string) => [
    name,
    ...contenders.map(({ results }) => value(results)),
  ];
  return {
    columns: ["", ...contenders.map(({ name }) => name)],
    rows: [
      row("PSNR, dB (95 % interval)", ({ test }) => formatInterval(test.denoised.psnr, 2)),
      row("SSIM, 7x7 sliding (95 % interval)", ({ test }) => formatInterval(test.denoised.ssim, 4)),
      row("parameters", ({ modelParameters }) => modelParameters.toLocaleString("en-US")),
      row("epochs", ({ history }) => String(history.length)),
      row("training, minutes", ({ seconds }) => (seconds.training / 60).toFixed(1)),
    ],
  };
}
