// MaxPooling2D layers: 2x2 pooling of a deferred convolution is carried out with it, image by image, while its result is
// in the cache.
import { defer, expressionOf } from "../deferred";
import * as kernels from "../kernels";
import * as tf from "../tensorflow";
import { convInput } from "./input";
import { all, imagesOf, patchCall } from "./layer";
import { isTensorflow, record } from "./tape";

/** The parts of tfjs' pooling layers that its declarations keep private. */
interface MaxPooling2D {
  poolSize: number[];
  strides: number[];
  dataFormat: string;
  invokeCallHook(inputs: tf.Tensor | tf.Tensor[], options: object): void;
}

/** Whether this layer takes the largest of each 2x2 pixels, with none left over: padding is then of no importance. */
const suits = ({ poolSize, strides, dataFormat }: MaxPooling2D, { shape: [, height, width] }: tf.Tensor4D): boolean =>
  dataFormat === "channelsLast" &&
  all([...poolSize, ...strides], (size) => size === 2) &&
  height % 2 === 0 &&
  width % 2 === 0;

export const switchMaxPooling = patchCall<MaxPooling2D>(tf.layers.maxPooling2d({}), (layer, own, inputs, options) => {
  const x = imagesOf(inputs);
  if (!x || !isTensorflow() || !expressionOf(x, "conv") || !suits(layer, x)) return own(inputs, options);
  layer.invokeCallHook(inputs, options);
  return poolConvolution(x);
});

/** @param x a deferred convolution */
function poolConvolution(x: tf.Tensor4D): tf.Tensor {
  let argmax: tf.Tensor;
  const [pooled] = record({
    inputs: [x],
    forward() {
      const { inputs, relu } = expressionOf(x, "conv")!;
      const [source, kernel, bias] = inputs;
      const results = kernels.convMaxPool(convInput(source), kernel, bias, relu);
      argmax = results.argmax;
      return [results.pooled];
    },
    save: (results) => [results[0], argmax],
    gradient: (dy, [x], [pooled, argmax]) => [
      defer({ op: "maxPoolGradient", inputs: [dy, x, pooled, argmax] }, x.shape, (ownDy, ownX, ownPooled) =>
        kernels.maxPool2x2Gradient(ownX, ownPooled, ownDy),
      ),
    ],
    stock: (x) => tf.maxPool(x as tf.Tensor4D, 2, 2, "valid"),
  });
  return pooled;
}
