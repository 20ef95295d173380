// TensorFlow.js with TensorFlow's library as its backend: the same names as @tensorflow/tfjs exports.
import "./node-util-shim.cjs";
import { computingThreads, threadsVariable } from "./threads";

process.env.TF_CPP_MIN_LOG_LEVEL ??= "2"; // its start-up messages are not for people; read by native/ops/log_level.cc too
process.env[threadsVariable] = String(computingThreads(process.env[threadsVariable]));

try {
  require("./binding.cjs");
  require("@tensorflow/tfjs-node");
} catch (error) {
  const [reason] = (error as Error).message.split("\n");
  throw new Error(
    `TensorFlow could not be loaded: run \`npm run setup\` in the project's folder and try again. (${reason})`,
  );
}

export * from "@tensorflow/tfjs";
