// Multi-head self-attention (Vaswani et al. 2017) of the positions in a window of an image: a layer of its own, because tfjs
// has none. Importing this module makes it known to `tf.loadLayersModel`.
import * as tf from "@tensorflow/tfjs";
import { attention } from "../engine";

/** What `windowAttention` is made of. */
export interface WindowAttentionOptions {
  name?: string;
  /** Parts of the channels that attend each for itself; the channels are a multiple of it. */
  heads: number;
  /** Rows and columns of a window, in positions. */
  window: number;
  /** Chooses the initial weights. */
  seed?: number;
}

/**
 * Each position becomes a mean of all positions in its window, weighted by how well its query fits their keys: with the
 * table of learned positions added, x W gives queries, keys and values, softmax(query . key / sqrt(channels / heads)) the
 * weights, and a matrix, which is zero at first, mixes the channels of the means. There are no biases: the table and the
 * layers after have them.
 *
 * Windows lie side by side from the upper left corner (Liu et al. 2021), so that an image's height and width are multiples
 * of the window: [n, height, width, channels] -> the same shape.
 */
export class WindowAttention extends tf.layers.Layer {
  static className = "WindowAttention";
  private readonly options: WindowAttentionOptions;
  private positions!: tf.LayerVariable;
  private projection!: tf.LayerVariable;
  private outputProjection!: tf.LayerVariable;

  constructor(options: WindowAttentionOptions) {
    super(options);
    this.options = options;
  }

  override build(inputShape: tf.Shape): void {
    const { heads, window, seed } = this.options;
    const channels = Number(inputShape[3]);
    if (channels % heads !== 0)
      throw new RangeError(`attention with ${heads} heads needs a multiple of ${heads} channels, not ${channels}`);
    const { zeros, glorotUniform } = tf.initializers;
    this.positions = this.addWeight("positions", [window ** 2, channels], "float32", zeros());
    const projection = [channels, 3 * channels];
    this.projection = this.addWeight("queries_keys_values", projection, "float32", glorotUniform({ seed }));
    this.outputProjection = this.addWeight("output", [channels, channels], "float32", zeros());
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor4D;
      const { heads, window } = this.options;
      const [, height, width, channels] = x.shape;
      if (height % window !== 0 || width % window !== 0)
        throw new RangeError(
          `${this.name} takes images whose height and width are multiples of ${window}, not ${height} x ${width}`,
        );
      const positions = window ** 2;
      const tokens = tf.add(toWindows(x, window), this.positions.read());
      const projected = tf.matMul(tf.reshape(tokens, [-1, channels]), this.projection.read()) as tf.Tensor2D;
      const attended = attention(projected, { positions, heads }, (x) => stockAttention(x, positions, heads));
      return fromWindows(tf.matMul(attended, this.outputProjection.read()), x.shape, window);
    });
  }

  override computeOutputShape(inputShape: tf.Shape): tf.Shape {
    return inputShape;
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { heads, window, seed } = this.options;
    return { ...super.getConfig(), heads, window, ...(seed !== undefined && { seed }) };
  }
}

tf.serialization.registerClass(WindowAttention);

// Functions, not methods of tensors: bundles for browsers may lack those.

/** [n, height, width, channels] -> [windows, positions, channels] */
function toWindows(x: tf.Tensor4D, window: number): tf.Tensor {
  const [n, height, width, channels] = x.shape;
  const [down, across] = [(n * height) / window, width / window];
  const exchanged = across === 1 ? x : exchange(x, [down, window, across, window * channels]);
  return tf.reshape(exchanged, [down * across, window ** 2, channels]);
}

/** Back from windows to [n, height, width, channels]. */
function fromWindows(x: tf.Tensor, shape: tf.Tensor4D["shape"], window: number): tf.Tensor {
  const [n, height, width, channels] = shape;
  const [down, across] = [(n * height) / window, width / window];
  const exchanged = across === 1 ? x : exchange(x, [down, across, window, window * channels]);
  return tf.reshape(exchanged, shape);
}

/** x in this shape, of which the two axes in the middle change places. */
const exchange = (x: tf.Tensor, shape: number[]): tf.Tensor => tf.transpose(tf.reshape(x, shape), [0, 2, 1, 3]);

/** As the engine's `attention`, of tfjs' operations. */
export function stockAttention(projected: tf.Tensor2D, positions: number, heads: number): tf.Tensor {
  const [rows, width] = projected.shape;
  const channels = width / 3 / heads;
  const split = tf.reshape(projected, [rows / positions, positions, 3, heads, channels]);
  const [queries, keys, values] = tf.unstack(tf.transpose(split, [2, 0, 3, 1, 4]));
  const scores = tf.matMul(tf.mul(queries, 1 / Math.sqrt(channels)), keys, false, true);
  const means = tf.matMul(tf.softmax(scores), values);
  return tf.reshape(tf.transpose(means, [0, 2, 1, 3]), [rows, width / 3]);
}
