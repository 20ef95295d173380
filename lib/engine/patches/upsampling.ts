// UpSampling2D layers with nearest-neighbour interpolation: deferred where a convolution follows, which reads each pixel
// several times.
import { defer, expressionOf } from "../deferred";
import * as kernels from "../kernels";
import * as tf from "../tensorflow";
import { imagesOf, isConvolved, patchCall } from "./layer";
import { isTensorflow, record } from "./tape";

/** The parts of tfjs' UpSampling2D layer that its declarations keep private. */
interface UpSampling2D {
  size: [number, number];
  dataFormat: string;
  interpolation: string;
}

export const switchUpsampling = patchCall<UpSampling2D>(tf.layers.upSampling2d({}), (layer, own, inputs, options) => {
  const x = imagesOf(inputs);
  const { size, dataFormat, interpolation } = layer;
  const suits =
    x &&
    isTensorflow() &&
    interpolation === "nearest" &&
    dataFormat === "channelsLast" &&
    size.every((factor) => Number.isInteger(factor) && factor >= 1) &&
    isConvolved(layer);
  return suits ? upsample(x, size) : own(inputs, options);
});

function upsample(x: tf.Tensor4D, factors: readonly [number, number]): tf.Tensor {
  const [n, height, width, channels] = x.shape;
  const size: [number, number] = [height * factors[0], width * factors[1]];
  const [y] = record({
    inputs: [x],
    forward: () => [
      defer({ op: "upsample", inputs: [x], factors }, [n, ...size, channels], (source) =>
        kernels.upsample(source, factors),
      ),
    ],
    gradient(dy) {
      const known = expressionOf(dy, "upsampledGradient")?.inputs[0];
      return [
        known && tf.util.arraysEqual(known.shape, x.shape) ? known.clone() : kernels.upsampleGradient(dy, factors),
      ];
    },
    stock: (source) => tf.image.resizeNearestNeighbor(source as tf.Tensor4D, size),
  });
  return y;
}
