// The axes of a static SVG: where a value lies in pixels, and which values get a tick.
import { formatShortest } from "../numbers";

/** What our figures use of a Plotly axis. */
export interface Axis {
  range?: [number, number];
  type?: string;
  title?: { text?: string };
  /** The distance between ticks. */
  dtick?: number;
  tickvals?: number[];
  ticktext?: string[];
}

export interface AxisScale {
  /** The pixel of a value. */
  readonly at: (value: number) => number;
  readonly ticks: readonly { readonly value: number; readonly label: string }[];
}

/**
 * @param values all that the axis must show, where it has no range of its own; those that are not finite are ignored
 * @param from the pixel at which the axis begins
 * @param to the pixel at which it ends
 */
export function axisScale(axis: Axis, values: readonly number[], from: number, to: number): AxisScale {
  const log = axis.type === "log";
  const transform = log ? Math.log10 : (value: number) => value;
  const [low, high] = axis.range ?? paddedRange(values.map(transform).filter(Number.isFinite), log);
  const at = (value: number) => from + ((transform(value) - low) / (high - low)) * (to - from);
  const label = (value: number) => formatShortest(value, 3);
  const tickValues = axis.tickvals ?? (log ? logTicks(low, high) : linearTicks(low, high, axis.dtick));
  return { at, ticks: tickValues.map((value, i) => ({ value, label: axis.ticktext?.[i] ?? label(value) })) };
}

/** From the least to the largest value with a little space around; equal values get half of their size on both sides. */
function paddedRange(values: readonly number[], log: boolean): [number, number] {
  if (values.length === 0) return [0, 1];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const padding = (high - low) * 0.05 || (log ? 0.1 : Math.abs(high) / 2 || 0.5);
  return [low - padding, high + padding];
}

/** Round values in [low, high], at the given distance or at one that gives about six. */
function linearTicks(low: number, high: number, given?: number): number[] {
  const rough = (high - low) / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const distance = given ?? power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const ticks: number[] = [];
  for (let value = Math.ceil(low / distance) * distance; value <= high; value += distance)
    ticks.push(Number(value.toPrecision(12)));
  return ticks;
}

/** Values such as 0.01, 0.02, 0.05, 0.1 between 10^low and 10^high; more of them when the range is narrow. */
function logTicks(low: number, high: number): number[] {
  const ticks: number[] = [];
  for (let exponent = Math.floor(low); exponent <= high; exponent++)
    for (const factor of factorsFor(high - low)) ticks.push(Number((factor * 10 ** exponent).toPrecision(3)));
  const inside = ticks.filter((value) => Math.log10(value) >= low && Math.log10(value) <= high);
  return inside.length >= 2 ? inside : linearTicks(10 ** low, 10 ** high);
}

/** Which multiples of a power of ten get a tick on a logarithmic axis of so many decades. */
function factorsFor(decades: number): number[] {
  if (decades > 3) return [1];
  if (decades > 1) return [1, 2, 5];
  if (decades > 0.5) return [1, 2, 3, 4, 6, 8];
  return [1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9];
}
