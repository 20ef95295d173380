// One random model: two training steps and a prediction with native kernels, and with stock tfjs from equal weights.
import { tf } from "../../lib/engine";
import { Random } from "../../lib/random";
import { binaryCrossentropy, logMseAndSsim } from "../../lib/training/losses";
import { difference, type Mode, numbers, type Outcome, outcomeOf } from "./compare";
import { losses, optimizers, randomModel, randomTensor, randomWeights } from "./models";

/** @returns how the two differ, or undefined */
export const modelCase = (seed: number): Promise<string | undefined> => difference((mode) => train(seed, mode));

async function train(seed: number, { change }: Mode): Promise<Outcome> {
  const random = new Random(seed, "fuzz: models");
  const before = tf.memory().numTensors;
  const model = randomModel(random);
  const optimizerName = pick(random, Object.keys(optimizers) as (keyof typeof optimizers)[]);
  const optimizer = optimizers[optimizerName]();
  const kept: tf.Tensor[] = [];
  const keep = (tensors: tf.Tensor[]) => {
    kept.push(...tensors);
    return tensors;
  };
  const outcome = await outcomeOf(async () => {
    model.setWeights(keep(randomWeights(random, model).map((tensor) => tensor.mul(1 + change))));
    const n = pick(random, [1, 2, 3, 5]);
    const [x] = keep([randomTensor(random, [n, ...model.inputs[0].shape.slice(1)] as number[])]);
    const targets = keep(
      model.outputs.map(({ shape }) => randomTensor(random, [n, ...shape.slice(1)] as number[]).sigmoid()),
    );
    const loss = pick(random, [...losses, "binaryCrossentropy of ours", "log-MSE and SSIM"] as const);
    const images = model.outputs.every(({ shape }) => shape.length === 4 && shape[1]! >= 7 && shape[2]! >= 7);
    model.compile({
      optimizer,
      loss:
        loss === "binaryCrossentropy of ours"
          ? (clean: tf.Tensor, denoised: tf.Tensor) => binaryCrossentropy(clean, denoised.sigmoid())
          : loss === "log-MSE and SSIM"
            ? images
              ? (clean: tf.Tensor, denoised: tf.Tensor) => logMseAndSsim(clean, denoised.sigmoid())
              : "meanSquaredError"
            : loss,
    });
    const results: Record<string, Float32Array> = {};
    const input = keep([x.mul(1 + change)])[0];
    for (const step of [1, 2]) {
      const value = await model.trainOnBatch(input, targets);
      results[`loss of step ${step} (${loss}, ${optimizerName})`] = Float32Array.from([value].flat());
    }
    const outputs = keep([model.predict(input) as tf.Tensor | tf.Tensor[]].flat());
    for (const [i, output] of outputs.entries()) results[`prediction ${i}`] = numbers(output);
    for (const [i, weight] of model.getWeights().entries())
      results[`weight ${i}, ${model.weights[i].originalName}`] = numbers(weight);
    return results;
  });
  tf.dispose(kept);
  model.dispose();
  optimizer.dispose();
  const left = tf.memory().numTensors - before;
  return { ...outcome, ...(left !== 0 && { "tensors left": Float32Array.of(left) }) };
}

const pick = <Value>(random: Random, values: readonly Value[]): Value => values[random.below(values.length)];

/** A model in words, to see what failed. */
export function describeModel(seed: number): string {
  const model = randomModel(new Random(seed, "fuzz: models"));
  const lines: string[] = [];
  model.summary(120, undefined, (line) => lines.push(line));
  const options = model.layers.map((layer) => `${layer.name} ${JSON.stringify(layer.getConfig())}`);
  model.dispose();
  return [...lines, ...options].join("\n");
}
