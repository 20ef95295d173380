// One random direct use of layers and operations, outside of models' fit and predict: tidies, gradients with respect to
// tensors on the way, gradients of gradients, results read late, disposal, switching kernels and backends, reloading.
import { tf, useNativeTraining } from "../../lib/engine";
import { Random } from "../../lib/random";
import { difference, type Mode, numbers, type Outcome, outcomeOf } from "./compare";
import { chance, pick, randomTensor, randomWeights } from "./models";

/** @returns how native kernels and stock tfjs differ, or undefined */
export const useCase = (seed: number, onlyStock: boolean): Promise<string | undefined> =>
  difference((mode) => use(seed, mode), onlyStock);

/** A step of a chain: something that makes one tensor of another. */
type Step = (x: tf.Tensor) => tf.Tensor;

interface Chain {
  readonly layers: readonly tf.layers.Layer[];
  readonly steps: readonly Step[];
}

const someChannels = [1, 2, 3, 4, 5, 8, 16, 16, 17, 32];

/** Layers of the kinds that have native paths, each a step, with operations in between. */
function randomChain(random: Random, shape: number[]): Chain {
  const layers: tf.layers.Layer[] = [];
  const steps: Step[] = [];
  let symbolic = tf.input({ shape: shape.slice(1) });
  const training = chance(random, 0.6);
  const add = (layer: tf.layers.Layer, inputs: "x" | "x twice" = "x") => {
    layers.push(layer);
    const twice = inputs === "x twice";
    symbolic = layer.apply(twice ? [symbolic, symbolic] : symbolic) as tf.SymbolicTensor;
    const options = { training };
    steps.push((x) => {
      const call = () => (twice ? layer.apply([x, x], options) : layer.apply(x, options)) as tf.Tensor;
      return inTidy ? tf.tidy(call) : call();
    });
    const inTidy = chance(random, 0.3);
  };
  const count = 1 + random.below(5);
  for (let i = 0; i < count; i++) {
    const activation = pick(random, [undefined, "relu", "relu", "sigmoid"] as const);
    const [, height, width, channels] = symbolic.shape as number[];
    if (channels > 64 || height * width > 400) break;
    const kind = random.below(11);
    if (kind < 3) {
      const kernelSize = pick(random, [1, 3, 3, 5]);
      const padding = pick(random, ["same", "same", "same", "valid"] as const);
      if (padding === "valid" && Math.min(height, width) < kernelSize) continue;
      add(tf.layers.conv2d({ filters: pick(random, someChannels), kernelSize, padding, activation }));
    } else if (kind === 3)
      add(tf.layers.conv2dTranspose({ filters: pick(random, someChannels), kernelSize: 2, strides: 2, activation }));
    else if (kind === 4) add(tf.layers.batchNormalization());
    else if (kind === 5 && height > 1 && width > 1) add(tf.layers.maxPooling2d({ poolSize: 2 }));
    else if (kind === 6) add(tf.layers.upSampling2d({ size: [2, pick(random, [1, 2])] }));
    else if (kind === 7) add(tf.layers.concatenate(), "x twice");
    else if (kind === 8)
      add(pick(random, [() => tf.layers.elu(), () => tf.layers.leakyReLU(), () => tf.layers.reLU()])());
    else if (kind === 9) add(tf.layers.averagePooling2d({ poolSize: 2, padding: "same" }));
    else steps.push(randomOperation(random));
  }
  // layers that follow only in a model that is never run
  for (let i = random.below(3); i > 0; i--) {
    const follower = pick(random, [
      () => tf.layers.conv2d({ filters: 3, kernelSize: 1 }),
      () => tf.layers.maxPooling2d({ poolSize: 2 }),
      () => tf.layers.batchNormalization(),
    ])();
    if (Number(symbolic.shape[1]) > 1 && Number(symbolic.shape[2]) > 1) follower.apply(symbolic);
  }
  return { layers, steps };
}

function randomOperation(random: Random): Step {
  const size = 1 + random.below(3);
  const strides = 1 + random.below(3);
  const padding = pick(random, ["same", "valid"] as const);
  return pick<Step>(random, [
    (x) => tf.maxPool(x as tf.Tensor4D, size, strides, padding),
    (x) => tf.maxPool(x as tf.Tensor4D, 2, 2, padding),
    (x) => tf.avgPool(x as tf.Tensor4D, 2, 2, "same"),
    (x) => x.relu(),
    (x) => x.elu(),
    (x) => x.leakyRelu(0.1),
    (x) => x.tanh(),
    (x) => x.sigmoid().mul(2),
    (x) => x.clone(),
    (x) => x.reshape([x.shape[0], x.shape[2] as number, x.shape[1] as number, x.shape[3] as number]),
    (x) => x.add(x.square()),
    (x) => x.slice([0, 0, 0, 0], x.shape),
    (x) => tf.concat([x, x.relu()], 3),
    (x) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [size * Number(x.shape[1]), strides * Number(x.shape[2])]),
    (x) => x.sub(x.mean([1, 2], true)),
  ]);
}

const run = (steps: readonly Step[], x: tf.Tensor): tf.Tensor => steps.reduce((y, step) => step(y), x);

