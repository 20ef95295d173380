// Faster training of ordinary tf.layers models. tfjs builds batch normalization, ReLU, bias, max-pooling, their
// gradients and Adam from chains of small operations; here each becomes one kernel made for it (native/).
// Models, weights and saved files stay as they are; switched off, everything is as tfjs ships it.

import { switchAdam } from "./training/adam";
import { switchConvolution } from "./training/convolution";
import { switchNormalization } from "./training/normalization";
import { switchOperations } from "./training/operations";
import { switchRearrangement } from "./training/rearrangement";
import { switchTransposedConvolution } from "./training/transposed-convolution";

/** Switches the native kernels on or off, for all models of this process. They are on from the start. */
export function useNativeTraining(on: boolean): void {
  switchOperations(on);
  switchConvolution(on);
  switchTransposedConvolution(on);
  switchNormalization(on);
  switchRearrangement(on);
  switchAdam(on);
}
