// The engine that trains and runs every tf.layers model: TensorFlow, with native training kernels switched on.
// Importing this module is enough.
import { attention } from "./attention";
import { makeInspectable } from "./inspect";
import { uniformSsim } from "./kernels";
import { crossEntropy, logMseAndSsim } from "./losses";
import { useNativeTraining } from "./patches";
import * as tf from "./tensorflow";

useNativeTraining(true);
makeInspectable();

export { attention, crossEntropy, logMseAndSsim, tf, uniformSsim, useNativeTraining };
