// Faster training of ordinary tf.layers models: tfjs builds the gradients of BatchNormalization, ReLU, bias and max-pool
// from chains of elementwise operations; here each becomes the one TensorFlow kernel made for it.
// Models, weights and saved files stay as they are; switched off, everything is as tfjs ships it.
import * as tf from "@tensorflow/tfjs";

type Attributes = { name: string; type: number; value: unknown }[];
interface Backend {
  binding: Record<"TF_FLOAT" | "TF_ATTR_TYPE" | "TF_ATTR_STRING" | "TF_ATTR_FLOAT" | "TF_ATTR_BOOL", number>;
  executeSingleOutput(name: string, attributes: Attributes, inputs: tf.TensorInfo[]): tf.Tensor;
  executeMultipleOutputs(name: string, attributes: Attributes, inputs: tf.TensorInfo[], outputs: number): tf.Tensor[];
}

const backend = () => tf.backend() as unknown as Backend;
const type = (name: string) => ({ name, type: backend().binding.TF_ATTR_TYPE, value: backend().binding.TF_FLOAT });
const float = (name: string, value: number) => ({ name, type: backend().binding.TF_ATTR_FLOAT, value });
const flag = (name: string, value: boolean) => ({ name, type: backend().binding.TF_ATTR_BOOL, value });
const channelsLast = () => ({ name: "data_format", type: backend().binding.TF_ATTR_STRING, value: "NHWC" });

const reluGradient: tf.GradConfig = {
  kernelName: "Relu",
  outputsToSave: [true],
  gradFunc: (dy, [y]) => ({ x: () => backend().executeSingleOutput("ReluGrad", [type("T")], [dy as tf.Tensor, y]) }),
};

const addGradient: tf.GradConfig = {
  kernelName: "Add",
  inputsToSave: ["a", "b"],
  gradFunc: (dy, [a, b]) => ({ a: () => sumTo(dy as tf.Tensor, a.shape), b: () => sumTo(dy as tf.Tensor, b.shape) }),
};

/** The gradient of a broadcast operand: dy summed over the axes along which it was repeated. */
function sumTo(dy: tf.Tensor, shape: number[]): tf.Tensor {
  if (tf.util.arraysEqual(dy.shape, shape)) return dy.clone();
  const channels = dy.shape[dy.rank - 1];
  const isBias =
    dy.rank >= 2 &&
    dy.dtype === "float32" &&
    shape.at(-1) === channels &&
    shape.slice(0, -1).every((size) => size === 1);
  const sum = isBias
    ? backend().executeSingleOutput("BiasAddGrad", [type("T"), channelsLast()], [dy])
    : dy.sum(tf.broadcast_util.getReductionAxes(shape, dy.shape));
  return sum.reshape(shape);
}

/** tfjs' own gradient of MaxPool runs the forward pass again; the pooled output is at hand. */
const maxPoolGradient: tf.GradConfig = {
  kernelName: "MaxPool",
  inputsToSave: ["x"],
  outputsToSave: [true],
  gradFunc: (dy, [x, y], attributes) => ({
    x: () =>
      tf.engine().runKernel("MaxPoolGrad", { dy: dy as tf.Tensor, input: x, output: y }, attributes) as tf.Tensor,
  }),
};

const nativeGradients = [reluGradient, addGradient, maxPoolGradient];
const ownGradients = nativeGradients.map(({ kernelName }) => tf.getGradient(kernelName));

/** The parts of tfjs' BatchNormalization layer that its declarations keep private. */
interface BatchNormalization extends tf.layers.Layer {
  axis: number;
  epsilon: number;
  momentum: number;
  gamma: tf.LayerVariable | null;
  beta: tf.LayerVariable | null;
  movingMean: tf.LayerVariable;
  movingVariance: tf.LayerVariable;
}

const batchNormalization = Object.getPrototypeOf(tf.layers.batchNormalization()) as BatchNormalization;
const ownCall = batchNormalization.call;

function nativeCall(
  this: BatchNormalization,
  inputs: tf.Tensor | tf.Tensor[],
  options: { training?: boolean },
): tf.Tensor | tf.Tensor[] {
  const x = Array.isArray(inputs) ? inputs[0] : inputs;
  const { gamma, beta } = this;
  const handled = options.training && x.rank === 4 && (this.axis === -1 || this.axis === 3) && gamma && beta;
  if (!handled) return ownCall.call(this, inputs, options);
  return tf.tidy(() => {
    const { y, mean, variance } = normalizeBatch(
      x as tf.Tensor4D,
      gamma.read() as tf.Tensor1D,
      beta.read() as tf.Tensor1D,
      this.epsilon,
    );
    for (const [moving, value] of [
      [this.movingMean, mean],
      [this.movingVariance, variance],
    ] as const)
      tf.tidy(() => {
        const old = moving.read();
        moving.write(old.sub(old.sub(value).mul(1 - this.momentum)));
      });
    return y;
  });
}

/** y, and the batch's mean and (unbiased) variance, of x [n, height, width, channels]. */
function normalizeBatch(x: tf.Tensor4D, gamma: tf.Tensor1D, beta: tf.Tensor1D, epsilon: number) {
  let statistics: tf.Tensor[] = [];
  const apply = tf.customGrad((input, scale, offset, save) => {
    const types = [type("T"), type("U")];
    const none = tf.tensor1d([], "float32"); // no moving statistics go in: the layer keeps them itself
    const outputs = backend().executeMultipleOutputs(
      "FusedBatchNormV3",
      [
        ...types,
        float("epsilon", epsilon),
        float("exponential_avg_factor", 1),
        channelsLast(),
        flag("is_training", true),
      ],
      [input as tf.Tensor, scale as tf.Tensor, offset as tf.Tensor, none, none],
      6,
    );
    statistics = outputs.slice(1, 3).map((tensor) => tf.keep(tensor));
    (save as tf.GradSaveFunc)([input as tf.Tensor, scale as tf.Tensor, ...outputs.slice(3)]);
    return {
      value: outputs[0],
      gradFunc: (dy: tf.Tensor, [savedInput, savedScale, ...reserved]: tf.Tensor[]) =>
        backend()
          .executeMultipleOutputs(
            "FusedBatchNormGradV3",
            [...types, float("epsilon", epsilon), channelsLast(), flag("is_training", true)],
            [dy, savedInput, savedScale, ...reserved],
            5,
          )
          .slice(0, 3),
    };
  });
  const y = apply(x, gamma, beta);
  const [mean, variance] = statistics.map((tensor) => tensor.clone());
  for (const tensor of statistics) tensor.dispose();
  return { y, mean, variance };
}

/** Switches the native gradients on or off, for all models of this process. They are on from the start. */
export function useNativeGradients(on: boolean): void {
  nativeGradients.forEach((native, i) => {
    const gradient = on ? native : ownGradients[i];
    tf.unregisterGradient(native.kernelName);
    if (gradient) tf.registerGradient(gradient);
  });
  batchNormalization.call = on ? nativeCall : ownCall;
}
