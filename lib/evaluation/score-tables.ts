// Tables of mean scores and of paired differences, with their 95 % intervals.
import type { Interval } from "../metrics/bootstrap";
import type { Scores } from "../metrics/scores";
import { formatNumber } from "../numbers";
import type { Table } from "./table";

/** The mean scores of a method, or of one digit. */
export interface ScoreRow {
  readonly name: string;
  readonly scores: Scores;
  /** Share of the images that a classifier labels correctly, 0 to 1; may be absent. */
  readonly accuracy?: Interval;
  /** The run that has trained the model, if it is another than the one that has measured this. */
  readonly run?: string;
}

/**
 * A mean and its interval as text: "20.96 (20.94 to 20.98)", or "∞" for the PSNR of identical images.
 * @param digits after the decimal point
 * @example
 * ```ts
 * import { formatInterval } from "image-denoiser";
 * formatInterval({ mean: 20.958, low: 20.94, high: 20.98 }, 2) // '20.96 (20.94 to 20.98)'
 * ```
 */
export function formatInterval({ mean, low, high }: Interval, digits: number): string {
  const [center, from, to] = [mean, low, high].map((value) => formatNumber(value, digits));
  return low === Number.POSITIVE_INFINITY ? "∞" : `${center} (${from} to ${to})`;
}

/**
 * A difference and its interval as text, with a plus or minus sign: "+1.13 (1.11 to 1.15)".
 * @param digits after the decimal point
 * @example
 * ```ts
 * import { formatDifference } from "image-denoiser";
 * formatDifference({ mean: -0.021, low: -0.03, high: 0.001 }, 2) // '−0.02 (−0.03 to 0.00)'
 * ```
 */
export const formatDifference = (difference: Interval, digits: number): string =>
  `${Number(difference.mean.toFixed(digits)) > 0 ? "+" : ""}${formatInterval(difference, digits)}`;

/**
 * One row per method: its mean scores with their 95 % intervals.
 * @param rowsAre the heading above the rows' names
 * @example
 * ```ts
 * import { scoreTable } from "image-denoiser";
 * const interval = { mean: 0.5, low: 0.4, high: 0.6 };
 * const scores = { psnr: interval, ssim: interval, imageSsim: interval };
 * scoreTable([{ name: "noisy", scores }]).rows[0].slice(0, 2) // [ 'noisy', '0.50 (0.40 to 0.60)' ]
 * ```
 */
export const scoreTable = (rows: readonly ScoreRow[], rowsAre = "method"): Table =>
  tableOf(rowsAre, rows, formatInterval);

/**
 * One row per pair of methods: the mean differences on the same images with their 95 % intervals.
 * @param rows scores from `pairedDifferences`, accuracy from `pairedDifference`
 * @example
 * ```ts
 * import { differenceTable, pairedDifferences } from "image-denoiser";
 * const scores = (value: number) => {
 *   const each = Float64Array.of(value, value);
 *   return { psnr: each, ssim: each, imageSsim: each };
 * };
 * const rows = [{ name: "U-Net − noisy", scores: pairedDifferences(scores(0.9), scores(0.4)) }];
 * differenceTable(rows).rows[0].slice(0, 2) // [ 'U-Net − noisy', '+0.50 (0.50 to 0.50)' ]
 * ```
 */
export const differenceTable = (rows: readonly ScoreRow[]): Table => tableOf("difference", rows, formatDifference);

function tableOf(rowsAre: string, rows: readonly ScoreRow[], format: typeof formatInterval): Table {
  const classified = rows.some(({ accuracy }) => accuracy);
  const percent = ({ mean, low, high }: Interval) => ({ mean: 100 * mean, low: 100 * low, high: 100 * high });
  return {
    columns: [
      rowsAre,
      "PSNR, dB (95 % interval)",
      "SSIM, 7x7 sliding (95 % interval)",
      "SSIM, image-ssim (95 % interval)",
      ...(classified ? ["classifier accuracy, % (95 % interval)"] : []),
    ],
    rows: rows.map(({ name, scores, accuracy }) => [
      name,
      format(scores.psnr, 2),
      format(scores.ssim, 4),
      format(scores.imageSsim, 4),
      ...(classified ? [accuracy ? format(percent(accuracy), 2) : ""] : []),
    ]),
  };
}

/**
 * One row per digit: the mean scores of its test images.
 * @param perDigit from `summarizeByDigit`; digits without images are left out
 * @example
 * ```ts
 * import { digitTable, summarizeByDigit } from "image-denoiser";
 * const each = Float64Array.of(0.5, 0.7);
 * const perDigit = summarizeByDigit({ psnr: each, ssim: each, imageSsim: each }, Uint8Array.of(3, 8));
 * digitTable(perDigit).rows.map(([digit, psnr]) => [digit, psnr]) // [ [ '3', '0.50 (0.50 to 0.50)' ], [ '8', '0.70 (0.70 to 0.70)' ] ]
 * ```
 */
export const digitTable = (perDigit: readonly (Scores | undefined)[]): Table =>
  scoreTable(
    perDigit.flatMap((scores, digit) => (scores ? [{ name: `${digit}`, scores }] : [])),
    "digit",
  );
