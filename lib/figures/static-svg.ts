// A figure or picture grid as a static SVG, for places where no script runs and no HTML is rendered: the README, a notebook
// on GitHub, an untrusted notebook, the loss curve during training.
import { escapeMarkup } from "../evaluation/markup";
import type { Drawing } from "./architecture";
import type { CloseUps } from "./close-ups";
import { closeUpsSvg } from "./close-ups-svg";
import type { Figure } from "./figure";
import { gridSvg } from "./grid-svg";
import type { PictureGrid } from "./picture-grid";
import { plotSvg } from "./plot-svg";

/**
 * Draws a figure without a browser. Its colours are those of a light or a dark page, as the reader prefers.
 * @returns an SVG document with selectable text, 720 pixels wide and as high as the figure
 * @example
 * ```ts
 * import { staticSvg, trainingCurves } from "image-denoiser";
 * const epoch = { epoch: 1, loss: 0.02, valLoss: 0.03, learningRate: 0.001, seconds: 6 };
 * staticSvg(trainingCurves([epoch], "Loss of the U-Net")).startsWith("<svg") // true
 * ```
 */
export function staticSvg(figure: Figure | PictureGrid | CloseUps | Drawing): string {
  if ("svg" in figure) return figure.svg;
  if ("closeUps" in figure) return closeUpsSvg(figure);
  return "rows" in figure ? gridSvg(figure) : plotSvg(figure);
}

/** An `<img>` with the static SVG; it remains where a page removes inline SVG, styles and scripts. */
export function staticImage(figure: Figure | PictureGrid | Drawing): string {
  const svg = Buffer.from(staticSvg(figure)).toString("base64");
  return `<img alt="${escapeMarkup(figure.alt)}" src="data:image/svg+xml;base64,${svg}">`;
}
