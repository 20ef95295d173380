// A figure as a static SVG, for places where no script runs: a notebook on GitHub, an untrusted notebook, the loss curve
// during training. It draws what our figures use of Plotly: lines, markers, error bars, texts, pictures, axes, a legend.
import { escapeMarkup } from "../evaluation/markup";
import { type Axis, axisScale } from "./axis-scale";
import type { Figure, MarkerSymbol } from "./figure";

interface Line {
  mode?: string;
  name?: string;
  visible?: boolean;
  x: number[];
  y: number[];
  text?: string[];
  line?: { color?: string; dash?: string; width?: number };
  marker?: { symbol?: MarkerSymbol; size?: number };
  error_y?: { array: number[]; arrayminus: number[] };
}
interface Picture {
  source: string;
  x: number;
  y: number;
  sizex: number;
  sizey: number;
}
type Pixel = (value: number) => number;

const round = (value: number) => Number(value.toFixed(1));

/** Pixels. */
export const staticWidth = 900;

/**
 * Draws a figure without a browser.
 * @returns an SVG document with selectable text, 900 pixels wide and as high as the figure
 * @example
 * ```ts
 * import { staticSvg, trainingCurves } from "image-denoiser";
 * const epoch = { epoch: 1, loss: 0.02, valLoss: 0.03, learningRate: 0.001, seconds: 6 };
 * staticSvg(trainingCurves([epoch], "Loss of the U-Net")).startsWith("<svg") // true
 * ```
 */
export function staticSvg({ data, layout, alt }: Figure): string {
  const lines = (data as Line[]).filter(({ visible }) => visible !== false);
  const height = layout.height ?? 400;
  const margin = layout.margin ?? {};
  const [left, right] = [margin.l ?? 60, staticWidth - (margin.r ?? 20)];
  const [top, bottom] = [margin.t ?? 40, height - (margin.b ?? 40)];
  const xAxis = (layout.xaxis ?? {}) as Axis;
  const yAxis = (layout.yaxis ?? {}) as Axis;
  const xValues = lines.flatMap((line) => line.x);
  const x = axisScale(xAxis, xValues, left, right);
  const y = axisScale(yAxis, lines.flatMap(heights), bottom, top);
  const title = layout.title && typeof layout.title === "object" ? (layout.title.text ?? "") : "";
  const besidePlot = (layout.legend?.x ?? 0) > 1;

  const elements = [text(title, 16, 26, 'font-size="17"')];
  if (xAxis.visible !== false) {
    for (const tick of x.ticks) {
      elements.push(`<path d="M${round(x.at(tick.value))} ${top}V${bottom}" stroke="#eee"/>`);
      elements.push(text(tick.label, x.at(tick.value), bottom + 18, 'text-anchor="middle"'));
    }
    for (const tick of y.ticks) elements.push(`<path d="M${left} ${round(y.at(tick.value))}H${right}" stroke="#eee"/>`);
    elements.push(text(xAxis.title?.text ?? "", (left + right) / 2, height - 10, 'text-anchor="middle"'));
    elements.push(`<path d="M${left} ${top}V${bottom}H${right}" fill="none" stroke="#999"/>`);
  }
  for (const tick of y.ticks) elements.push(text(tick.label, left - 8, y.at(tick.value) + 4, 'text-anchor="end"'));
  const turned = `transform="translate(18 ${round((top + bottom) / 2)}) rotate(-90)" text-anchor="middle"`;
  elements.push(text(yAxis.title?.text ?? "", 0, 0, turned));
  for (const picture of (layout.images ?? []) as Picture[]) elements.push(image(picture, x.at, y.at));
  for (const line of lines) elements.push(...trace(line, x.at, y.at));
  elements.push(...legend(lines, right + (besidePlot ? 14 : -150), top + 16));

  return `<svg xmlns="http://www.w3.org/2000/svg" width="${staticWidth}" height="${height}" viewBox="0 0 ${staticWidth} ${height}" font-family="Helvetica, Arial, sans-serif" font-size="13" fill="#222"><title>${escapeMarkup(alt)}</title><rect width="100%" height="100%" fill="white"/>${elements.join("")}</svg>`;
}

/** An `<img>` with the static SVG; it remains where a page removes inline SVG, styles and scripts. */
export function staticImage(figure: Figure): string {
  const svg = Buffer.from(staticSvg(figure)).toString("base64");
  return `<img alt="${escapeMarkup(figure.alt)}" src="data:image/svg+xml;base64,${svg}">`;
}

/** The y values that a line reaches, with its error bars. */
const heights = ({ y, error_y }: Line): number[] => [
  ...y,
  ...(error_y?.array.map((above, i) => y[i] + above) ?? []),
  ...(error_y?.arrayminus.map((below, i) => y[i] - below) ?? []),
];

const text = (content: string, x: number, y: number, attributes = "") =>
  content && `<text x="${round(x)}" y="${round(y)}" ${attributes}>${escapeMarkup(content)}</text>`;

function image({ source, x: left, y: top, sizex, sizey }: Picture, x: Pixel, y: Pixel): string {
  const [width, height] = [x(left + sizex) - x(left), y(top + sizey) - y(top)];
  return `<image href="${source}" x="${round(x(left))}" y="${round(y(top))}" width="${round(width)}" height="${round(height)}" preserveAspectRatio="none"/>`;
}

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
  if (line.mode?.includes("text"))
    for (const [i, content] of (line.text ?? []).entries())
      elements.push(text(content, x(line.x[i]), y(line.y[i]) + 4, 'text-anchor="middle" font-size="11" fill="#444"'));
  return elements;
}

const legend = (lines: Line[], left: number, top: number): string[] =>
  lines
    .filter(({ name }) => name)
    .flatMap((line, i) => {
      const middle = top + 18 * i;
      return [
        `<path d="M${left} ${middle}h28" ${stroke(line)}/>`,
        line.mode?.includes("markers") ? marker(line, left + 14, middle) : "",
        text(line.name ?? "", left + 36, middle + 4),
      ];
    });

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
