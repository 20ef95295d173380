// The receptive field of a model: which pixels of the noisy image a pixel of the result depends on. Worked out from the
// model's layers; tiling and padding follow from it.
import type * as tf from "@tensorflow/tfjs";
import { type LayerGeometry, layerGeometry } from "./layer-geometry";

/** Along one axis, in pixels. */
export interface AxisField {
  /** How far above (or to the left of) a pixel of the result the first pixel lies that it depends on, at most. */
  readonly before: number;
  /** How far below (or to the right of) it the last one lies, at most. */
  readonly after: number;
  /**
   * Total stride: sizes must be multiples of it, and the result moves with an image that is moved by a multiple of it.
   */
  readonly stride: number;
  /** How much of a tile's result is wrong at an edge that is not an edge of the image; a multiple of `stride`. */
  readonly margin: number;
}

export interface ReceptiveField {
  readonly rows: AxisField;
  readonly columns: AxisField;
  /** Numbers that all layers together compute for each pixel of an image. */
  readonly numbersPerPixel: number;
}

/**
 * The receptive field of a model, worked out from the kernels, strides, dilations, padding and factors of its layers.
 * @param model one input and one output of equal shape [n, height, width, channels]
 * @throws {RangeError} when a layer may mix pixels from anywhere in the image (a dense layer over all pixels, a global
 *   pooling), is not one of tfjs' layers for images, or the result is not as large as the image
 * @example
 * ```ts
 * import { receptiveField, simpleAutoencoder } from "image-denoiser";
 *
 * const { rows } = receptiveField(simpleAutoencoder());
 * [rows.before + 1 + rows.after, rows.stride] // [ 27, 4 ]
 * ```
 */
export function receptiveField(model: tf.LayersModel): ReceptiveField {
  const { name, inputs, outputs } = model;
  if (inputs.length !== 1 || outputs.length !== 1)
    throw new RangeError(
      `the model ${name} must have one input and one output, not ${inputs.length} and ${outputs.length}`,
    );
  const tensors = inOrder(outputs[0]);
  const [rows, columns] = ([0, 1] as const).map((axis) => new Axis(model, tensors, axis));
  const numbersPerPixel = tensors.reduce(
    (sum, tensor) => sum + Number(tensor.shape.at(-1)) * rows.scale(tensor) * columns.scale(tensor),
    0,
  );
  return { rows: rows.field(), columns: columns.field(), numbersPerPixel };
}

/** All tensors that a model's output is computed from and the output itself, each after those that it is computed from. */
function inOrder(output: tf.SymbolicTensor): tf.SymbolicTensor[] {
  const seen = new Set<tf.SymbolicTensor>();
  const order: tf.SymbolicTensor[] = [];
  const visit = (tensor: tf.SymbolicTensor) => {
    if (seen.has(tensor)) return;
    seen.add(tensor);
    tensor.inputs.forEach(visit);
    order.push(tensor);
  };
  visit(output);
  return order;
}

/** A tensor's size along an axis: that of the image * up / down + growth, with no common factor in up and down. */
interface Size {
  readonly up: number;
  readonly down: number;
  readonly growth: number;
}

/** A model's tensors along one axis. */
class Axis {
  private readonly geometries = new Map<tf.SymbolicTensor, LayerGeometry>();
  private readonly sizes = new Map<tf.SymbolicTensor, Size>();
  private readonly stride: number;

  constructor(
    private readonly model: tf.LayersModel,
    private readonly tensors: readonly tf.SymbolicTensor[],
    axis: 0 | 1,
  ) {
    for (const tensor of tensors) this.sizes.set(tensor, this.sizeOf(tensor, axis));
    this.stride = tensors.map((tensor) => this.strideAt(tensor)).reduce(lcm);
    const { up, down, growth } = this.sizeAt(model.outputs[0]);
    if (up !== down || growth !== 0)
      throw new RangeError(
        `the model ${model.name} makes ${up === down ? "" : `${up}/${down} of `}the size${growth ? ` ${growth > 0 ? "+" : "-"} ${Math.abs(growth)} pixels` : ""} of what it gets: a denoiser must give images of the shape that it takes`,
      );
  }

