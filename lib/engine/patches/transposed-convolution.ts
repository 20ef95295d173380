// Transposed convolutions whose kernel is as large as their strides, with bias, as one operation.

import { type Source, sourceOf } from "../deferred";
import * as kernels from "../kernels";
import * as tf from "../tensorflow";
import { holderOfCall, only } from "./layer";
import { withGradients } from "./origin";

/** The parts of tfjs' Conv2DTranspose layer that its declarations keep private. */
interface TransposedConvolution {
  kernel: tf.LayerVariable;
  bias: tf.LayerVariable | null;
  activation: { apply(x: tf.Tensor): tf.Tensor } | null;
  kernelSize: number[];
  strides: number[];
  dataFormat: string;
}

const transposed = holderOfCall<TransposedConvolution>(tf.layers.conv2dTranspose({ filters: 1, kernelSize: 1 }));
const ownTransposed = transposed.call;

function nativeTransposed(
  this: TransposedConvolution,
  inputs: tf.Tensor | tf.Tensor[],
  options: { training?: boolean },
) {
  const { bias, activation, dataFormat, strides, kernelSize } = this;
  if (!bias || dataFormat !== "channelsLast" || !tf.util.arraysEqual(strides, kernelSize))
    return ownTransposed.call(this, inputs, options);
  return tf.tidy(() => {
    const y = enlarge(sourceOf(only(inputs)), this.kernel.read(), bias.read());
    return activation ? activation.apply(y) : y;
  });
}

function enlarge(x: Source, kernel: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  const [y] = withGradients(
    { x, first: false },
    [kernel, bias],
    () => [kernels.enlarge(x, kernel, bias)],
    () => [kernel, ...kernels.tensorsOf(x)],
    (dy, [savedKernel, ...copies]) => kernels.enlargeGradient(dy, kernels.madeOf(x, copies), savedKernel),
  );
  return y;
}

export function switchTransposedConvolution(on: boolean): void {
  transposed.call = on ? nativeTransposed : ownTransposed;
}
