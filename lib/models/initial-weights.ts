// Initial weights of a model's layers, all from one seed.
import * as tf from "@tensorflow/tfjs";
import { Random } from "../random";

/**
 * Glorot's uniform initializer for one layer after another. Each gets a seed of its own from the stream
 * "initial weights": with seed, seed + 1, … models of neighbouring seeds would be made of the same random numbers.
 * @returns a function that gives the next layer's initializer
 */
export function glorotUniform(seed: number): () => ReturnType<typeof tf.initializers.glorotUniform> {
  const random = new Random(seed, "initial weights");
  return () => tf.initializers.glorotUniform({ seed: random.bits() });
}
