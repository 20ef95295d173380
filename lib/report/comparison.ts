// The baseline beside the advanced model: a table and sentences made from the two results files, so that the words
// change when the numbers do.
import { formatInterval, type Table } from "../figures/table";
import type { Interval } from "../metrics/bootstrap";
import type { Results } from "./results";

export interface Comparison {
  readonly table: Table;
  /** Markdown. */
  readonly text: string;
}

interface Contender {
  readonly name: string;
  readonly results: Results;
}

/** Settings under which two runs saw the same noisy test images. */
const decisive = ["dataset", "sigma", "seed"];

/**
 * @param baseline the simpler model
 * @param advanced the one that should be better
 */
export function compare(baseline: Contender, advanced: Contender): Comparison {
  const contenders = [baseline, advanced];
  const row = (name: string, value: (results: Results) => string) => [
    name,
    ...contenders.map(({ results }) => value(results)),
  ];
  const table: Table = {
    columns: ["", baseline.name, advanced.name],
    rows: [
      row("PSNR, dB (95 % interval)", ({ test }) => formatInterval(test.denoised.psnr, 2)),
      row("SSIM, 7x7 sliding (95 % interval)", ({ test }) => formatInterval(test.denoised.ssim, 4)),
      row("SSIM, image-ssim (95 % interval)", ({ test }) => formatInterval(test.denoised.imageSsim, 4)),
      row("lowest validation loss", ({ history }) => Math.min(...history.map(({ valLoss }) => valLoss)).toFixed(4)),
      row("parameters", ({ modelParameters }) => modelParameters.toLocaleString("en-US")),
      row("epochs", ({ history }) => String(history.length)),
      row("training, minutes", ({ seconds }) => (seconds.training / 60).toFixed(1)),
    ],
  };
  return { table, text: [...differences(baseline, advanced), ...caveats(baseline, advanced)].join("\n\n") };
}

function differences(baseline: Contender, advanced: Contender): string[] {
  const [low, high] = [baseline.results.test.denoised, advanced.results.test.denoised];
  const psnr = verdict(advanced.name, baseline.name, low.psnr, high.psnr, (gain) => `${gain.toFixed(2)} dB in PSNR`);
  const ssim = verdict(advanced.name, baseline.name, low.ssim, high.ssim, (gain) => `${gain.toFixed(4)} in SSIM`);
  const better = { psnr: low.psnr.mean < high.psnr.mean, ssim: low.ssim.mean < high.ssim.mean };
  const error = 10 ** ((low.psnr.mean - high.psnr.mean) / 10);
  const errorText = `In squared error, that is ${error.toFixed(2)} times the ${baseline.name}'s.`;
  const meaning =
    better.psnr && !better.ssim
      ? "The two metrics disagree. PSNR counts squared error, and there the finer detail pays. SSIM looks at each 7x7 window by itself, and where the original is black it punishes even a faint haze, which the eye hardly sees: a background of 0.02 instead of 0 costs a window much of its score."
      : better.psnr && better.ssim
        ? `Both metrics agree: the ${advanced.name} keeps more detail and leaves less noise and haze behind.`
        : !better.psnr && better.ssim
          ? "The two metrics disagree: the structure is closer to the original, the brightness is not. Longer training usually mends that."
          : `Both metrics prefer the ${baseline.name}: the ${advanced.name} has more to learn and needs more training than it had.`;
  return [`${psnr} ${errorText}`, ssim, meaning];
}

function verdict(
  advanced: string,
  baseline: string,
  low: Interval,
  high: Interval,
  amount: (gain: number) => string,
): string {
  const gain = high.mean - low.mean;
  const overlap = low.low <= high.high && high.low <= low.high;
  const sure = overlap ? "the 95 % intervals overlap, so this may be chance" : "the 95 % intervals do not overlap";
  return `The ${advanced} is **${amount(Math.abs(gain))} ${gain >= 0 ? "better" : "worse"}** than the ${baseline}; ${sure}.`;
}

function caveats(baseline: Contender, advanced: Contender): string[] {
  const different = decisive.filter((name) => baseline.results.parameters[name] !== advanced.results.parameters[name]);
  if (different.length === 0) return [];
  const settings = different
    .map((name) => `${name} ${baseline.results.parameters[name]} and ${advanced.results.parameters[name]}`)
    .join(", ");
  return [
    `**Not the same test:** the two runs differ in ${settings}. Run both notebooks with equal settings before drawing conclusions.`,
  ];
}
