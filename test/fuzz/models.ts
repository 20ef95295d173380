// Random models: all kinds of layers that tfjs has for images, in random graphs with shared layers, nested models, several
// outputs and frozen layers.
import { tf } from "../../lib/engine";
import type { Random } from "../../lib/random";

/** Numbers in one image between two layers: more would take long and show nothing new. */
const largestImage = 6000;

export const pick = <Value>(random: Random, values: readonly Value[]): Value => values[random.below(values.length)];
export const chance = (random: Random, share: number): boolean => random.uniform() < share;

const size = (random: Random): number => pick(random, [1, 2, 3, 4, 5, 6, 7, 8, 8, 9, 12, 14, 16, 28, 33]);
const channels = (random: Random): number =>
  chance(random, 0.4) ? pick(random, [1, 2, 3, 4, 5, 8, 15, 16, 17, 31, 32, 33]) : 1 + random.below(40);

const activations = [
  undefined,
  "linear",
  "relu",
  "sigmoid",
  "tanh",
  "elu",
  "softplus",
  "relu6",
  "hardSigmoid",
] as const;

type Layer = tf.layers.Layer;
type Make = (random: Random, shape: number[]) => Layer;

const common = (random: Random) => ({
  kernelSize: [pick(random, [1, 1, 2, 3, 3, 3, 4, 5]), pick(random, [1, 2, 3, 3, 3, 5])] as [number, number],
  padding: pick(random, ["same", "same", "same", "valid"] as const),
  activation: pick(random, activations),
  useBias: chance(random, 0.85),
});

const conv2d: Make = (random) =>
  tf.layers.conv2d({
    ...common(random),
    filters: channels(random),
    ...(chance(random, 0.7) && { kernelSize: pick(random, [1, 3, 3, 5]) }),
    ...(chance(random, 0.2) && { strides: pick(random, [1, 2, 3]) }),
    ...(chance(random, 0.1) && { dilationRate: 2 }),
    ...(chance(random, 0.1) && { kernelRegularizer: "l1l2" }),
    ...(chance(random, 0.1) && { kernelConstraint: "maxNorm" }),
  });

const conv2dTranspose: Make = (random) => {
  const kernelSize = pick(random, [1, 2, 2, 2, 3, 4]);
  return tf.layers.conv2dTranspose({
    ...common(random),
    filters: pick(random, [1, 1, 2, 3, 5, 8, 16, 20]),
    kernelSize: chance(random, 0.8) ? kernelSize : [kernelSize, 1 + random.below(3)],
    strides: chance(random, 0.8) ? kernelSize : pick(random, [1, 2]),
  });
};

const pooling = (random: Random) => ({
  poolSize: chance(random, 0.7) ? 2 : ([1 + random.below(3), 1 + random.below(3)] as [number, number]),
  ...(chance(random, 0.3) && { strides: 1 + random.below(3) }),
  padding: pick(random, ["same", "valid"] as const),
});

const batchNormalization: Make = (random) =>
  tf.layers.batchNormalization({
    epsilon: pick(random, [1e-3, 1e-2]),
    momentum: pick(random, [0.99, 0.9, 0.5]),
    ...(chance(random, 0.1) && { axis: 3 }),
  });

