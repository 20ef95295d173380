// A still picture of a figure, as SVG, for places where no script runs: a notebook on GitHub, an untrusted notebook, the
// curve that grows while training. It draws what our figures use of Plotly: lines, markers, error bars, texts, pictures,
// a legend, axes.
import { escapeMarkup } from "../evaluation/markup";
import type { Figure, MarkerSymbol } from "./figure";

interface Line {
  mode?: string;
  name?: string;
  visible?: boolean;
  x: number[];
  y: number[];
  text?: string[];
  line?: { color?: string; dash?: string; width?: number };
  marker?: { symbol?: MarkerSymbol };
  error_y?: { array: number[]; arrayminus: number[] };
}
interface Axis {
  range?: [number, number];
  type?: string;
  visible?: boolean;
  title?: { text?: string };
  dtick?: number;
  tickvals?: number[];
  ticktext?: string[];
}
interface Picture {
  source: string;
  x: number;
  y: number;
  sizex: number;
  sizey: number;
}

const round = (value: number) => Number(value.toFixed(1));

/** Pixels. */
export const staticWidth = 900;

/** @returns an SVG document, text as text, `staticWidth` wide and as high as the figure */
export function staticSvg({ data, layout, alt }: Figure): string {
  const width = staticWidth;
  const lines = (data as Line[]).filter(({ visible }) => visible !== false);
  const height = layout.height ?? 400;
  const { l: left = 60, r: right = 20, t: top = 40, b: bottom = 40 } = layout.margin ?? {};
  const xAxis = (layout.xaxis ?? {}) as Axis;
  const yAxis = (layout.yaxis ?? {}) as Axis;
  const x = scale(
    xAxis,
    lines.flatMap((line) => line.x),
    left,
    width - right,
  );
  const y = scale(
    yAxis,
    lines.flatMap((line) => line.y),
    height - bottom,
    top,
  );

  const parts: string[] = [];
  const text = (content: string, at: [number, number], attributes = "") =>
    parts.push(`<text x="${round(at[0])}" y="${round(at[1])}" ${attributes}>${escapeMarkup(content)}</text>`);

  text(layout.title && typeof layout.title === "object" ? (layout.title.text ?? "") : "", [16, 26], 'font-size="17"');
  if (xAxis.visible !== false) {
    for (const tick of x.ticks) {
      parts.push(`<path d="M${round(x.at(tick.value))} ${top}V${height - bottom}" stroke="#eee"/>`);
      text(tick.label, [x.at(tick.value), height - bottom + 18], 'text-anchor="middle"');
    }
    text(xAxis.title?.text ?? "", [(left + width - right) / 2, height - 10], 'text-anchor="middle"');
    parts.push(`<path d="M${left} ${top}V${height - bottom}H${width - right}" fill="none" stroke="#999"/>`);
  }
  for (const tick of y.ticks) {
    if (xAxis.visible !== false)
      parts.push(`<path d="M${left} ${round(y.at(tick.value))}H${width - right}" stroke="#eee"/>`);
    text(tick.label, [left - 8, y.at(tick.value) + 4], 'text-anchor="end"');
  }
  if (yAxis.title?.text)
    text(
      yAxis.title.text,
      [0, 0],
      `transform="translate(18 ${(top + height - bottom) / 2}) rotate(-90)" text-anchor="middle"`,
    );

  for (const { source, x: x0, y: y0, sizex, sizey } of (layout.images ?? []) as Picture[]) {
    const [from, to] = [x.at(x0), x.at(x0 + sizex)];
    const [above, below] = [y.at(y0), y.at(y0 + sizey)];
    parts.push(
      `<image href="${source}" x="${round(from)}" y="${round(above)}" width="${round(to - from)}" height="${round(below - above)}" preserveAspectRatio="none"/>`,
    );
  }
  for (const line of lines) drawTrace(line, x.at, y.at, parts, text);
  const beside = (layout.legend?.x ?? 0) > 1;
  drawLegend(lines, width - right + (beside ? 14 : -150), top + 16, parts, text);

  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Helvetica, Arial, sans-serif" font-size="13" fill="#222"><title>${escapeMarkup(alt)}</title><rect width="100%" height="100%" fill="white"/>${parts.join("")}</svg>`;
}

/** An `<img>` with the still picture; it survives where inline SVG, styles and scripts are removed. */
export function staticImage(figure: Figure): string {
  return `<img alt="${escapeMarkup(figure.alt)}" src="data:image/svg+xml;base64,${Buffer.from(staticSvg(figure)).toString("base64")}">`;
}

type DrawText = (content: string, at: [number, number], attributes?: string) => void;
type Position = (value: number) => number;