  private sizeOf(tensor: tf.SymbolicTensor, axis: 0 | 1): Size {
    if (tensor.inputs.length === 0) return { up: 1, down: 1, growth: 0 };
    const layer = tensor.sourceLayer;
    const geometry = tensor.rank === 4 ? layerGeometry(layer, axis) : undefined;
    const refused = (reason: string) =>
      new RangeError(
        `the receptive field of the model ${this.model.name} is not known: its layer ${layer.name} (${layer.getClassName()}) ${reason}`,
      );
    if (!geometry) throw refused("may mix pixels from anywhere in the image");
    this.geometries.set(tensor, geometry);
    const [size, ...others] = tensor.inputs.map((input) => this.sizeAt(input));
    if (others.some(({ up, down, growth }) => up !== size.up || down !== size.down || growth !== size.growth))
      throw refused("joins images of different sizes");
    if (size.growth % geometry.down !== 0) throw refused(`has a stride that does not divide its input's size`);
    if (size.growth % (geometry.window ?? 1) !== 0) throw refused(`has windows that do not divide its input's size`);
    const [up, down] = [size.up * geometry.up, size.down * geometry.down];
    const divisor = gcd(up, down);
    const growth = (size.growth / geometry.down) * geometry.up + geometry.growth;
    return { up: up / divisor, down: down / divisor, growth };
  }

  /** Of how many pixels of the image this tensor has a whole number, and those that it is computed from whole windows. */
  private strideAt(tensor: tf.SymbolicTensor): number {
    const { up, down } = this.sizeAt(tensor);
    const pixels = down * (this.geometries.get(tensor)?.window ?? 1);
    return pixels / gcd(pixels, up);
  }

  private sizeAt(tensor: tf.SymbolicTensor): Size {
    return this.sizes.get(tensor) as Size;
  }

  /** Pixels of a tensor for each pixel of the image. */
  scale(tensor: tf.SymbolicTensor): number {
    const { up, down } = this.sizeAt(tensor);
    return up / down;
  }

  field(): AxisField {
    const { stride, tensors } = this;
    const input = this.model.inputs[0];
    const reach = Array.from({ length: stride }, (_, phase) => {
      const [first, last] = this.needed(phase, phase).get(input) ?? [phase, phase];
      return [phase - first, last - phase];
    });
    // Of a tile whose result begins with pixel 0 and ends with pixel -1, all that is needed must lie within each layer's
    // part of the tile: what lies beyond is zero there, and is not in the image.
    const needed = this.needed(0, -1);
    const margins = tensors.flatMap((tensor) => {
      const range = needed.get(tensor);
      const { growth } = this.sizeAt(tensor);
      return range ? [-range[0] / this.scale(tensor), (range[1] + 1 - growth) / this.scale(tensor)] : [];
    });
    return {
      before: Math.max(0, ...reach.map(([before]) => before)),
      after: Math.max(0, ...reach.map(([, after]) => after)),
      stride,
      margin: Math.ceil(Math.max(0, ...margins) / stride) * stride,
    };
  }

  /** Which pixels of each tensor the model's output from one pixel to another is computed from. */
  private needed(first: number, last: number): Map<tf.SymbolicTensor, [first: number, last: number]> {
    const ranges = new Map([[this.model.outputs[0], [first, last] as [number, number]]]);
    for (const tensor of [...this.tensors].reverse()) {
      const range = ranges.get(tensor);
      const geometry = this.geometries.get(tensor);
      if (!range || !geometry) continue;
      for (const input of tensor.inputs) {
        const known = ranges.get(input) ?? [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
        ranges.set(input, [Math.min(known[0], geometry.first(range[0])), Math.max(known[1], geometry.last(range[1]))]);
      }
    }
    return ranges;
  }
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
const lcm = (a: number, b: number): number => (a / gcd(a, b)) * b;
