// Batch normalization without additive constants (Mohan et al. 2020): a layer of its own, because tfjs' always subtracts a
// mean. Importing this module makes it known to `tf.loadLayersModel`.
import * as tf from "@tensorflow/tfjs";

/** As Keras' batch normalization. */
const [epsilon, momentum] = [1e-3, 0.99];

/**
 * x * gamma / sqrt(variance + epsilon), by channel: by the batch's variance in training, by its moving average in inference.
 * There it is linear: a brighter image gives features that are brighter by the same factor.
 */
export class BiasFreeNormalization extends tf.layers.Layer {
  static className = "BiasFreeNormalization";
  private gamma!: tf.LayerVariable;
  private movingVariance!: tf.LayerVariable;

  override build(inputShape: tf.Shape): void {
    const shape = [inputShape[inputShape.length - 1]];
    this.gamma = this.addWeight("gamma", shape, "float32", tf.initializers.ones());
    this.movingVariance = this.addWeight("moving_variance", shape, "float32", tf.initializers.ones(), undefined, false);
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], { training }: { training?: boolean }): tf.Tensor {
    return tf.tidy(() => {
      const x = Array.isArray(inputs) ? inputs[0] : inputs;
      const moving = this.movingVariance.read();
      let variance: tf.Tensor = moving;
      if (training) {
        const axes = Array.from({ length: x.rank - 1 }, (_, axis) => axis);
        variance = tf.moments(x, axes).variance;
        this.movingVariance.write(moving.mul(momentum).add(variance.mul(1 - momentum)));
      }
      return x.mul(this.gamma.read().mul(variance.add(epsilon).rsqrt()));
    });
  }

  override computeOutputShape(inputShape: tf.Shape): tf.Shape {
    return inputShape;
  }
}

tf.serialization.registerClass(BiasFreeNormalization);
