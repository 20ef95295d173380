// TensorFlow.js as far as browsers need it: bundling puts this module in the place of @tensorflow/tfjs, whose backends for
// graphics cards warm up for seconds.
export * from "@tensorflow/tfjs-core";
export { initializers, layers, loadLayersModel } from "@tensorflow/tfjs-layers";