function drawTrace(line: Line, x: Position, y: Position, parts: string[], text: DrawText): void {
  const points = line.x.map((value, i) => [x(value), y(line.y[i])]).filter((point) => point.every(Number.isFinite));
  if (line.mode?.includes("lines") && points.length > 0)
    parts.push(
      `<path d="M${points.map((point) => point.map(round).join(" ")).join("L")}" fill="none" ${stroke(line)}/>`,
    );
  for (const [i, above] of (line.error_y?.array ?? []).entries()) {
    const [from, to] = [line.y[i] - (line.error_y?.arrayminus[i] ?? 0), line.y[i] + above].map(y);
    if (Number.isFinite(to - from))
      parts.push(
        `<path d="M${round(x(line.x[i]))} ${round(from)}V${round(to)}m-3 0h6M${round(x(line.x[i]) - 3)} ${round(from)}h6" stroke="${color(line)}"/>`,
      );
  }
  if (line.mode?.includes("markers")) for (const [cx, cy] of points) parts.push(marker(line, cx, cy));
  if (line.mode?.includes("text"))
    for (const [i, content] of (line.text ?? []).entries())
      text(content, [x(line.x[i]), y(line.y[i]) + 4], 'text-anchor="middle" font-size="11" fill="#444"');
}

function drawLegend(lines: Line[], left: number, top: number, parts: string[], text: DrawText): void {
  lines
    .filter(({ name }) => name)
    .forEach((line, i) => {
      const middle = top + 18 * i;
      parts.push(`<path d="M${left} ${middle}h28" ${stroke(line)}/>`);
      if (line.mode?.includes("markers")) parts.push(marker(line, left + 14, middle));
      text(line.name ?? "", [left + 36, middle + 4]);
    });
}

const color = (line: Line) => line.line?.color ?? "#222";

const dashes: Record<string, string> = {
  dot: "2 4",
  dash: "9 5",
  longdash: "15 5",
  dashdot: "9 4 2 4",
  longdashdot: "15 4 2 4",
};

function stroke(line: Line): string {
  const pattern = dashes[line.line?.dash ?? ""];
  const dash = pattern ? ` stroke-dasharray="${pattern}"` : "";
  return `stroke="${color(line)}" stroke-width="${line.line?.width ?? 2}"${dash}${line.line?.dash === "dot" ? ' stroke-linecap="round"' : ""}`;
}

/** Outlines around (0, 0). */
const symbols: Record<MarkerSymbol, string> = {
  circle: "M-3 0a3 3 0 1 0 6 0a3 3 0 1 0 -6 0z",
  square: "M-3.5 -3.5h7v7h-7z",
  diamond: "M0 -5L5 0L0 5L-5 0z",
  "triangle-up": "M0 -5L4.5 3.5H-4.5z",
  x: "M-4 -2.5L-2.5 -4L0 -1.5L2.5 -4L4 -2.5L1.5 0L4 2.5L2.5 4L0 1.5L-2.5 4L-4 2.5L-1.5 0z",
  cross: "M-1 -4h2v3h3v2h-3v3h-2v-3h-3v-2h3z",
};

const marker = (line: Line, x: number, y: number) =>
  `<path d="${symbols[line.marker?.symbol ?? "circle"]}" transform="translate(${round(x)} ${round(y)})" fill="${color(line)}"/>`;

/** Maps an axis' values to pixels, and chooses its ticks. */
function scale(
  axis: Axis,
  values: number[],
  from: number,
  to: number,
): { at: Position; ticks: { value: number; label: string }[] } {
  const log = axis.type === "log";
  const transform = log ? Math.log10 : (value: number) => value;
  const finite = values.map(transform).filter(Number.isFinite);
  let [low, high] = axis.range ?? [Math.min(...finite), Math.max(...finite)];
  if (finite.length === 0 && !axis.range) [low, high] = [0, 1];
  if (!axis.range) {
    const padding = (high - low) * 0.05 || (log ? 0.1 : 0.5);
    [low, high] = [low - padding, high + padding];
  }
  const at = (value: number) => from + ((transform(value) - low) / (high - low)) * (to - from);
  const label = (value: number) => String(Number(value.toPrecision(3)));
  const chosen = axis.tickvals ?? (log ? logTicks(low, high) : niceTicks(low, high, axis.dtick));
  return { at, ticks: chosen.map((value, i) => ({ value, label: axis.ticktext?.[i] ?? label(value) })) };
}

/** Round values that divide [low, high] into parts of the given size, or into about six. */
function niceTicks(low: number, high: number, given?: number): number[] {
  const rough = (high - low) / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const size = given ?? power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const ticks: number[] = [];
  for (let value = Math.ceil(low / size) * size; value <= high; value += size)
    ticks.push(Number(value.toPrecision(12)));
  return ticks;
}

/** Values such as 0.01, 0.02, 0.05, 0.1 between 10^low and 10^high; more of them when the range is narrow. */
function logTicks(low: number, high: number): number[] {
  const factors = high - low > 3 ? [1] : high - low > 1 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9];
  const ticks: number[] = [];
  for (let exponent = Math.floor(low); exponent <= high; exponent++)
    for (const factor of factors) ticks.push(Number((factor * 10 ** exponent).toPrecision(3)));
  const inside = ticks.filter((value) => Math.log10(value) >= low && Math.log10(value) <= high);
  return inside.length >= 2 ? inside : niceTicks(10 ** low, 10 ** high);
}
