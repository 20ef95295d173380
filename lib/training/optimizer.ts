// What tfjs' optimizers keep to themselves: the learning rate of their next step, and the state that continues them.
import * as tf from "@tensorflow/tfjs";
import { checkNumber } from "../checks";
import type { CallbackState as State } from "./training-run";

/** What tfjs' declarations keep private. */
interface Internals {
  learningRate?: number;
  iterations_?: number;
  /** SGD and momentum compute with - learning rate, kept as a tensor that only their setLearningRate replaces. */
  c?: tf.Scalar;
  setLearningRate?(rate: number): void;
}

const internals = (optimizer: tf.Optimizer) => optimizer as unknown as Internals;

/** The rate of the optimizer's next step, before Adamax's own decay; NaN for an optimizer that has none. */
export function learningRate(optimizer: tf.Optimizer): number {
  const { learningRate = Number.NaN, c } = internals(optimizer);
  if (!c) return learningRate;
  const used = -c.dataSync()[0];
  return used === Math.fround(learningRate) ? learningRate : used;
}

/**
 * @throws {RangeError} when the rate is negative or not a number
 * @throws {Error} when the optimizer has no rate
 */
export function setLearningRate(optimizer: tf.Optimizer, rate: number): void {
  checkNumber("the learning rate", rate, { least: 0 });
  const { learningRate, setLearningRate } = internals(optimizer);
  if (learningRate === undefined)
    throw new Error(`the optimizer ${optimizer.constructor.name} has no learningRate that could be set`);
  if (setLearningRate) setLearningRate.call(optimizer, rate);
  else internals(optimizer).learningRate = rate;
}

/** The fields that hold an optimizer's state: scalar variables, and lists with one variable for each of the model's. */
interface Fields {
  readonly scalars: readonly string[];
  readonly lists: readonly string[];
}

const fields = new Map<unknown, Fields>([
  [tf.SGDOptimizer, { scalars: [], lists: [] }],
  [tf.MomentumOptimizer, { scalars: [], lists: ["accumulations"] }],
  [tf.AdagradOptimizer, { scalars: [], lists: ["accumulatedGrads"] }],
  [tf.AdadeltaOptimizer, { scalars: [], lists: ["accumulatedGrads", "accumulatedUpdates"] }],
  [
    tf.RMSPropOptimizer,
    { scalars: [], lists: ["accumulatedMeanSquares", "accumulatedMoments", "accumulatedMeanGrads"] },
  ],
  [
    tf.AdamOptimizer,
    { scalars: ["accBeta1", "accBeta2"], lists: ["accumulatedFirstMoment", "accumulatedSecondMoment"] },
  ],
  [
    tf.AdamaxOptimizer,
    { scalars: ["accBeta1", "iteration"], lists: ["accumulatedFirstMoment", "accumulatedWeightedInfNorm"] },
  ],
]);

/** @throws {Error} when the optimizer is not one of tfjs' own, whose state is known */
function fieldsOf(optimizer: tf.Optimizer): Fields {
  const known = fields.get(optimizer.constructor);
  if (!known)
    throw new Error(
      `there can be no checkpoint of the optimizer ${optimizer.constructor.name}: its state is unknown. Use one of tf.train, or train without a checkpoint`,
    );
  return known;
}

/**
 * The optimizer and its constants, except the learning rate, which may change during a training.
 * @throws {Error} when its state cannot be saved
 */
export function describeOptimizer(optimizer: tf.Optimizer): string {
  fieldsOf(optimizer);
  const { learningRate: _, ...constants } = optimizer.getConfig();
  return `${optimizer.getClassName()} ${JSON.stringify(constants)}`;
}

interface Slot {
  readonly originalName: string;
  readonly variable: tf.Variable;
}
type Variables = Record<string, tf.Variable> & Record<string, Slot[]>;

/** The optimizer's state; the tensors are those in use. tfjs' own getWeights leaves some out. */
export function optimizerState(optimizer: tf.Optimizer): State {
  const { scalars, lists } = fieldsOf(optimizer);
  const variables = optimizer as unknown as Variables;
  const lengths = lists.map((list) => [list, (variables[list] as Slot[]).length] as const);
  return {
    values: { iterations: optimizer.iterations, ...Object.fromEntries(lengths) },
    tensors: [
      ...scalars.map((name) => variables[name] as tf.Variable),
      ...lists.flatMap((list) => (variables[list] as Slot[]).map(({ variable }) => variable)),
    ],
  };
}

/** Gives an optimizer the state that `optimizerState` returned for another of its kind, copied. */
export function restoreOptimizer(optimizer: tf.Optimizer, { values, tensors }: State): void {
  const { scalars, lists } = fieldsOf(optimizer);
  const variables = optimizer as unknown as Variables;
  const remaining = [...tensors];
  internals(optimizer).iterations_ = values.iterations;
  for (const name of scalars) (variables[name] as tf.Variable).assign(remaining.shift() as tf.Tensor);
  for (const list of lists) {
    tf.dispose((variables[list] as Slot[]).map(({ variable }) => variable));
    const slots = remaining.splice(0, values[list]);
    (variables as Record<string, Slot[]>)[list] = slots.map((tensor, i) => ({
      originalName: `${list}/${i}`,
      variable: tf.variable(tensor, false),
    }));
  }
}
