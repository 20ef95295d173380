// Adam's step as one operation a variable.
import * as kernels from "../kernels";
import * as tf from "../tensorflow";
import { stock } from "./stock";
import { isTensorflow } from "./tape";

type Gradients = tf.NamedTensorMap | { name: string; tensor: tf.Tensor }[];

interface Moment {
  originalName: string;
  variable: tf.Variable;
}

/** The parts of tfjs' Adam that its declarations keep private. */
interface Adam {
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  accBeta1: tf.Variable;
  accBeta2: tf.Variable;
  accumulatedFirstMoment: Moment[];
  accumulatedSecondMoment: Moment[];
  incrementIterations(): void;
  applyGradients(gradients: Gradients): void;
}

const sample = tf.train.adam();
const adam = Object.getPrototypeOf(sample) as Adam;
sample.dispose();
const stockApplyGradients = stock(adam, "applyGradients", () => adam.applyGradients);

/** Whether all are float32 numbers on TensorFlow's backend, and each gradient has its variable's shape. */
const suits = (gradients: { name: string; tensor: tf.Tensor | null }[]): boolean =>
  isTensorflow() &&
  gradients.every(({ name, tensor }) => {
    const value = tf.engine().registeredVariables[name];
    return (
      value?.dtype === "float32" &&
      (!tensor || (tensor.dtype === "float32" && tf.util.arraysEqual(tensor.shape, value.shape)))
    );
  });

function nativeApplyGradients(this: Adam, gradients: Gradients): void {
  const named = Array.isArray(gradients)
    ? gradients
    : Object.entries(gradients).map(([name, tensor]) => ({ name, tensor }));
  if (!suits(named)) {
    stockApplyGradients.call(this, gradients);
    return;
  }
  const { beta1, beta2, learningRate, epsilon, accBeta1, accBeta2 } = this;
  tf.tidy(() => {
    const [power1] = accBeta1.dataSync();
    const [power2] = accBeta2.dataSync();
    const settings = [learningRate, beta1, 1 - beta1, beta2, 1 - beta2, epsilon, 1 - power1, 1 - power2];
    const settingsTensor = tf.tensor1d(settings);
    named.forEach(({ name, tensor }, i) => {
      const value = tf.engine().registeredVariables[name];
      const moment = (moments: Moment[], kind: "m" | "v"): tf.Variable => {
        moments[i] ??= { originalName: `${name}/${kind}`, variable: tf.zerosLike(value).variable(false) };
        return moments[i].variable;
      };
      const first = moment(this.accumulatedFirstMoment, "m");
      const second = moment(this.accumulatedSecondMoment, "v");
      if (!tensor) return;
      const [newValue, newFirst, newSecond] = kernels.adamStep(value, first, second, tensor, settingsTensor);
      value.assign(newValue);
      first.assign(newFirst);
      second.assign(newSecond);
    });
    accBeta1.assign(tf.scalar(power1 * beta1));
    accBeta2.assign(tf.scalar(power2 * beta2));
  });
  this.incrementIterations();
}

export function switchAdam(on: boolean): void {
  adam.applyGradients = on ? nativeApplyGradients : stockApplyGradients;
}
