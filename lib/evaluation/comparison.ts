// One method compared with others on the same noisy images: a table of paired differences, and sentences that are
// generated from its numbers.
import { type Interval, pairedDifference } from "../metrics/bootstrap";
import { type ImageScores, pairedDifferences } from "../metrics/scores";
import { formatNumber } from "../numbers";
import { commonCores } from "./machine";
import type { Parameters, Results } from "./results";
import { differenceTable, formatInterval } from "./score-tables";
import type { Table } from "./table";
import { taskSettings } from "./task";
import { sameTestImages } from "./test-images";

/** A method and its scores on the test images. */
export interface ScoredMethod {
  readonly name: string;
  readonly scores: ImageScores;
  /** Per image: 1 where a classifier names the right digit, otherwise 0; from the function `accuracy`. */
  readonly accuracy?: Float64Array;
  /** The parameters of its training, if it was trained. */
  readonly training?: Parameters;
  /** The name of the run that has trained it, if that was another one. */
  readonly run?: string;
}

export interface Comparison {
  /** Mean paired differences: the first method minus each of the others. */
  readonly differences: Table;
  /** Markdown. */
  readonly text: string;
}

/**
 * Compares a method with others by paired differences on the same images.
 * @param method the one that is expected to be better
 * @param others at least one, all scored on the same images as `method`
 * @throws {RangeError} when the numbers of images differ
 * @example
 * ```ts
 * import { compare } from "image-denoiser";
 * const scored = (name: string, psnr: number[]) => {
 *   const each = Float64Array.from(psnr);
 *   return { name, scores: { psnr: each, ssim: each, imageSsim: each } };
 * };
 * const { differences } = compare(scored("U-Net", [21, 22]), [scored("median", [16, 17])]);
 * differences.rows[0].slice(0, 2) // [ 'U-Net − median', '+5.00 (5.00 to 5.00)' ]
 * ```
 */
export function compare(method: ScoredMethod, others: readonly ScoredMethod[]): Comparison {
  const pairs = others.map((other) => ({
    name: `${method.name} − ${other.name}`,
    other,
    scores: pairedDifferences(method.scores, other.scores),
    ...(method.accuracy && other.accuracy && { accuracy: pairedDifference(method.accuracy, other.accuracy) }),
  }));
  const trained = pairs.filter(({ other }) => other.training);
  const bestUntrained = pairs
    .filter(({ other }) => !other.training)
    .sort((a, b) => a.scores.psnr.mean - b.scores.psnr.mean)
    .slice(0, 1);
  const text = [
    ...trained.flatMap(({ other, scores }) => [
      `${verdicts(method, other, scores)} ${meaning(method, other, scores)}`,
      ...caveats(method, other),
    ]),
    ...bestUntrained.map(
      ({ other, scores }) =>
        `The best of the methods without training is ${other.name}. ${verdicts(method, other, scores)}`,
    ),
  ];
  return { differences: differenceTable(pairs), text: text.join("\n\n") };
}

type Differences = Readonly<Record<"psnr" | "ssim", Interval>>;

/** What a difference shows: only an interval that excludes 0 tells which method is better. */
type Sign = "better" | "worse" | "unclear";
const signOf = ({ low, high }: Interval): Sign => (low > 0 ? "better" : high < 0 ? "worse" : "unclear");

function verdicts(method: ScoredMethod, other: ScoredMethod, { psnr, ssim }: Differences): string {
  const better = method.scores.psnr.filter((value, i) => value > other.scores.psnr[i]).length;
  const percent = ((100 * better) / method.scores.psnr.length).toFixed(1);
  const error = (10 ** (-psnr.mean / 10)).toFixed(2);
  return [
    verdict(method.name, other.name, psnr, { metric: "PSNR", unit: " dB", digits: 2 }),
    `The ${method.name} has the higher PSNR on ${percent} % of the images; its squared error is ${error} times that of ${withArticle(other.name)} (geometric mean).`,
    verdict(method.name, other.name, ssim, { metric: "SSIM", unit: "", digits: 4 }),
  ].join(" ");
}

