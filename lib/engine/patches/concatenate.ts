// Concatenate layers of two tensors' channels: deferred where a convolution follows, which reads both.
import { defer, expressionOf } from "../deferred";
import * as kernels from "../kernels";
import * as tf from "../tensorflow";
import { isConvolved, isImages, patchCall } from "./layer";
import { isTensorflow, record } from "./tape";

/** The part of tfjs' Concatenate layer that its declarations keep private. */
interface Concatenate {
  axis: number;
}

/** Whether the convolutions can read these side by side. */
const suit = (inputs: tf.Tensor[]): inputs is [tf.Tensor4D, tf.Tensor4D] =>
  inputs.length === kernels.maxInputs &&
  inputs.every(
    (x) =>
      isImages(x) &&
      x.shape[3] % kernels.channelMultiple === 0 &&
      tf.util.arraysEqual(x.shape.slice(0, 3), inputs[0].shape.slice(0, 3)),
  );

export const switchConcatenate = patchCall<Concatenate>(tf.layers.concatenate(), (layer, own, inputs, options) => {
  const suits =
    isTensorflow() && [-1, 3].includes(layer.axis) && Array.isArray(inputs) && suit(inputs) && isConvolved(layer);
  return suits ? concatenate(inputs) : own(inputs, options);
});

function concatenate(inputs: [tf.Tensor4D, tf.Tensor4D]): tf.Tensor {
  const channels = inputs.map(({ shape }) => shape[3]);
  const shape = [...inputs[0].shape.slice(0, 3), channels[0] + channels[1]];
  const [y] = record({
    inputs,
    forward: () => [defer({ op: "concat", inputs }, shape, (...both) => tf.concat(both, 3))],
    gradient(dy) {
      const known = expressionOf(dy, "concat")?.inputs;
      const fits = known?.every((gradient, i) => gradient.shape[3] === channels[i]);
      return known && fits ? known.map((gradient) => gradient.clone()) : tf.split(dy, channels, 3);
    },
    stock: (...both) => tf.concat(both, 3),
  });
  return y;
}
