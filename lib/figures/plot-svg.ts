// A Plotly figure as a static SVG. It draws what our figures use of Plotly: lines, markers, error bars, axes, a legend.
import { type Axis, axisScale } from "./axis-scale";
import type { Figure, MarkerSymbol } from "./figure";
import { round, staticWidth, svgDocument, text } from "./svg";
import { textWidth } from "./text-width";

interface Line {
  mode?: string;
  name?: string;
  visible?: boolean;
  showlegend?: boolean;
  x: number[];
  y: number[];
  line?: { color?: string; dash?: string; width?: number };
  marker?: { symbol?: MarkerSymbol; size?: number };
  error_y?: { array: number[]; arrayminus: number[] };
}
type Pixel = (value: number) => number;

const gridLine = 'stroke="#808080" stroke-opacity="0.3"';
const rowHeight = 20;

export function plotSvg({ data, layout, alt }: Figure): string {
  const lines = (data as Line[]).filter(({ visible }) => visible !== false);
  const height = layout.height ?? 400;
  const [left, right] = [layout.margin?.l ?? 70, staticWidth - (layout.margin?.r ?? 20)];
  const rows = legendRows(lines, right - left);
  const [top, bottom] = [44, height - 56 - rowHeight * rows.length];
  const xAxis = (layout.xaxis ?? {}) as Axis;
  const yAxis = (layout.yaxis ?? {}) as Axis;
  const xValues = lines.flatMap((line) => line.x);
  const x = axisScale(xAxis, xValues, left, right);
  const y = axisScale(yAxis, lines.flatMap(heights), bottom, top);
  const title = layout.title && typeof layout.title === "object" ? (layout.title.text ?? "") : "";

  const elements = [text(title, 12, 26, 'font-size="15"')];
  for (const tick of x.ticks) {
    elements.push(`<path d="M${round(x.at(tick.value))} ${top}V${bottom}" ${gridLine}/>`);
    elements.push(text(tick.label, x.at(tick.value), bottom + 18, 'text-anchor="middle"'));
  }
  for (const tick of y.ticks) {
    elements.push(`<path d="M${left} ${round(y.at(tick.value))}H${right}" ${gridLine}/>`);
    elements.push(text(tick.label, left - 8, y.at(tick.value) + 4, 'text-anchor="end"'));
  }
  elements.push(text(xAxis.title?.text ?? "", (left + right) / 2, bottom + 38, 'text-anchor="middle"'));
  const turned = `transform="translate(18 ${round((top + bottom) / 2)}) rotate(-90)" text-anchor="middle"`;
  elements.push(text(yAxis.title?.text ?? "", 0, 0, turned));
  elements.push(`<path d="M${left} ${top}V${bottom}H${right}" fill="none" stroke="#808080"/>`);
  for (const line of lines) elements.push(...trace(line, x.at, y.at));
  for (const [i, row] of rows.entries()) elements.push(...legendRow(row, left, bottom + 56 + rowHeight * i));
  return svgDocument(alt, height, elements);
}

/** The y values that a line reaches, with its error bars. */
const heights = ({ y, error_y }: Line): number[] => [
  ...y,
  ...(error_y?.array.map((above, i) => y[i] + above) ?? []),
  ...(error_y?.arrayminus.map((below, i) => y[i] - below) ?? []),
];

function trace(line: Line, x: Pixel, y: Pixel): string[] {
  const elements: string[] = [];
  const points = line.x.map((value, i) => [x(value), y(line.y[i])]).filter((point) => point.every(Number.isFinite));
  if (line.mode?.includes("lines") && points.length > 0)
    elements.push(
      `<path d="M${points.map((point) => point.map(round).join(" ")).join("L")}" fill="none" ${stroke(line)}/>`,
    );
  for (const [i, above] of (line.error_y?.array ?? []).entries()) {
    const [from, to] = [line.y[i] - (line.error_y?.arrayminus[i] ?? 0), line.y[i] + above].map(y);
    if (Number.isFinite(to - from))
      elements.push(
        `<path d="M${round(x(line.x[i]))} ${round(from)}V${round(to)}m-3 0h6M${round(x(line.x[i]) - 3)} ${round(from)}h6" stroke="${color(line)}"/>`,
      );
  }
  if (line.mode?.includes("markers")) for (const [cx, cy] of points) elements.push(marker(line, cx, cy));
  return elements;
}

interface LegendEntry {
  readonly line: Line;
  /** Pixels from the left end of the legend. */
  readonly at: number;
}

/** The legend's entries, in rows that are at most so many pixels wide. */
function legendRows(lines: readonly Line[], width: number): LegendEntry[][] {
  const rows: LegendEntry[][] = [];
  let end = Number.POSITIVE_INFINITY;
  for (const line of lines) {
    if (!line.name || line.showlegend === false) continue;
    const needed = 36 + textWidth([line.name]) + 12;
    if (end + needed > width) {
      rows.push([]);
      end = 0;
    }
    rows.at(-1)?.push({ line, at: end });
    end += needed;
  }
  return rows;
}

const legendRow = (entries: readonly LegendEntry[], left: number, middle: number): string[] =>
  entries.flatMap(({ line, at }) => [
    `<path d="M${left + at} ${middle}h28" ${stroke(line)}/>`,
    line.mode?.includes("markers") ? marker(line, left + at + 14, middle) : "",
    text(line.name ?? "", left + at + 36, middle + 4),
  ]);

const color = (line: Line) => line.line?.color ?? "currentColor";

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
  const cap = line.line?.dash === "dot" ? ' stroke-linecap="round"' : "";
  return `stroke="${color(line)}" stroke-width="${line.line?.width ?? 2}"${dash}${cap}`;
}

/** Outlines around (0, 0) of markers of size 8. */
const symbols: Record<MarkerSymbol, string> = {
  circle: "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z",
  square: "M-3.5 -3.5h7v7h-7z",
  diamond: "M0 -5L5 0L0 5L-5 0z",
  "triangle-up": "M0 -5L4.5 3.5H-4.5z",
  x: "M-4 -2.5L-2.5 -4L0 -1.5L2.5 -4L4 -2.5L1.5 0L4 2.5L2.5 4L0 1.5L-2.5 4L-4 2.5L-1.5 0z",
  cross: "M-1 -4h2v3h3v2h-3v3h-2v-3h-3v-2h3z",
};

function marker(line: Line, x: number, y: number): string {
  const { symbol = "circle", size = 8 } = line.marker ?? {};
  const scale = size === 8 ? "" : ` scale(${size / 8})`;
  return `<path d="${symbols[symbol]}" transform="translate(${round(x)} ${round(y)})${scale}" fill="${color(line)}"/>`;
}
