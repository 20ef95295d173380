// A picture grid as a static SVG, with the rows' names to the left of their pictures.
import { groupEdges, type PictureGrid } from "./picture-grid";
import { round, staticWidth, svgDocument, text } from "./svg";
import { textWidth } from "./text-width";

const margin = 10;
/** Between two pictures. */
const gap = 3;
const small = 'font-size="11"';

export function gridSvg({ title, groups, rows, colorKey, aspect, alt }: PictureGrid): string {
  const left = Math.max(110, textWidth(rows.map(({ name }) => name)) + 16);
  const edges = groupEdges(groups);
  /** Pixels from one picture to the next. */
  const unit = (staticWidth - left - margin) / (edges.at(-1)?.to ?? 1);
  const height = (unit - gap) * aspect;
  const lefts = groups.flatMap(({ columns }, group) =>
    Array.from({ length: columns }, (_, i) => left + unit * (edges[group].from + i)),
  );
  const elements = [text(title, margin, 26, 'font-size="15"')];
  let y = 48;
  if (groups.some(({ name }) => name)) {
    for (const [i, { name }] of groups.entries())
      elements.push(centered(name, left + (unit * (edges[i].from + edges[i].to)) / 2, y));
    y += 8;
  }
  for (const { name, pictures, numbers } of rows) {
    elements.push(text(name, left - 10, y + height / 2 + 4, 'text-anchor="end"'));
    for (const [i, source] of pictures.entries()) elements.push(picture(source, lefts[i], y, unit - gap, height));
    y += height + 4;
    if (numbers) {
      elements.push(text(numbers.are, left - 10, y + 9, `text-anchor="end" ${small}`));
      for (const [i, content] of numbers.texts.entries())
        elements.push(centered(content, lefts[i] + (unit - gap) / 2, y + 9));
      y += 20;
    }
  }
  if (colorKey) {
    const [from, to] = [left + 0.2 * (staticWidth - left), left + 0.8 * (staticWidth - left)];
    elements.push(picture(colorKey.picture, from, y + 6, to - from, 10));
    for (const [i, content] of colorKey.texts.entries())
      elements.push(centered(content, from + (i / 2) * (to - from), y + 30));
    y += 36;
  }
  return svgDocument(alt, Math.round(y + margin), elements);
}

const centered = (content: string, x: number, y: number) => text(content, x, y, `text-anchor="middle" ${small}`);

const picture = (source: string, x: number, y: number, width: number, height: number) =>
  `<image href="${source}" x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" preserveAspectRatio="none" style="image-rendering: pixelated"/>`;
