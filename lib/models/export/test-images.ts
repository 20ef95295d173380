// What an export carries so that whoever receives it can check it: two small noisy images, and what the model makes of
// them here.
import * as tf from "@tensorflow/tfjs";
import { strToU8, zipSync } from "fflate";
import { Random } from "../../random";
import { receptiveField } from "../receptive-field";
import type { Weight } from "./operations";

/** [n, height, width, channels], two where the model takes any number; values from 0 to 1. */
export interface TestImages {
  readonly noisy: Weight;
  readonly denoised: Weight;
}

/** Where the model takes any size: about this high and wide, and not square, so that a mix-up shows. */
const [usualHeight, usualWidth] = [24, 40];

/** @param model one that can be exported */
export function testImages(model: tf.LayersModel): TestImages {
  const [n, height, width, channels] = model.inputs[0].shape as readonly (number | null)[];
  const { rows, columns } = receptiveField(model);
  const multiple = (size: number, stride: number) => Math.ceil(size / stride) * stride;
  const shape: [number, number, number, number] = [
    n ?? 2,
    height ?? multiple(usualHeight, rows.stride),
    width ?? multiple(usualWidth, columns.stride),
    Number(channels),
  ];
  const random = new Random(1, "test images of an export");
  const data = Float32Array.from({ length: shape.reduce((product, size) => product * size) }, () => random.uniform());
  const denoised = tf.tidy(() => {
    const result = model.predict(tf.tensor4d(data, shape)) as tf.Tensor;
    return { shape: result.shape, data: result.dataSync() as Float32Array };
  });
  return { noisy: { shape, data }, denoised };
}

/** As PyTorch has images: [n, channels, height, width]. */
export function imagesChannelsFirst({ shape, data }: Weight): Weight {
  const [n, height, width, channels] = shape;
  const size = height * width;
  const result = new Float32Array(data.length);
  for (let image = 0, from = 0; image < n; image++)
    for (let pixel = 0; pixel < size; pixel++)
      for (let channel = 0; channel < channels; channel++, from++)
        result[(image * channels + channel) * size + pixel] = data[from];
  return { shape: [n, channels, height, width], data: result };
}

/** Arrays as an .npz file, which `numpy.load` reads. */
export function npzFile(arrays: Readonly<Record<string, Weight>>): Uint8Array {
  const files = Object.entries(arrays).map(([name, array]) => [`${name}.npy`, npy(array)] as const);
  return zipSync(Object.fromEntries(files));
}

/** https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html, version 1.0 */
function npy({ shape, data }: Weight): Uint8Array {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(", ")},), }`;
  const padding = 63 - ((10 + header.length) % 64);
  const length = header.length + padding + 1;
  const numbers = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const magic = Uint8Array.of(0x93, ...strToU8("NUMPY"), 1, 0, length & 255, length >> 8);
  return Buffer.concat([magic, strToU8(`${header}${" ".repeat(padding)}\n`), numbers]);
}
