// Compares native kernels with stock tfjs: values and gradients of functions, layers and models.
import assert from "node:assert/strict";
import { tf, useNativeTraining } from "../../lib/engine";
import { wave } from "../golden";

/** Numbers from -1 to 1. */
export const tensor = (shape: number[], phase = 1) =>
  tf.tensor(
    wave(
      shape.reduce((product, size) => product * size, 1),
      phase,
    ).map((value) => 2 * value - 1),
    shape,
  );
/** The largest difference; 0 between tensors without numbers. */
export const largest = (a: tf.Tensor, b: tf.Tensor) =>
  a.size === 0 ? 0 : tf.tidy(() => a.sub(b).abs().max().dataSync()[0]);

/** Gradients of a scalar function, by stock tfjs and by the native kernels. */
export function both(f: (...x: tf.Tensor[]) => tf.Tensor, inputs: tf.Tensor[]): [tf.Tensor[], tf.Tensor[]] {
  // weighted, so that every output counts differently
  const gradient = () =>
    tf.grads((...x: tf.Tensor[]) =>
      tf.tidy(() => {
        const y = f(...x);
        return y.mul(tensor(y.shape, 3)).sum();
      }),
    )(inputs);
  useNativeTraining(false);
  const stock = gradient();
  useNativeTraining(true);
  return [stock, gradient()];
}

/** A layer's output, and the gradients with respect to its input and weights, of a weighted sum of the output. */
export function outputAndGradients(layer: tf.layers.Layer, shape: readonly number[], training = false) {
  layer.build([...shape]);
  layer.setWeights(layer.getWeights().map((weight, i) => tensor(weight.shape, 5 + i).add(i === 3 ? 1 : 0)));
  const x = tensor([...shape], 1);
  const call = (input: tf.Tensor) => layer.call(input, { training }) as tf.Tensor;
  const loss = (input: tf.Tensor) =>
    tf.tidy(
      () =>
        call(input)
          .mul(tensor(call(input).shape, 3))
          .sum() as tf.Scalar,
    );
  const [dx] = tf.grads(loss)([x]);
  const variables = layer.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const { grads } = tf.variableGrads(() => loss(x), variables);
  return { results: [call(x), dx, ...variables.map(({ name }) => grads[name])], x, dx, loss };
}

/** Asserts that a layer does the same with native kernels as without, up to rounding. */
export function sameAsStock(name: string, make: () => tf.layers.Layer, shape: readonly number[], training = false) {
  useNativeTraining(false);
  const stock = outputAndGradients(make(), shape, training).results;
  useNativeTraining(true);
  outputAndGradients(make(), shape, training).results.forEach((result, i) => {
    assert.deepEqual(result.shape, stock[i].shape);
    const scale = Math.max(1, stock[i].abs().max().dataSync()[0]);
    assert.ok(largest(result, stock[i]) < 2e-5 * scale, `${name}, result ${i}: off by ${largest(result, stock[i])}`);
  });
}

/** A loss of a model's output, and its gradients with respect to the input and all weights, native or not. */
export function lossAndGradients(make: () => tf.LayersModel, native: boolean): tf.Tensor[] {
  useNativeTraining(native);
  const model = make();
  model.setWeights(model.getWeights().map((weight, i) => tensor(weight.shape, 5 + i)));
  const x = tensor([3, ...model.inputs[0].shape.slice(1)] as number[], 1);
  const loss = (input: tf.Tensor) =>
    [model.apply(input, { training: true }) as tf.Tensor | tf.Tensor[]]
      .flat()
      .map((y) => y.mul(tensor(y.shape, 3)).sum())
      .reduce((sum, part) => sum.add(part)) as tf.Scalar;
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const { value, grads } = tf.variableGrads(() => loss(x), variables);
  return [value, tf.grad(loss)(x), ...variables.map(({ name }) => grads[name])];
}

export const apply = (layer: tf.layers.Layer, x: tf.SymbolicTensor | tf.SymbolicTensor[]) =>
  layer.apply(x) as tf.SymbolicTensor;
