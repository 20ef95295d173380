// What the static SVGs of figures and picture grids share: their width, texts, and the colours of light and dark pages.
import { escapeMarkup } from "../evaluation/markup";

/** Pixels. */
export const staticWidth = 720;

export const round = (value: number) => Number(value.toFixed(1));

/** Nothing for empty texts. */
export const text = (content: string, x: number, y: number, attributes = ""): string =>
  content && `<text x="${round(x)}" y="${round(y)}" ${attributes}>${escapeMarkup(content)}</text>`;

/**
 * The page decides between light and dark: for an SVG in an `<img>`, browsers take its `color-scheme`, or what the system
 * prefers. There is a background, because not all of them do, and text must be legible in each case.
 */
const colors =
  "svg{color:#222;background:#fff}@media(prefers-color-scheme:dark){svg{color:#ddd;background:#111}}text{fill:currentColor}";

/** @param alt for readers who cannot see it */
export const svgDocument = (alt: string, height: number, elements: readonly string[]): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${staticWidth}" height="${height}" viewBox="0 0 ${staticWidth} ${height}" font-family="Helvetica, Arial, sans-serif" font-size="13"><title>${escapeMarkup(alt)}</title><style>${colors}</style>${elements.join("")}</svg>`;
