// Conv2DTranspose layers whose kernel is as large as their strides, with bias: one native operation.
import * as kernels from "../kernels";
import * as tf from "../tensorflow";
import { convInput, gradientOfInput } from "./input";
import { imagesOf, patchCall } from "./layer";
import { isTensorflow, record } from "./tape";

/** The parts of tfjs' Conv2DTranspose layer that its declarations keep private. */
interface Conv2DTranspose {
  kernel: tf.LayerVariable;
  bias: tf.LayerVariable | null;
  activation: { apply(x: tf.Tensor): tf.Tensor } | null;
  kernelSize: number[];
  strides: number[];
  dataFormat: string;
}

/** Whether the patches that the pixels become lie side by side: padding is then of no importance. */
function suits({ bias, dataFormat, kernelSize, strides }: Conv2DTranspose, x: tf.Tensor4D, kernel: tf.Tensor): boolean {
  return (
    bias !== null &&
    dataFormat === "channelsLast" &&
    tf.util.arraysEqual(strides, kernelSize) &&
    kernel.rank === 4 &&
    kernel.dtype === "float32" &&
    tf.util.arraysEqual(kernel.shape.slice(0, 2), kernelSize) &&
    kernel.shape[3] === x.shape[3]
  );
}

export const switchTransposedConvolution = patchCall<Conv2DTranspose>(
  tf.layers.conv2dTranspose({ filters: 1, kernelSize: 1 }),
  (layer, own, inputs, options) => {
    const x = imagesOf(inputs);
    if (!x || !isTensorflow() || !suits(layer, x, layer.kernel.read())) return own(inputs, options);
    return tf.tidy(() => {
      const y = convTranspose(x, layer.kernel.read() as tf.Tensor4D, (layer.bias as tf.LayerVariable).read());
      return layer.activation ? layer.activation.apply(y) : y;
    });
  },
);

function convTranspose(x: tf.Tensor4D, kernel: tf.Tensor4D, bias: tf.Tensor): tf.Tensor {
  const [height, width, filters] = kernel.shape;
  const [y] = record({
    inputs: [x, kernel, bias],
    forward: () => [kernels.convTranspose(convInput(x), kernel, bias)],
    gradient(dy, [x, kernel]) {
      const { dkernel, dbias, dinputs } = kernels.convTransposeGradient(dy, convInput(x), kernel, { ofInput: true });
      const dx = gradientOfInput(x, dinputs, [dy, kernel, x], (ownDy, ownKernel, ownX) => {
        const input = { inputs: [ownX], factors: [1, 1] } as const;
        return kernels.convTransposeGradient(ownDy, input, ownKernel, { ofInput: true }).dinputs[0];
      });
      return [dx, dkernel, dbias];
    },
    stock: (x, kernel, bias) => {
      const [n, rows, columns] = x.shape as [number, number, number];
      const shape: [number, number, number, number] = [n, rows * height, columns * width, filters];
      return tf.conv2dTranspose(x as tf.Tensor4D, kernel as tf.Tensor4D, shape, [height, width], "valid").add(bias);
    },
  });
  return y;
}