async function use(seed: number, mode: Mode): Promise<Outcome> {
  const random = new Random(seed, "fuzz: uses");
  const side = () => pick(random, [1, 2, 3, 4, 5, 6, 8, 8, 10, 12]);
  const shape = [1 + random.below(3), side(), side(), pick(random, someChannels)];
  const { layers, steps } = randomChain(random, shape);
  const made: tf.Tensor[] = [];
  const changed = (tensor: tf.Tensor) => {
    made.push(tensor, tensor.mul(1 + mode.change));
    return made[made.length - 1];
  };
  for (const layer of layers) {
    layer.setWeights(randomWeights(random, layer).map(changed));
    if (chance(random, 0.1)) layer.trainable = false;
  }
  const x = changed(randomTensor(random, shape));
  const question = pick(random, questions);
  const before = tf.memory().numTensors;
  const outcome = await outcomeOf(() => question({ random, mode, layers, steps, x }));
  const left = tf.memory().numTensors - before;
  tf.dispose(made);
  tf.dispose(
    layers.flatMap(({ weights }) => weights.map((weight) => weight.read())).filter((weight) => !weight.isDisposed),
  );
  return "error" in outcome ? outcome : { ...outcome, "tensors left": Float32Array.of(left) };
}

interface Setting extends Chain {
  readonly random: Random;
  readonly mode: Mode;
  readonly x: tf.Tensor;
}

/** A scalar in which every number of a tensor counts differently. */
const weighted = (y: tf.Tensor): tf.Scalar =>
  tf.tidy(() => y.mul(tf.range(0, y.size, 1).mul(0.7).sin().reshape(y.shape)).sum() as tf.Scalar);

/** Something done between two steps that must not change what comes out. */
async function disturb({ random, mode }: Setting): Promise<void> {
  const kind = random.below(4);
  const backend = pick(random, ["cpu", "tensorflow"]);
  const on = chance(random, 0.5);
  if (kind === 0) await tf.setBackend(backend);
  if (!mode.native) return;
  if (kind === 1) useNativeTraining(on);
  if (kind === 2) reload();
}

/** Loads the engine's files again, as the notebook kernel does when one of them was edited. */
function reload(): void {
  for (const file of Object.keys(require.cache)) if (/lib.engine.*\.ts$/.test(file)) delete require.cache[file];
  require("../../lib/engine");
}

const read = (tensors: readonly tf.Tensor[], name: string): Record<string, Float32Array> => {
  const results = Object.fromEntries(tensors.map((tensor, i) => [`${name} ${i}`, numbers(tensor)]));
  tf.dispose([...tensors]);
  return results;
};

const variablesOf = (layers: readonly tf.layers.Layer[]): tf.Variable[] => [
  ...new Set(layers.flatMap(({ trainableWeights }) => trainableWeights.map((weight) => weight.read() as tf.Variable))),
];

const questions: readonly ((setting: Setting) => Promise<Outcome>)[] = [
  async function value({ steps, x }) {
    return read([tf.tidy(() => run(steps, x))], "value");
  },

  async function readLate(setting) {
    const { steps, x, layers, random } = setting;
    const cut = random.below(steps.length + 1);
    const [middle, end] = tf.tidy(() => {
      const y = run(steps.slice(0, cut), x);
      return [y.clone(), run(steps.slice(cut), y)];
    });
    await disturb(setting);
    if (chance(random, 0.5))
      for (const layer of layers)
        tf.tidy(() => layer.setWeights(layer.getWeights().map((weight) => tf.zerosLike(weight))));
    await disturb(setting);
    return read(chance(random, 0.5) ? [end, middle] : [middle, end], "late");
  },

  async function gradientsOfWeights({ steps, x, layers }) {
    const variables = variablesOf(layers);
    if (variables.length === 0) return {};
    const { value, grads } = tf.variableGrads(() => weighted(run(steps, x)), variables);
    return { ...read([value], "value"), ...read(variables.map(({ name }) => grads[name]).filter(Boolean), "gradient") };
  },

  async function gradientsOfTensors({ steps, x, random }) {
    const cut = random.below(steps.length + 1);
    const outer = chance(random, 0.5);
    // as for saliency maps: the tensor on the way is made first, the rest is a function of it
    const middle = tf.tidy(() => run(steps.slice(0, cut), x));
    const f = (y: tf.Tensor) => weighted(run(steps.slice(cut), y));
    const results = [
      tf.grad(f)(middle),
      ...(outer ? [tf.grad((input: tf.Tensor) => weighted(run(steps, input)))(x)] : []),
    ];
    middle.dispose();
    return read(results, "gradient");
  },

  async function severalUses({ steps, x, random }) {
    const cut = random.below(steps.length + 1);
    const g = tf.grad((input: tf.Tensor) => {
      const y = run(steps.slice(0, cut), input);
      return weighted(run(steps.slice(cut), y))
        .add(weighted(y.square()))
        .add(weighted(run(steps.slice(cut), y)));
    });
    return read([g(x)], "gradient");
  },

  async function gradientsOfGradients({ steps, x }) {
    const f = (input: tf.Tensor) => weighted(run(steps, input).square());
    return read([tf.grad((input: tf.Tensor) => tf.grad(f)(input).square().sum())(x)], "second gradient");
  },

  async function innerGradient({ steps, x, random }) {
    // a gradient on the way is part of the function, as in gradient penalties
    const cut = random.below(steps.length + 1);
    const g = tf.grad((input: tf.Tensor) => {
      const y = run(steps.slice(0, cut), input);
      const inner = tf.grad((z: tf.Tensor) => weighted(run(steps.slice(cut), z)))(y);
      return weighted(y).add(inner.square().sum());
    });
    return read([g(x)], "gradient");
  },

  async function switchedBetween(setting) {
    const { steps, x, mode, random } = setting;
    const on = chance(random, 0.5);
    const g = tf.grad((input: tf.Tensor) => {
      const y = run(steps, input);
      if (mode.native) useNativeTraining(on);
      return weighted(y);
    });
    return read([g(x)], "gradient");
  },
];
