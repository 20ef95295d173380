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
    const y = convTranspose(sourceOf(only(inputs)), this.kernel.read(), bias.read());
    return activation ? activation.apply(y) : y;
  });
}

function convTranspose(x: Source, kernel: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  const [y] = withGradients(
    { x, first: false },
    [kernel, bias],
    () => [kernels.convTranspose(x, kernel, bias)],
    () => [kernel, ...kernels.tensorsOf(x)],
    (dy, [savedKernel, ...copies], ofInput) => {
      const input = kernels.withTensors(x, copies);
      const { dkernel, dbias, dinputs } = kernels.convTransposeGradient(dy, input, savedKernel, { ofInput });
      return [dkernel, dbias, ...dinputs];
    },
  );
  return y;
}

export function switchTransposedConvolution(on: boolean): void {
  transposed.call = on ? nativeTransposed : ownTransposed;
}