/** Layers of one input, the likelier ones several times. */
const layers: readonly Make[] = [
  ...Array<Make>(5).fill(conv2d),
  ...Array<Make>(2).fill(conv2dTranspose),
  ...Array<Make>(3).fill(batchNormalization),
  ...Array<Make>(3).fill((random) => tf.layers.maxPooling2d(pooling(random))),
  (random) => tf.layers.averagePooling2d(pooling(random)),
  ...Array<Make>(2).fill((random) =>
    tf.layers.upSampling2d({
      size: pick(random, [
        [2, 2],
        [1, 2],
        [3, 1],
        [1, 1],
      ] as [number, number][]),
      interpolation: pick(random, ["nearest", "nearest", "bilinear"] as const),
    }),
  ),
  (random) => tf.layers.depthwiseConv2d({ ...common(random), depthMultiplier: 1 + random.below(2) }),
  (random) => tf.layers.separableConv2d({ ...common(random), filters: channels(random) }),
  (random) => tf.layers.activation({ activation: pick(random, activations) ?? "relu" }),
  () => tf.layers.reLU(),
  (random) => tf.layers.leakyReLU({ alpha: pick(random, [0.1, 0.3]) }),
  () => tf.layers.prelu({ sharedAxes: [1, 2] }),
  () => tf.layers.elu(),
  () => tf.layers.softmax(),
  () => tf.layers.layerNormalization(),
  (random) => tf.layers.zeroPadding2d({ padding: 1 + random.below(2) }),
  (_, [, height, width]) =>
    tf.layers.cropping2D({
      cropping: [
        [height > 1 ? 1 : 0, 0],
        [0, width > 1 ? 1 : 0],
      ],
    }),
  (random) => tf.layers.dropout({ rate: 0.25, seed: random.below(1000) }),
  () => tf.layers.permute({ dims: [2, 1, 3] }),
  () => tf.layers.thresholdedReLU({ theta: 0.5 }),
  () => tf.layers.rescaling({ scale: 0.5, offset: 0.1 }),
  (_, [, height, width, channels]) => tf.layers.reshape({ targetShape: [width, height, channels] }),
];

const merges = [
  () => tf.layers.add(),
  () => tf.layers.multiply(),
  () => tf.layers.average(),
  () => tf.layers.maximum(),
  () => tf.layers.minimum(),
  () => tf.layers.concatenate(),
] as const;

const shapeOf = ({ shape }: tf.SymbolicTensor): number[] => shape.map((axis) => axis ?? 1);

/** @param shape without the number of images */
const fits = (shape: readonly number[]): boolean =>
  shape.every((axis) => axis >= 1) && shape.reduce((product, axis) => product * axis, 1) <= largestImage;

const fitsAfter = (layer: Layer, shape: tf.Shape | tf.Shape[]): boolean =>
  fits((layer.computeOutputShape(shape) as number[]).slice(1));

/** Applies a layer; undefined where the result would be empty or too large. */
function extend(layer: Layer, x: tf.SymbolicTensor): tf.SymbolicTensor | undefined {
  if (!fitsAfter(layer, x.shape)) {
    return undefined;
  }
  return layer.apply(x) as tf.SymbolicTensor;
}

/** A graph of random layers from x on; the last tensor is its end, the others are on the way. */
function grow(random: Random, x: tf.SymbolicTensor, steps: number): tf.SymbolicTensor[] {
  const tensors = [x];
  const made: Layer[] = [];
  const add = (tensor: tf.SymbolicTensor | undefined) => tensor && tensors.push(tensor);
  for (let step = 0; step < steps; step++) {
    const from = chance(random, 0.75) ? tensors[tensors.length - 1] : pick(random, tensors);
    const kind = random.uniform();
    if (kind < 0.15 && tensors.length > 1) {
      const partners = tensors.filter(
        (other) => other.shape[1] === from.shape[1] && other.shape[2] === from.shape[2] && other !== from,
      );
      if (partners.length === 0) continue;
      const partner = pick(random, partners);
      const sameChannels = partner.shape[3] === from.shape[3];
      const merge = sameChannels ? pick(random, merges)() : tf.layers.concatenate();
      const inputs = [from, partner, ...(sameChannels && chance(random, 0.2) ? [from] : [])];
      if (
        fitsAfter(
          merge,
          inputs.map(({ shape }) => shape),
        )
      )
        add(merge.apply(inputs) as tf.SymbolicTensor);
    } else if (kind < 0.22) {
      // a layer that is applied a second time, where the shapes allow
      const again = made.find((layer) => {
        const before = (layer.inboundNodes[0]?.inputShapes?.[0] ?? []) as number[];
        return before[3] === from.shape[3];
      });
      if (again) {
        try {
          add(extend(again, from));
        } catch {
          // built for another shape, as PReLU without shared axes is
        }
      }
    } else if (kind < 0.27 && steps > 3) {
      const input = tf.input({ shape: from.shape.slice(1) as number[] });
      const inner = grow(random, input, 2 + random.below(3));
      const last = inner[inner.length - 1];
      if (last !== input) {
        const nested = tf.model({ inputs: input, outputs: last });
        add(nested.apply(from) as tf.SymbolicTensor);
        if (chance(random, 0.3)) add(nested.apply(from) as tf.SymbolicTensor);
      }
    } else {
      const layer = pick(random, layers)(random, shapeOf(from));
      if (chance(random, 0.1)) layer.trainable = false;
      made.push(layer);
      add(extend(layer, from));
    }
  }
  return tensors;
}

