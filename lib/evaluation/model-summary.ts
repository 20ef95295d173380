// A model's layers as a table: what tf's model.summary() prints, in a form a notebook can show.
import type * as tf from "@tensorflow/tfjs";
import type { Table } from "./table";

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
    columns: ["layer", "kind", "output", "parameters"],
    rows: [...rows, ["total", "", "", count(model.countParams())]],
  };
}
