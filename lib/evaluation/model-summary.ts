// The layers of a model as a table: what tf's model.summary() prints, in a form that a notebook can show.
import type * as tf from "@tensorflow/tfjs";
import type { Table } from "./table";

/**
 * One row per layer: its name, kind, output shape (n stands for the number of images) and number of parameters.
 * @example
 * ```ts
 * import { modelSummary, simpleAutoencoder } from "image-denoiser";
 * modelSummary(simpleAutoencoder()).rows.at(-1) // [ 'total', '', '', '28,353' ]
 * ```
 */
export function modelSummary(model: tf.LayersModel): Table {
  const shape = (sizes: unknown) => `[${(sizes as (number | null)[]).map((size) => size ?? "n").join(", ")}]`;
  const count = (n: number) => n.toLocaleString("en-US");
  const rows = model.layers.map((layer) => [
    layer.name,
    layer.getClassName(),
    shape(layer.outputShape),
    count(layer.countParams()),
  ]);
  return {
    columns: ["layer", "kind", "output shape", "parameters"],
    rows: [...rows, ["total", "", "", count(model.countParams())]],
  };
}
