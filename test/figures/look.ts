// A notebook of saved outputs with every kind of figure and table, and what a browser can measure of them.
import type { Locator } from "playwright-core";
import {
  comparisonGrid,
  differenceTable,
  modelSummary,
  noiseLevelFigure,
  scoreDistributions,
  tableHtml,
  trainingCurves,
  unet,
  worstMedianBest,
} from "../../lib";
import { staticImage } from "../../lib/figures/static-svg";
import { psnr } from "../../lib/metrics/psnr";
import { figureOutput } from "../../lib/notebook/display";
import { epochsOf, rings, scoresAround } from "./fixtures";

const methods = ["noisy", "mean 3x3", "Gaussian, sigma 1", "total variation", "simple autoencoder", "U-Net"];
const interval = (mean: number) => ({ mean, low: mean - 0.3, high: mean + 0.3 });
const scores = (mean: number) => ({ psnr: interval(mean), ssim: interval(0.5), imageSsim: interval(0.6) });
const rows = [
  { name: "noisy", images: rings(0.5, 12) },
  { name: "simple autoencoder", images: rings(0.1, 12) },
];
const errors = { name: "errors of the simple autoencoder", images: rings(0.1, 12), shows: "errors" as const };
const groups = worstMedianBest(psnr(rings(0, 12), rings(0.1, 12)), 4);

export const outputs = {
  grid: figureOutput(comparisonGrid(rings(0, 12), rows, "Original, noisy and denoised by the simple autoencoder")),
  groups: figureOutput(comparisonGrid(rings(0, 12), [...rows, errors], "Worst, median and best", groups)),
  training: figureOutput(trainingCurves(epochsOf(12), "Loss of the simple autoencoder")),
  distributions: figureOutput(
    scoreDistributions(
      methods.map((name, i) => ({ name, values: scoresAround(10 + 2 * i, 0.5) })),
      { title: "PSNR of the test digits", xTitle: "PSNR, dB" },
    ),
  ),
  levels: figureOutput(
    noiseLevelFigure(
      [0.1, 0.5, 0.8],
      methods.map((name, i) => ({
        name,
        psnr: [20, 15, 10].map((mean) => interval(mean + i)),
        ssim: [0.7, 0.5, 0.3].map(interval),
      })),
      "Scores of all methods over the standard deviation of the noise",
    ),
  ),
  differences: {
    "text/html": tableHtml(
      differenceTable(
        methods.map((name, i) => ({ name: `U-Net − ${name}`, scores: scores(9 - 3 * i), accuracy: interval(0.157) })),
      ),
    ),
  },
  model: { "text/html": tableHtml(modelSummary(unet())) },
  live: { "text/html": staticImage(trainingCurves(epochsOf(3), "Loss", { epochs: 12, batches: [] })) },
};
export const names = Object.keys(outputs) as (keyof typeof outputs)[];

export const notebook = {
  metadata: { kernelspec: { name: "image-denoiser", display_name: "TypeScript", language: "typescript" } },
  nbformat: 4,
  nbformat_minor: 5,
  cells: names.map((name, i) => ({
    cell_type: "code",
    id: name,
    metadata: {},
    execution_count: i + 1,
    source: `// ${name}`,
    outputs: [{ output_type: "display_data", metadata: {}, data: outputs[name] }],
  })),
};

export interface Measured {
  /** Pixels between the outermost picture, plot or cell of the output and its edges. */
  readonly blank: { readonly left: number; readonly right: number; readonly below: number };
  /** Height / width of each picture. */
  readonly aspects: number[];
  /** Texts that lie upon each other. */
  readonly overlaps: string[];
  /** Texts that reach beyond the output and cannot be scrolled to. */
  readonly cut: string[];
  /** Pixels, of the smallest text. */
  readonly smallest: number;
  /** The least contrast of a text with what is behind the output, as in WCAG 2. */
  readonly contrast: number;
  /** Whether the output scrolls within itself. */
  readonly scrolls: boolean;
}

/** Runs in the page; `area` is the element around an output. */
export const measure = (area: Locator): Promise<Measured> =>
  area.evaluate(inPage as unknown as string) as Promise<Measured>;