/** A model of one input [n, height, width, channels] and one or two outputs of any rank. */
export function randomModel(random: Random): tf.LayersModel {
  for (;;) {
    const shape = [size(random), size(random), channels(random)];
    if (!fits(shape)) continue;
    const input = tf.input({ shape });
    const tensors = grow(random, input, 2 + random.below(9));
    if (tensors.length < 2) continue;
    const last = tensors[tensors.length - 1];
    const outputs = [chance(random, 0.15) ? toNumbers(random, last) : last];
    if (chance(random, 0.25)) outputs.push(pick(random, tensors.slice(1)));
    const distinct = [...new Set(outputs)];
    const model = tf.model({ inputs: input, outputs: distinct });
    if (model.trainableWeights.length > 0) return model;
  }
}

/** As a classifier ends. */
function toNumbers(random: Random, x: tf.SymbolicTensor): tf.SymbolicTensor {
  const apply = (layer: Layer, input: tf.SymbolicTensor) => layer.apply(input) as tf.SymbolicTensor;
  const flat = pick(random, [
    () => tf.layers.flatten(),
    () => tf.layers.globalAveragePooling2d({}),
    () => tf.layers.globalMaxPooling2d({}),
  ])();
  return apply(tf.layers.dense({ units: 1 + random.below(5), activation: pick(random, activations) }), apply(flat, x));
}

/** Normal numbers. */
export const randomTensor = (random: Random, shape: readonly number[], scale = 1): tf.Tensor =>
  tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape([...shape]) }, () => scale * random.normal()),
    [...shape],
  );

/** Weights of a size that keeps a network's numbers near 1; variances are positive. */
export function randomWeights(random: Random, model: { weights: tf.LayerVariable[] }): tf.Tensor[] {
  return model.weights.map(({ shape, originalName }) => {
    const sizes = shape as number[];
    const fanIn = sizes.length > 1 ? sizes.slice(0, -1).reduce((product, axis) => product * axis, 1) : 4;
    const tensor = randomTensor(random, sizes, 1 / Math.sqrt(fanIn));
    return /gamma|variance/.test(originalName) ? tensor.abs().add(0.5) : tensor;
  });
}

export const optimizers = {
  sgd: () => tf.train.sgd(0.01),
  momentum: () => tf.train.momentum(0.01, 0.9, true),
  adam: () => tf.train.adam(0.001),
  adamax: () => tf.train.adamax(0.001),
  adagrad: () => tf.train.adagrad(0.01),
  adadelta: () => tf.train.adadelta(0.1),
  rmsprop: () => tf.train.rmsprop(0.001),
} as const;

export const losses = [
  "meanSquaredError",
  "meanAbsoluteError",
  "binaryCrossentropy",
  "hinge",
  "logcosh",
  "cosineProximity",
  "squaredHinge",
  "poisson",
  "meanAbsolutePercentageError",
  "meanSquaredLogarithmicError",
  "categoricalHinge",
  "categoricalCrossentropy",
  "kullbackLeiblerDivergence",
] as const;
