// Loads TensorFlow for Node and makes it the backend of every tf.layers model. Importing this module is enough.
import "./node-util-shim.cjs";
import * as tf from "@tensorflow/tfjs";
import { useNativeTraining } from "./native-training";

process.env.TF_CPP_MIN_LOG_LEVEL ??= "2"; // TensorFlow's start-up messages are not for people

try {
  require("@tensorflow/tfjs-node");
} catch (error) {
  throw new Error(
    `TensorFlow could not be loaded: run \`npm run setup\` in the project's folder and try again. (${(error as Error).message.split("\n")[0]})`,
  );
}
useNativeTraining(true);

export { tf, useNativeTraining };
