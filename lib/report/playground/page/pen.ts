// A pen that draws on images: white, with a soft edge, as wide as the strokes of handwritten digits.
import type { Images } from "../../../data/images";

/** In pixels of the image, fractions included. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Of the image's shorter side. */
const radiusShare = 1.1 / 28;

/** @returns new images, with a line from one point to the other */
export function drawLine({ data, shape }: Images, from: Point, to: Point): Images {
  const [, height, width, channels] = shape;
  const radius = radiusShare * Math.min(height, width);
  const drawn = data.slice();
  const reach = radius + 1;
  const rows = range(from.y, to.y, reach, height);
  const columns = range(from.x, to.x, reach, width);
  for (let y = rows.first; y <= rows.last; y++)
    for (let x = columns.first; x <= columns.last; x++) {
      const value = Math.min(1, Math.max(0, radius + 0.5 - distance({ x: x + 0.5, y: y + 0.5 }, from, to)));
      for (let at = (y * width + x) * channels, end = at + channels; at < end; at++)
        drawn[at] = Math.max(drawn[at], value);
    }
  return { data: drawn, shape };
}

const range = (a: number, b: number, reach: number, length: number) => ({
  first: Math.max(0, Math.floor(Math.min(a, b) - reach)),
  last: Math.min(length - 1, Math.ceil(Math.max(a, b) + reach)),
});

/** Of a point from the line between two others. */
function distance({ x, y }: Point, from: Point, to: Point): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = dx * dx + dy * dy;
  const share = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - from.x) * dx + (y - from.y) * dy) / length));
  return Math.hypot(x - from.x - share * dx, y - from.y - share * dy);
}

export const black = ({ data, shape }: Images): Images => ({ data: new Float32Array(data.length), shape });
