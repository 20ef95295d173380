// How ops are called through tfjs-node's binding.
import * as tf from "./tensorflow";

type Attribute = { name: string; type: number; value: unknown };

interface Backend {
  binding: Record<`TF_${"FLOAT" | `ATTR_${"TYPE" | "FLOAT" | "INT" | "BOOL"}`}`, number>;
  executeSingleOutput(name: string, attributes: Attribute[], inputs: tf.TensorInfo[]): tf.Tensor;
  executeMultipleOutputs(name: string, attributes: Attribute[], inputs: tf.TensorInfo[], outputs: number): tf.Tensor[];
}

/** The active backend, which must be TensorFlow's. */
export const backend = () => tf.backend() as unknown as Backend;
/** An attribute that says that tensors are float32. */
export const floatType = (name: string) => ({
  name,
  type: backend().binding.TF_ATTR_TYPE,
  value: backend().binding.TF_FLOAT,
});
// Attributes of other types.
export const float = (name: string, value: number) => ({ name, type: backend().binding.TF_ATTR_FLOAT, value });
export const int = (name: string, value: number) => ({ name, type: backend().binding.TF_ATTR_INT, value });
export const bool = (name: string, value: boolean) => ({ name, type: backend().binding.TF_ATTR_BOOL, value });