/* biome-ignore lint/suspicious/noExplicitAny: the types of the DOM are not those of Node */
function inPage(area: any): Measured {
  // biome-ignore lint/suspicious/noExplicitAny: as above
  const page = globalThis as any;
  const { document } = page;
  const outer = area.getBoundingClientRect();
  const texts: { text: string; box: DOMRectLike; size: number; color: string }[] = [];
  const walker = document.createTreeWalker(area, 4); // text nodes
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!node.data.trim() || parent.closest("style, script, noscript, title, .modebar-container")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const style = page.getComputedStyle(parent);
    const svg = parent.closest("svg");
    if (style.visibility === "hidden" || style.opacity === "0") continue;
    for (const box of range.getClientRects())
      if (box.width > 0)
        texts.push({
          text: node.data.trim(),
          box,
          size: Number.parseFloat(style.fontSize),
          color: parent.closest(".updatemenu-button") ? "" : svg ? style.fill : style.color,
        });
  }
  const overlaps: string[] = [];
  for (const [i, a] of texts.entries())
    for (const b of texts.slice(i + 1)) {
      const x = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
      const y = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
      // boxes of text have space above and below the letters
      if (x > 1 && y > 4) overlaps.push(`${a.text} / ${b.text}`);
    }
  const scroller = [area, ...area.querySelectorAll("*")].find(
    (element) =>
      element.scrollWidth > element.clientWidth + 1 && /auto|scroll/.test(page.getComputedStyle(element).overflowX),
  );
  const cut = scroller
    ? []
    : texts.filter(({ box }) => box.left < outer.left - 1 || box.right > outer.right + 1).map(({ text }) => text);
  const images = [...area.querySelectorAll("td img, image")].map((element) => element.getBoundingClientRect());
  const pictures = images.filter(({ height, width }) => height > 10 && width < 0.5 * outer.width);
  const content = [...area.querySelectorAll("td img, .main-svg image, .main-svg .bglayer, .main-svg .xy, td, th")]
    .map((element) => element.getBoundingClientRect())
    .filter(({ width }) => width > 0);
  const svgs = [...area.querySelectorAll(".main-svg")].map((element) => element.getBoundingClientRect());
  const edges = svgs.length > 0 && images.length === 0 ? svgs : content;
  const bottoms = [...texts.map(({ box }) => box.bottom), ...content.map(({ bottom }) => bottom)];

  const channels = (color: string): number[] => (color.match(/[\d.]+/g) ?? []).map(Number);
  let background = [255, 255, 255];
  for (let element = area; element; element = element.parentElement) {
    const [r, g, b, alpha = 1] = channels(page.getComputedStyle(element).backgroundColor);
    if (alpha < 0.5) continue;
    background = [r, g, b];
    break;
  }
  const behind = area.querySelector(".main-svg");
  if (behind) {
    const [r, g, b, alpha = 1] = channels(page.getComputedStyle(behind).backgroundColor);
    if (alpha > 0.5) background = [r, g, b];
  }
  const luminance = (rgb: number[]) => {
    const [r, g, b] = rgb.map((value) => {
      const v = value / 255;
      return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrasts = texts.flatMap(({ color }) => {
    if (!color) return [];
    const [r, g, b, alpha = 1] = channels(color);
    const seen = [r, g, b].map((value, i) => alpha * value + (1 - alpha) * background[i]);
    const [low, high] = [luminance(seen), luminance(background)].sort((x, y) => x - y);
    return [(high + 0.05) / (low + 0.05)];
  });
  return {
    blank: {
      left: Math.min(...edges.map(({ left }) => left)) - outer.left,
      right: outer.right - Math.max(...edges.map(({ right }) => right)),
      below: outer.bottom - Math.max(...bottoms),
    },
    aspects: pictures.map(({ width, height }) => height / width),
    overlaps,
    cut,
    smallest: Math.min(...texts.map(({ size }) => size)),
    contrast: Math.min(...contrasts),
    scrolls: Boolean(scroller),
  };
}

interface DOMRectLike {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}
