// The stages of a convolutional model, for a drawing of it: convolutions that follow each other at one resolution with equal
// channels are one stage; pooling, upsampling and skip connections lead from stage to stage.
import type * as tf from "@tensorflow/tfjs";
import { layerGeometry } from "./layer-geometry";
import { WindowAttention } from "./window-attention";

export interface Stage {
  /** How often the size has been halved: 0 is the image's. */
  readonly level: number;
  readonly channels: number;
  /** Height and width; null where the model takes any. */
  readonly size: readonly [height: number | null, width: number | null];
  /** Its convolutions, by their kernel: ["3 x 3", "3 x 3"]. None in the input. */
  readonly convolutions: readonly string[];
  /** Whether its positions attend to each other. */
  readonly attention: boolean;
}

export interface StageLink {
  /** Indices of stages. */
  readonly from: number;
  readonly to: number;
  /** What changes the size on the way, such as "MaxPooling2D", or how a skip connection ends: "Concatenate", "Add". */
  readonly by?: string;
  readonly skip: boolean;
}

export interface Stages {
  readonly stages: readonly Stage[];
  readonly links: readonly StageLink[];
}

/** Where a tensor comes from. */
interface Source {
  readonly stage: number;
  readonly level: number;
  readonly by?: string;
  readonly skips: readonly { readonly from: number; readonly by: string }[];
}

/** @param model of one input and one output, all of its layers known to `layerGeometry` */
export function stagesOf({ outputs: [output] }: tf.LayersModel): Stages {
  const stages: (Omit<Stage, "convolutions" | "attention"> & { convolutions: string[]; attention: boolean })[] = [];
  const links: StageLink[] = [];
  const sources = new Map<tf.SymbolicTensor, Source>();

  const visit = (tensor: tf.SymbolicTensor): Source => {
    const known = sources.get(tensor);
    if (known) return known;
    const source = sourceOf(tensor, tensor.inputs.map(visit));
    sources.set(tensor, source);
    return source;
  };
  const begin = (tensor: tf.SymbolicTensor, level: number): number => {
    const [, height, width, channels] = tensor.shape as [null, number | null, number | null, number];
    return stages.push({ level, channels, size: [height, width], convolutions: [], attention: false }) - 1;
  };
  const sourceOf = (tensor: tf.SymbolicTensor, inputs: readonly Source[]): Source => {
    const { sourceLayer: layer } = tensor;
    if (inputs.length === 0) return { stage: begin(tensor, 0), level: 0, skips: [] };
    const main = inputs.reduce((a, b) => (b.stage > a.stage ? b : a)); // the latest; the others skip it
    const by = layer.getClassName();
    const others = inputs.filter(({ stage }) => stage !== main.stage).map(({ stage }) => ({ from: stage, by }));
    if (by === "Add") {
      for (const other of others) links.push({ ...other, to: main.stage, skip: true });
      return main;
    }
    const { up, down } = layerGeometry(layer, 0) ?? { up: 1, down: 1 };
    const level = main.level + Math.log2(down / up);
    const skips = [...main.skips, ...others];
    if (level !== main.level) return { stage: main.stage, level, by, skips };
    if (by === WindowAttention.className) stages[main.stage].attention = true;
    if (by !== "Conv2D") return { ...main, skips };
    const { channels, level: before } = stages[main.stage];
    const goesOn = skips.length === 0 && before === level && channels === tensor.shape[3] && main.stage > 0;
    const stage = goesOn ? main.stage : begin(tensor, level);
    if (!goesOn) {
      links.push({ from: main.stage, to: stage, ...(main.by && { by: main.by }), skip: false });
      for (const skip of skips) links.push({ ...skip, to: stage, skip: true });
    }
    stages[stage].convolutions.push((layer.getConfig().kernelSize as number[]).join(" x "));
    return { stage, level, skips: [] };
  };

  visit(output);
  return { stages, links };
}
