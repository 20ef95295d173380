// The close-ups of a picture as a static SVG: four beside each other, each with its method and scores below.
import type { CloseUps } from "./close-ups";
import { round, svgDocument, text } from "./svg";

const margin = 10;
const gap = 8;
const inRow = 4;
/** Of the two lines below each. */
const labels = 38;

export function closeUpsSvg({ title, closeUps, alt }: CloseUps): string {
  const elements = [text(title, margin, 26, 'font-size="15"')];
  const [{ width, height }] = closeUps;
  for (const [i, { name, scores = "", source }] of closeUps.entries()) {
    const x = margin + (i % inRow) * (width + gap);
    const y = 40 + Math.floor(i / inRow) * (height + labels + gap);
    elements.push(
      `<image href="${source}" x="${round(x)}" y="${round(y)}" width="${width}" height="${height}" style="image-rendering: pixelated"/>`,
      text(name, x, y + height + 16),
      text(scores, x, y + height + 32, 'font-size="11"'),
    );
  }
  const rows = Math.ceil(closeUps.length / inRow);
  return svgDocument(alt, 40 + rows * (height + labels + gap), elements);
}
