// Rows of pictures with a number below each, as an HTML table. It is as wide as the place where it is shown, its pictures
// keep their shape, its text has the page's colour: a picture needs no Plotly, no script and no style sheet.
import { escapeMarkup } from "../evaluation/markup";

/** Plain data; pictures are PNGs as data URIs. */
export interface PictureGrid {
  readonly title: string;
  /** Groups of columns that stand side by side, each with its name above; one without a name when there are no groups. */
  readonly groups: readonly { readonly name: string; readonly columns: number }[];
  readonly rows: readonly PictureRow[];
  /** What colours mean: a strip from one end to the other, with texts at its beginning, middle and end. */
  readonly colorKey?: { readonly picture: string; readonly texts: readonly [string, string, string] };
  /** Height of a picture / its width. */
  readonly aspect: number;
  /** What the grid shows, in a sentence or two, for readers who cannot see it. */
  readonly alt: string;
}

export interface PictureRow {
  readonly name: string;
  /** One for each column of all groups. */
  readonly pictures: readonly string[];
  /** Numbers, one below each picture, and what they are. */
  readonly numbers?: { readonly are: string; readonly texts: readonly string[] };
}

/** The space between two groups, in picture widths. */
export const groupGap = 0.25;

/** For each group, in order: where its first picture begins and where its last one ends, in picture widths. */
export function groupEdges(groups: PictureGrid["groups"]): { from: number; to: number }[] {
  let end = -groupGap;
  return groups.map(({ columns }) => {
    const from = end + groupGap;
    end = from + columns;
    return { from, to: end };
  });
}

const plain = "background: none; border: none; line-height: 1.3";

/**
 * The grid as HTML that keeps its look where scripts and style sheets are removed.
 * @example
 * ```ts
 * import { comparisonGrid, pictureGridHtml } from "image-denoiser";
 * const clean = { data: new Float32Array(784), shape: [1, 28, 28, 1] as const };
 * pictureGridHtml(comparisonGrid(clean, [], "Black")).includes("<caption") // true
 * ```
 */
export function pictureGridHtml(grid: PictureGrid): string {
  const { title, groups, rows, colorKey } = grid;
  const width = groupEdges(groups).at(-1)?.to ?? 1;
  const percent = (pictures: number) => `${((100 * pictures) / width).toFixed(3)}%`;
  const columns = acrossGroups(grid, (_, column) => column);
  const col = (column: number | undefined) => `<col style="width: ${percent(column === undefined ? groupGap : 1)}">`;
  const wide = (content: string, style: string) =>
    `<tr style="${plain}"><th colspan="${columns.length}" style="${plain}; text-align: left; ${style}">${content}</th></tr>`;
  const names = groups.map(
    ({ name, columns }) =>
      `<th colspan="${columns}" style="${plain}; padding: 0 0 2px; text-align: center; font-weight: normal">${escapeMarkup(name)}</th>`,
  );
  const row = ({ name, pictures, numbers }: PictureRow, index: number) => {
    const are = numbers ? ` <span style="font-weight: normal">${escapeMarkup(numbers.are)}</span>` : "";
    const cells = acrossGroups(grid, (_, column) => {
      const alt = index === 0 && column === 0 ? escapeMarkup(grid.alt) : "";
      const picture = `<img alt="${alt}" src="${pictures[column]}" style="display: block; width: 100%; height: auto; image-rendering: pixelated">`;
      return `<td style="${plain}; padding: 0 1px; text-align: center; vertical-align: top; font-size: 11px">${picture}${numbers?.texts[column] ?? ""}</td>`;
    });
    return (
      wide(`${escapeMarkup(name)}${are}`, "padding: 6px 1px 2px") +
      `<tr style="${plain}">${cells.map((cell) => cell ?? gap).join("")}</tr>`
    );
  };
  const body = [
    groups.some(({ name }) => name) ? `<tr style="${plain}">${names.join(gap)}</tr>` : "",
    ...rows.map(row),
    colorKey ? wide(colorKeyHtml(colorKey), "padding: 10px 0 0; font-weight: normal") : "",
  ];
  // 26 pixels hold a number; where there is less space for each column, the table scrolls within itself
  const style = `width: 100%; min-width: ${Math.round(26 * width)}px; table-layout: fixed; border-collapse: collapse; margin: 0`;
  return `<div style="overflow: auto"><table style="${style}"><caption style="text-align: left; font-weight: bold; padding: 4px 1px">${escapeMarkup(title)}</caption><colgroup>${columns.map(col).join("")}</colgroup><tbody>${body.join("")}</tbody></table></div>`;
}

const gap = `<td style="${plain}; padding: 0"></td>`;

/** Something for each column, with undefined between groups. */
function acrossGroups<Item>(
  { groups }: PictureGrid,
  item: (group: number, column: number) => Item,
): (Item | undefined)[] {
  let column = 0;
  return groups.flatMap(({ columns }, group) => [
    ...(group > 0 ? [undefined] : []),
    ...Array.from({ length: columns }, () => item(group, column++)),
  ]);
}

function colorKeyHtml({ picture, texts }: NonNullable<PictureGrid["colorKey"]>): string {
  const aligned = ["left", "center", "right"];
  const cells = texts.map(
    (text, i) =>
      `<td style="${plain}; width: 33%; padding: 2px 0; text-align: ${aligned[i]}; vertical-align: top; font-size: 11px">${escapeMarkup(text)}</td>`,
  );
  return `<table style="width: 100%; max-width: 500px; table-layout: fixed; border-collapse: collapse; margin: 0 auto"><tbody><tr style="${plain}"><td colspan="3" style="${plain}; padding: 0"><img alt="" src="${picture}" style="display: block; width: 100%; height: 10px"></td></tr><tr style="${plain}">${cells.join("")}</tr></tbody></table>`;
}
