// What notebooks show for the value of a cell's last expression: figures, tables, images and models as pictures; images
// inside objects as a line of text each. The kernel calls `outputOf`, and writes all other values as text.
import { inspect } from "node:util";
import type * as tf from "@tensorflow/tfjs";
import type { LabelledImages } from "../data/images";
import { modelSummary } from "../evaluation/model-summary";
import type { Table } from "../evaluation/table";
import type { CloseUps } from "../figures/close-ups";
import type { Figure } from "../figures/figure";
import type { PictureGrid } from "../figures/picture-grid";
import { figureOutput, type Output, tableOutput } from "./display";
import { describeImages, imagesOutput } from "./images-output";

/** @returns undefined for values of other kinds */
export function outputOf(value: unknown): Output | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (isFigure(value) || isPictureGrid(value) || isCloseUps(value)) return figureOutput(value);
  if (isTable(value)) return tableOutput(value);
  if (isImages(value)) return imagesOutput(value);
  if (isModel(value)) return tableOutput(modelSummary(value));
  return textWithImages(value);
}

/** So deep are images found inside objects and arrays; `inspect` shows no more. */
const deepest = 2;

/** Text in which images are written by their shape and range; undefined where there are none. */
function textWithImages(value: object): Output | undefined {
  let found = false;
  const shortened = (inner: unknown, depth: number): unknown => {
    if (typeof inner !== "object" || inner === null || depth > deepest + 1) return inner;
    if (isImages(inner)) {
      found = true;
      return { [inspect.custom]: () => `[${describeImages(inner)}]` };
    }
    if (Array.isArray(inner)) return inner.map((each) => shortened(each, depth + 1));
    if (Object.getPrototypeOf(inner) !== Object.prototype) return inner;
    return Object.fromEntries(Object.entries(inner).map(([name, each]) => [name, shortened(each, depth + 1)]));
  };
  const text = inspect(shortened(value, 0), { depth: deepest, breakLength: 80 });
  return found ? { "text/plain": text } : undefined;
}

// Plain data have no class: their properties say what they are.

function isFigure(value: object): value is Figure {
  const { data, layout, alt } = value as Partial<Figure>;
  return Array.isArray(data) && typeof layout === "object" && typeof alt === "string";
}

function isPictureGrid(value: object): value is PictureGrid {
  const { rows, groups, alt } = value as Partial<PictureGrid>;
  return Array.isArray(rows) && Array.isArray(groups) && typeof alt === "string";
}

function isCloseUps(value: object): value is CloseUps {
  const { wholes, closeUps, alt } = value as Partial<CloseUps>;
  return Array.isArray(wholes) && Array.isArray(closeUps) && typeof alt === "string";
}

function isTable(value: object): value is Table {
  const { columns, rows } = value as Partial<Table>;
  const isRow = (row: unknown) =>
    Array.isArray(row) && row.length === columns?.length && row.every((cell) => typeof cell === "string");
  return Array.isArray(columns) && isRow(columns) && Array.isArray(rows) && rows.every(isRow);
}

function isImages(value: object): value is LabelledImages {
  const { data, shape } = value as Partial<LabelledImages>;
  return (
    data instanceof Float32Array &&
    Array.isArray(shape) &&
    shape.length === 4 &&
    shape.reduce((product, size) => product * size, 1) === data.length
  );
}

function isModel(value: object): value is tf.LayersModel {
  const { layers, countParams, getClassName } = value as Partial<tf.LayersModel>;
  return Array.isArray(layers) && typeof countParams === "function" && typeof getClassName === "function";
}
