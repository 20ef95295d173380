// Multi-head self-attention (Vaswani et al. 2017) of the positions in a window of an image: a layer of its own, because tfjs
// has none. Importing this module makes it known to `tf.loadLayersModel`.
import * as tf from "@tensorflow/tfjs";

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
      const tokens = toWindows(x, window).add(this.positions.read()).reshape([-1, channels]) as tf.Tensor2D;
      const projected = tf.matMul(tokens, this.projection.read() as tf.Tensor2D);
      const attended = attention(projected.reshape([-1, window ** 2, 3 * channels]), heads);
      const mixed = tf.matMul(attended.reshape([-1, channels]), this.outputProjection.read() as tf.Tensor2D);
      return fromWindows(mixed, x.shape, window);
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

/** [n, height, width, channels] -> [windows, positions, channels] */
function toWindows(x: tf.Tensor4D, window: number): tf.Tensor {
  const [n, height, width, channels] = x.shape;
  const across = width / window;
  const rows = x.reshape([(n * height) / window, window, across, window * channels]);
  return (across === 1 ? rows : rows.transpose([0, 2, 1, 3])).reshape([-1, window ** 2, channels]);
}

/** Back from windows to [n, height, width, channels]. */
function fromWindows(x: tf.Tensor, shape: tf.Tensor4D["shape"], window: number): tf.Tensor {
  const [n, height, width, channels] = shape;
  const across = width / window;
  const rows = x.reshape([(n * height) / window, across, window, window * channels]);
  return (across === 1 ? rows : rows.transpose([0, 2, 1, 3])).reshape(shape);
}

/** Queries, keys and values [windows, positions, 3 channels] -> the weighted means of values [windows, positions, channels]. */
function attention(projected: tf.Tensor, heads: number): tf.Tensor {
  const [windows, positions, width] = projected.shape;
  const size = width / 3 / heads;
  const split = projected.reshape([windows, positions, 3, heads, size]).transpose([2, 0, 3, 1, 4]);
  const [queries, keys, values] = tf.unstack(split);
  const weights = tf.softmax(tf.matMul(queries.mul(1 / Math.sqrt(size)), keys, false, true));
  return tf
    .matMul(weights, values)
    .transpose([0, 2, 1, 3])
    .reshape([windows, positions, width / 3]);
}
