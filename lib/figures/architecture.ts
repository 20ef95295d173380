// A drawing of a model: its stages from left to right, each as high as its resolution, with what leads from one to the next.
import type * as tf from "@tensorflow/tfjs";
import { type Stage, type StageLink, stagesOf } from "../models/stages";
import { palette } from "./figure";
import { round, staticWidth, svgDocument, text } from "./svg";

/** A picture that is drawn once, as an SVG document. */
export interface Drawing {
  readonly svg: string;
  /** What it shows, for readers who cannot see it. */
  readonly alt: string;
}

const left = 80;
const right = 20;
/** Two lines above a stage. */
const labels = 36;
const gap = 22;
const heightOf = (level: number) => 90 * 0.6 ** level;

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Draws a convolutional model from its layers: stages by resolution, channels, pooling, upsampling and skip connections.
 * @param model one input and one output, [n, height, width, channels]; sizes change by factors of two
 * @example
 * ```ts
 * import { architecture, simpleAutoencoder } from "image-denoiser";
 *
 * const { alt } = architecture(simpleAutoencoder(), "The autoencoder");
 * alt.startsWith("The autoencoder: 28 x 28, 1 channel; 28 x 28, 32 channels (1 convolution of 3 x 3); 14 x 14,") // true
 * ```
 */
export function architecture(model: tf.LayersModel, title: string): Drawing {
  const { stages, links } = stagesOf(model);
  const levels = Array.from({ length: 1 + Math.max(...stages.map(({ level }) => level)) }, (_, level) => level);
  const middles: number[] = [];
  for (const level of levels) {
    const above = level === 0 ? 48 : middles[level - 1] + heightOf(level - 1) / 2 + gap;
    middles.push(above + labels + heightOf(level) / 2);
  }
  const step = (staticWidth - left - right) / stages.length;
  const boxes = stages.map(({ level, channels }, i): Box => {
    const width = Math.min(step - 34, 8 + 5 * Math.log2(channels));
    return { x: left + step * (i + 0.5), y: middles[level], width, height: heightOf(level) };
  });
  const bottom = middles.at(-1)! + heightOf(levels.length - 1) / 2;
  const alt = describe(title, stages, links);
  const elements = [
    text(title, 12, 26, 'font-size="15"'),
    ...levels.map((level) => text(sizeName(stages, level), 12, middles[level] + 4)),
    ...links.map((link) => arrow(boxes, stages, link)),
    ...stages.flatMap((stage, i) => box(stage, boxes[i])),
    ...legend(links, bottom + 34),
  ];
  return { svg: svgDocument(alt, Math.round(bottom + 54), elements), alt };
}

function box({ channels, convolutions, attention }: Stage, { x, y, width, height }: Box): string[] {
  const top = y - height / 2;
  const line = (content: string, at: number) => text(content, x, at, 'text-anchor="middle" font-size="11"');
  return [
    `<rect x="${round(x - width / 2)}" y="${round(top)}" width="${round(width)}" height="${round(height)}" fill="${palette.blue}" fill-opacity="0.35" stroke="${palette.blue}"/>`,
    line(channelCount(channels), top - 20),
    line(convolutionText(convolutions), top - 7),
    ...(attention ? [line("self-attention", top + height + 15)] : []),
  ];
}

function convolutionText(convolutions: readonly string[]): string {
  const [first] = convolutions;
  if (!first) return "input";
  return `${convolutions.length > 1 ? `${convolutions.length} x ` : ""}conv ${first.replaceAll(" ", "")}`;
}

const channelCount = (channels: number) => (channels === 1 ? "1 channel" : `${channels} channels`);

