// What a result was made with: versions of the project and of what computes for it.
import fs from "node:fs";
import path from "node:path";
import * as tf from "@tensorflow/tfjs";

/** By name; TensorFlow's only where it runs. */
export function versions(): Record<string, string> {
  const file = path.resolve(__dirname, "..", "..", "package.json");
  const { version } = JSON.parse(fs.readFileSync(file, "utf8"));
  const { binding } = tf.backend() as unknown as { binding?: { TF_Version: string } };
  return {
    "image-denoiser": version,
    node: process.versions.node,
    tfjs: tf.version.tfjs,
    ...(binding && { tensorflow: binding.TF_Version }),
  };
}