function verdict(
  method: string,
  other: string,
  difference: Interval,
  { metric, unit, digits }: { metric: string; unit: string; digits: number },
): string {
  const sign = signOf(difference);
  const [low, high] = [difference.low, difference.high].map((bound) => formatNumber(bound, digits));
  const interval = `95 % interval of the difference: ${low} to ${high}`;
  if (sign === "unclear")
    return `There is **no clear difference in ${metric}** between the ${method} and ${withArticle(other)} (${interval}).`;
  const amount = `${Math.abs(difference.mean).toFixed(digits)}${unit}`;
  const direction = sign === "better" ? "higher" : "lower";
  return `The ${metric} of the ${method} is **${amount} ${direction}** than that of ${withArticle(other)} (${interval}).`;
}

/** Models are called "the simple autoencoder", filters "total variation". */
const withArticle = (name: string) => (/autoencoder|net\b/i.test(name) ? `the ${name}` : name);

function meaning(method: ScoredMethod, other: ScoredMethod, { psnr, ssim }: Differences): string {
  const [error, structure] = [signOf(psnr), signOf(ssim)];
  if (error === "better" && structure === "worse")
    return `The two metrics disagree: the ${method.name} has the smaller squared error, which is what PSNR measures. SSIM compares each 7x7 window separately, and on a black background it penalizes even a faint haze that is hardly visible: a background of 0.02 instead of 0 costs a window much of its score.`;
  if (error === "worse" && structure === "better")
    return "The two metrics disagree: the structure is closer to the original, the brightness is not. More training may resolve this.";
  if (error === "better" && structure === "better")
    return `Both metrics agree: the ${method.name} preserves more detail and leaves less noise and haze.`;
  if (error === "worse" && structure === "worse")
    return `Both metrics favour ${withArticle(other.name)}: the ${method.name} may need more training.`;
  return "At least one of the two metrics shows no clear difference: more test images would narrow its interval.";
}

function caveats(method: ScoredMethod, other: ScoredMethod): string[] {
  const [own, others] = [method.training ?? {}, other.training ?? {}];
  const different = taskSettings.filter((name) => own[name] !== others[name]);
  if (different.length === 0) return [];
  const settings = different.map((name) => `${name} ${others[name]} and ${own[name]}`).join(", ");
  return [
    `**Different training settings:** the ${other.name} and the ${method.name} were trained with ${settings}. Run both notebooks with the same settings before you draw conclusions.`,
  ];
}

/**
 * Results and costs of several trainings, one column each. All scores are on the noisy test images of the last model's run:
 * a model whose own run had other ones has the scores that the last run measured, or none.
 * @param models the last with all methods that its notebook has evaluated, under the names given here
 * @example
 * ```ts no-run
 * import { loadResults, trainingTable } from "image-denoiser";
 * const results = loadResults("unet"); // after the notebook unet.ipynb has been run
 * if (results) console.log(trainingTable([{ name: "U-Net", results }]));
 * ```
 */
export function trainingTable(models: readonly { name: string; results: Results }[]): Table {
  const all = models.map(({ results }) => results);
  const last = all[all.length - 1];
  const row = (heading: string, value: (results: Results, name: string) => string) => [
    heading,
    ...models.map(({ name, results }) => value(results, name)),
  ];
  const scores = (metric: "psnr" | "ssim", digits: number) => (results: Results, name: string) => {
    const measured = sameTestImages(results, last)
      ? results.test.denoised
      : last.test.methods?.find((method) => method.name === name)?.scores;
    return measured ? formatInterval(measured[metric], digits) : "other noisy images";
  };
  const cores = ({ machine }: Results) =>
    machine && commonCores(all) === undefined ? ` on ${machine.cores} cores` : "";
  return {
    columns: ["model", ...models.map(({ name }) => name)],
    rows: [
      row("PSNR, dB (95 % interval)", scores("psnr", 2)),
      row("SSIM, 7x7 sliding (95 % interval)", scores("ssim", 4)),
      ...taskSettings.map((name) => row(name, ({ parameters }) => String(parameters[name] ?? ""))),
      row("parameters", ({ modelParameters }) => modelParameters.toLocaleString("en-US")),
      row("epochs", ({ history }) => String(history.length)),
      row("training, minutes", (results) => `${(results.seconds.training / 60).toFixed(1)}${cores(results)}`),
    ],
  };
}