/** From a stage to another: across; or down or up, and across; or over the stages between them. */
function arrow(boxes: readonly Box[], stages: readonly Stage[], link: StageLink): string {
  const [from, to] = [boxes[link.from], boxes[link.to]];
  const [start, end] = [from.x + from.width / 2, to.x - to.width / 2 - 2];
  const { level } = stages[link.from];
  if (from.y === to.y && stages.slice(link.from + 1, link.to).some((between) => between.level === level)) {
    const [over, side] = [from.y - from.height / 2 - labels - 4, 38]; // beside the labels
    const [begins, ends] = [from.x - from.width / 2 - 2, to.x + to.width / 2 + 2];
    const line = `M${round(begins)} ${round(from.y)}H${round(from.x - side)}V${round(over)}H${round(to.x + side)}V${round(to.y)}H${round(ends)}`;
    return path(line, "left", ends, to.y, link);
  }
  if (from.y === to.y) return path(`M${round(start + 2)} ${round(from.y)}H${round(end)}`, "right", end, from.y, link);
  if (from.y < to.y) {
    const beginning = `M${round(from.x)} ${round(from.y + from.height / 2 + 2)}`;
    return path(`${beginning}V${round(to.y)}H${round(end)}`, "right", end, to.y, link);
  }
  const top = to.y + to.height / 2 + 2;
  return path(`M${round(start + 2)} ${round(from.y)}H${round(to.x)}V${round(top)}`, "up", to.x, top, link);
}

const heads = { right: "l-7 -4v8z", left: "l7 -4v8z", up: "l-4 7h8z" };

function path(line: string, towards: keyof typeof heads, x: number, y: number, link: StageLink): string {
  const { color, dash } = styleOf(link);
  return `<path d="${line}" fill="none" stroke="${color}" stroke-width="2"${dash}/><path d="M${round(x)} ${round(y)}${heads[towards]}" fill="${color}"/>`;
}

const kinds: Record<string, string> = {
  MaxPooling2D: "max pooling",
  AveragePooling2D: "average pooling",
  UpSampling2D: "upsampling",
  Conv2DTranspose: "transposed convolution",
};

function styleOf({ skip, by }: StageLink): { color: string; dash: string } {
  if (skip) return { color: palette.purple, dash: ` stroke-dasharray="${by === "Add" ? "2 4" : "6 4"}"` };
  if (!by) return { color: palette.grey, dash: "" };
  return { color: /Pooling|Conv2D$/.test(by) ? palette.green : palette.vermilion, dash: "" };
}

const nameOf = ({ skip, by }: StageLink) =>
  skip ? `skip connection${by === "Add" ? ", added" : ""}` : by && (kinds[by] ?? by);

function legend(links: readonly StageLink[], y: number): string[] {
  const entries = new Map(links.map((link) => [nameOf(link), link]));
  let x = 12;
  return [...entries].flatMap(([name, link]) => {
    if (!name) return [];
    const at = x;
    x += 34 + 7 * name.length + 22;
    return [path(`M${at} ${y}h24`, "right", at + 26, y, link), text(name, at + 34, y + 4)];
  });
}

function sizeName(stages: readonly Stage[], level: number): string {
  const { size } = stages.find((stage) => stage.level === level)!;
  if (size.every((length) => length !== null)) return size.join(" x ");
  return level === 0 ? "full size" : `1/${2 ** level}`;
}

function describe(title: string, stages: readonly Stage[], links: readonly StageLink[]): string {
  const each = stages.map(({ level, channels, convolutions, attention }) => {
    const number = convolutions.length;
    const layers = [
      ...(number > 0 ? [`${number} convolution${number === 1 ? "" : "s"} of ${convolutions[0]}`] : []),
      ...(attention ? ["self-attention"] : []),
    ];
    const what = layers.length > 0 ? ` (${layers.join(", ")})` : "";
    return `${sizeName(stages, level)}, ${channelCount(channels)}${what}`;
  });
  const skips = new Set(links.filter(({ skip }) => skip).map(({ from }) => sizeName(stages, stages[from].level)));
  return `${title}: ${each.join("; ")}.${skips.size > 0 ? ` Skip connections at ${[...skips].join(" and ")}.` : ""}`;
}
