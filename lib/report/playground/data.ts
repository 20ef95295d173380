// What a playground is made of, as plain data: trained models and a few clean images. A notebook holds it as one output, and
// an exported page takes it from there, so that JupyterLab, its own export, plain nbconvert and our reports need nothing
// else. A U-Net takes 0.5 MB in it.
import * as tf from "@tensorflow/tfjs";
import { checkImages, checkNumber } from "../../checks";
import type { Images } from "../../data/images";
import { pack, packFloats } from "./packing";

/** The MIME type of the data in a notebook. */
export const playgroundType = "application/vnd.image-denoiser.playground+json";

export interface PlaygroundOptions {
  /** The first one is chosen when the page opens. All take the same images. */
  readonly models: readonly { readonly name: string; readonly model: tf.LayersModel }[];
  /** Clean images to choose from, [n, height, width, channels], values in [0, 1]; kept with 8 bits. */
  readonly images: Images;
  /** The standard deviation of the Gaussian noise that the models were trained on; the noise has it at first. */
  readonly sigma: number;
  readonly seed: number;
  /** Whether the noisy values of the training were clipped to [0, 1]. */
  readonly clip?: boolean;
}

/** The images that all models of a playground take; null where any height or width will do. */
export interface PlaygroundInput {
  readonly height: number | null;
  readonly width: number | null;
  readonly channels: number;
}

export interface PlaygroundModel {
  readonly name: string;
  /** TensorFlow.js' layers format: topology and weight specifications as JSON, packed. */
  readonly topology: string;
  /** All weights one after the other, in the order of their specifications, packed. */
  readonly weights: string;
}

export interface Playground {
  readonly schema: 1;
  readonly models: readonly PlaygroundModel[];
  readonly input: PlaygroundInput;
  readonly images: { readonly shape: Images["shape"]; readonly pixels: string };
  readonly sigma: number;
  readonly seed: number;
  readonly clip: boolean;
}

/**
 * Everything that the playground's page needs.
 * @throws {RangeError} when there are no models, they take different images, or the images are none that they take
 */
export async function playground({ models, images, sigma, seed, clip = true }: PlaygroundOptions): Promise<Playground> {
  checkImages(images);
  checkNumber("sigma", sigma, { least: 0 });
  checkNumber("seed", seed, { whole: true });
  const { data, shape } = images;
  const pixels = pack(Uint8Array.from(data, (value) => Math.round(255 * Math.min(1, Math.max(0, value)))));
  return {
    schema: 1,
    models: await Promise.all(models.map(packModel)),
    input: inputOf(models, images),
    images: { shape, pixels },
    sigma,
    seed,
    clip,
  };
}

function inputOf(models: PlaygroundOptions["models"], { shape }: Images): PlaygroundInput {
  const [first, ...others] = models.map(({ model }) => model.outputs[0].shape.slice(1));
  if (!first) throw new RangeError("a playground needs at least one model");
  const other = others.find((each) => each.join() !== first.join());
  const shown = (sizes: tf.Shape) => sizes.map((size) => size ?? "any").join(" x ");
  if (other)
    throw new RangeError(
      `the models of a playground must take the same images, not some ${shown(first)} and some ${shown(other)}`,
    );
  if (shape[0] === 0) throw new RangeError("a playground needs at least one image");
  if (first.some((size, axis) => size !== null && size !== shape[axis + 1]))
    throw new RangeError(`the models take images of ${shown(first)}, not of ${shown([...shape.slice(1)])}`);
  const [height, width, channels] = first;
  return { height, width, channels: channels ?? shape[3] };
}

async function packModel({ name, model }: PlaygroundOptions["models"][number]): Promise<PlaygroundModel> {
  let packed: PlaygroundModel | undefined;
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      const { modelTopology, weightSpecs, weightData } = artifacts;
      const topology = new TextEncoder().encode(JSON.stringify({ modelTopology, weightSpecs }));
      const weights = new Float32Array(tf.io.CompositeArrayBuffer.join(weightData));
      packed = { name, topology: pack(topology), weights: packFloats(weights) };
      return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
    }),
  );
  return packed!;
}
