// One random model: two training steps and a prediction with native kernels, and with stock tfjs from equal weights.
import { tf } from "../../lib/engine";
import { Random } from "../../lib/random";
import { binaryCrossentropy, logMseAndSsim } from "../../lib/training/losses";
import { difference, type Mode, numbers, type Outcome, outcomeOf } from "./compare";
import { losses, optimizers, pick, randomModel, randomTensor, randomWeights } from "./models";

/** @returns how the two differ, or undefined */
export const modelCase = (seed: number, onlyStock: boolean): Promise<string | undefined> =>
  difference((mode) => train(seed, mode), onlyStock);

async function train(seed: number, { change }: Mode): Promise<Outcome> {
  const random = new Random(seed, "fuzz: models");
  const model = randomModel(random);
  const optimizerName = pick(random, Object.keys(optimizers) as (keyof typeof optimizers)[]);
  const optimizer = optimizers[optimizerName]();
  const loss = pick(random, [...losses, "binaryCrossentropy of ours", "log-MSE and SSIM"] as const);
  const made: tf.Tensor[] = [];
  try {
    const n = pick(random, [1, 2, 3, 5]);
    const changed = (tensor: tf.Tensor) => {
      made.push(tensor, tensor.mul(1 + change));
      return made[made.length - 1];
    };
    model.setWeights(randomWeights(random, model).map(changed));
    const x = changed(randomTensor(random, [n, ...model.inputs[0].shape.slice(1)] as number[]));
    const targets = model.outputs.map(({ shape }) =>
      changed(tf.tidy(() => randomTensor(random, [n, ...shape.slice(1)] as number[]).sigmoid())),
    );
    model.compile({ optimizer, loss: lossOf(loss, model) });
    return await outcomeOf(async () => {
      const results: Record<string, Float32Array> = {};
      let before = 0;
      for (const step of [1, 2]) {
        const value = await model.trainOnBatch(x, targets);
        results[`loss of step ${step} (${loss}, ${optimizerName})`] = Float32Array.from([value].flat());
        // a training that has diverged is over: what layers make of NaN is not compared
        if (![value].flat().every(Number.isFinite) || !model.getWeights().every(hasOnlyFinite)) {
          results[`diverged in step ${step}`] = Float32Array.of(1);
          return results;
        }
        const outputs = [model.predict(x)].flat();
        for (const [i, output] of outputs.entries()) results[`prediction ${i} after step ${step}`] = numbers(output);
        tf.dispose(outputs);
        const { numTensors } = tf.memory();
        if (step === 2) results["tensors left"] = Float32Array.of(numTensors - before);
        before = numTensors;
      }
      for (const [i, weight] of model.getWeights().entries())
        results[`weight ${i}, ${model.weights[i].originalName.replace(/^.*\//, "")}`] = numbers(weight);
      return results;
    });
  } finally {
    tf.dispose(made);
    tf.dispose(model.weights.map((weight) => weight.read()));
    optimizer.dispose();
  }
}

const hasOnlyFinite = (tensor: tf.Tensor): boolean => tensor.dataSync().every(Number.isFinite);

function lossOf(
  name: string,
  { outputs }: tf.LayersModel,
): string | ((clean: tf.Tensor, denoised: tf.Tensor) => tf.Tensor) {
  const areImages = outputs.every(({ shape }) => shape.length === 4 && Number(shape[1]) >= 7 && Number(shape[2]) >= 7);
  if (name === "binaryCrossentropy of ours") return (clean, denoised) => binaryCrossentropy(clean, denoised.sigmoid());
  if (name !== "log-MSE and SSIM") return name;
  return areImages ? (clean, denoised) => logMseAndSsim(clean, denoised.sigmoid()) : "meanSquaredError";
}

/** A model in words, to see what failed. */
export function describeModel(seed: number): string {
  const model = randomModel(new Random(seed, "fuzz: models"));
  const lines: string[] = [];
  model.summary(120, undefined, (line) => lines.push(line));
  const options = model.layers.map((layer) => `${layer.name} ${JSON.stringify(layer.getConfig())}`);
  model.dispose();
  return [...lines, ...options].join("\n");
}
