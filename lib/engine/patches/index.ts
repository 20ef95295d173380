// Faster training of ordinary tf.layers models. tfjs builds batch normalization, ReLU, bias, max-pooling, their
// gradients and Adam from chains of small operations; here each becomes one kernel made for it (native/).
// Models, weights and saved files stay as they are; switched off, everything is as tfjs ships it.

import { switchAdam } from "./adam";
import { switchRearrangement } from "./concatenate-upsampling";
import { switchConvolution } from "./convolution";
import { switchNormalization } from "./normalization";
import { switchOperations } from "./operations";
import { switchTransposedConvolution } from "./transposed-convolution";

/** Switches the native kernels on or off, for all models of this process. They are on from the start. */
export function useNativeTraining(on: boolean): void {
  switchOperations(on);
  switchConvolution(on);
  switchTransposedConvolution(on);
  switchNormalization(on);
  switchRearrangement(on);
  switchAdam(on);
}
